"""Records of the log as points of the time-series store, one file for each kind of record."""
