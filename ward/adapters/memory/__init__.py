"""Everything in memory, for tests and rehearsals."""
