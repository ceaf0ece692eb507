"""Log and broker in memory, for tests and simulated time."""
