"""Simulated devices in real time: all that are due measure, and their messages go to MQTT."""
