"""A device's side of MQTT: its connection, and its buffer of readings that are not acknowledged yet."""
