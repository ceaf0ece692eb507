"""Who would be told of an alert, and why."""
