"""What the command line asks of a running screen's API."""
