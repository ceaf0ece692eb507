"""Clinical scores: the points of their charts, without any state."""
