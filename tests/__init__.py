"""Tests of the package, by kind: each folder is one kind, CONTRIBUTING.md says which."""
