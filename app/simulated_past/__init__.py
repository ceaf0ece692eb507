"""The week before the first start of the demo: simulated, evaluated, rolled up, and marked as simulated."""
