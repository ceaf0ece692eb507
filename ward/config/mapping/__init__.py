"""What config can say of a maker's JSON."""
