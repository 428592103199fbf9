"""Results as people look at them: terminal tables, charts, files."""
