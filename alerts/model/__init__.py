"""Plain data of the alerts: no input or output, no clock."""
