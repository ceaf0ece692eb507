"""A device's connection to the MQTT broker."""

from typing import Protocol


class DeviceConnection(Protocol):
    """A device's own connection, with a last will. Never blocks."""

    def connect(self) -> None:
        """Begin to connect, and reconnect after each loss; `connected` is true once it has succeeded.

        The status topic holds `online`, retained, while connected, and `offline` after the connection was lost.
        """
        ...

    @property
    def connected(self) -> bool: ...

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """Send at QoS 1. Does nothing while not connected, or while thousands of messages wait for a PUBACK:
        the device buffer still holds them."""
        ...

    def receive(self) -> list[tuple[str, bytes]]:
        """The messages received on the device's own topics since the last call."""
        ...

    def drop(self) -> None:
        """Lose the connection without a DISCONNECT, as by a pulled cable: the broker publishes the last will.

        It stays lost until `connect`.
        """
        ...

    def close(self) -> None:
        """Publish `offline` and disconnect cleanly: the broker publishes no last will."""
        ...
