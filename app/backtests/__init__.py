"""Rules on a ward's own past."""
