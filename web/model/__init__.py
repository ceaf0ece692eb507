"""The read model: state folded from the log, in memory. Instants are microseconds since 1970, never texts."""
