"""Config: YAML read with positions → frozen models → cross checks. Every fault has its file, line and column."""
