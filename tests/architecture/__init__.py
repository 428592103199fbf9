"""Rules about the code itself, as tests."""
