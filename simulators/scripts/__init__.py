"""Scripts: which scenarios and faults happen when, and to whom, on a simulated ward."""
