"""Scripts: what happens when, to whom, on a whole simulated ward."""
