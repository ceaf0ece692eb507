"""A device's connection to the MQTT broker."""

from typing import Protocol


class DeviceConnection(Protocol):
    """A device's own connection, with a last will. Never blocks."""

    def connect(self) -> None:
        """Begin to connect, and connect again by itself whenever the broker lets go; `connected` tells when it is done.

        The status topic says `online`, retained, from then on, and `offline` after the connection was lost.
        """
        ...

    @property
    def connected(self) -> bool: ...

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """Send at QoS 1. While not connected, or while thousands wait for the broker's thanks, this does nothing:
        a device keeps what it must send."""
        ...

    def receive(self) -> list[tuple[str, bytes]]:
        """What has come on the device's own topics since the last call."""
        ...

    def drop(self) -> None:
        """Lose the connection without saying goodbye, as a fallen cable does: the last will is published.

        It stays lost until `connect`.
        """
        ...

    def close(self) -> None:
        """Say goodbye: the status says `offline`, and there is no last will."""
        ...
