"""From a file's bytes to plain data with the place of each value, and to its faults."""
