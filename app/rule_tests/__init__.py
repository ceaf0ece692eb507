"""Rules on tapes, and everything that can be simulated, in virtual time."""
