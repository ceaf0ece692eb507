"""One connection that carries the messages of many devices."""

from typing import Protocol


class GatewayConnection(Protocol):
    """The connection of a gateway, without a last will, because its devices have none. No method blocks."""

    def connect(self) -> None:
        """Start to connect, and to reconnect whenever the connection is lost. A second call changes nothing."""
        ...

    @property
    def connected(self) -> bool:
        """Whether messages can be sent now."""
        ...

    def publish(self, topic: str, payload: bytes) -> bool:
        """Send at QoS 1. False, and nothing is sent, while not connected or while too many messages are unconfirmed."""
        ...

    @property
    def confirmed(self) -> int:
        """How many messages the broker has confirmed (PUBACK) so far; the bridge may not have stored them."""
        ...

    def receive(self) -> list[tuple[str, bytes]]:
        """(topic, payload) of the messages received since the last call."""
        ...

    def close(self) -> None:
        """Disconnect for good."""
        ...
