"""How long things take. README.md says what each figure means."""
