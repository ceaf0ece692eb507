"""Who would be notified of an alert, and why."""
