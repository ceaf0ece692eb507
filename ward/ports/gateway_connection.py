"""One connection that carries the messages of many devices."""

from typing import Protocol


class GatewayConnection(Protocol):
    """A gateway's connection: no last will, because its devices have none. Never blocks."""

    def connect(self) -> None:
        """Begin to connect, and keep connecting again by itself from then on. Calling it twice changes nothing."""
        ...

    @property
    def connected(self) -> bool: ...

    def publish(self, topic: str, payload: bytes) -> bool:
        """Send at QoS 1. False, and nothing is sent, while not connected or while too many messages are unconfirmed."""
        ...

    @property
    def confirmed(self) -> int:
        """How many messages the broker has acknowledged by PUBACK so far, which is no promise that they are stored."""
        ...

    def receive(self) -> list[tuple[str, bytes]]:
        """What has come on the topics it listens to since the last call."""
        ...

    def close(self) -> None: ...
