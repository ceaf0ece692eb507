"""A device's side of MQTT: its connection, and the buffer of what is not acknowledged yet."""
