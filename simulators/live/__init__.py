"""Simulated devices in real time: each device that is due measures, and its messages go to MQTT."""
