"""The texts of alerts and of messages to people."""
