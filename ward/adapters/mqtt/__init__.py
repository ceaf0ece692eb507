"""The broker, from the bridge's side and from a device's."""
