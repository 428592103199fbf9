"""Blocks of paths on threads, checkpoints of what is finished, and the store of runs."""
