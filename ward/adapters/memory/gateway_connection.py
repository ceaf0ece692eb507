"""A gateway's connection to a `MemoryBroker`."""

from collections.abc import Callable

from ward.adapters.memory.broker import MemoryBroker


class MemoryGatewayConnection:
    """Port `GatewayConnection` in memory: each message is confirmed at once. A test calls `on_message` for answers."""

    def __init__(self, deliver: MemoryBroker | Callable[[str, bytes], None]) -> None:
        self._deliver = deliver.deliver if isinstance(deliver, MemoryBroker) else deliver
        self._inbox: list[tuple[str, bytes]] = []
        self._connected = False
        self.confirmed = 0

    def connect(self) -> None:
        self._connected = True

    @property
    def connected(self) -> bool:
        return self._connected

    def publish(self, topic: str, payload: bytes) -> bool:
        if self._connected:
            self._deliver(topic, payload)
            self.confirmed += 1
        return self._connected

    def on_message(self, topic: str, payload: bytes) -> None:
        """Receive a message on one of its topics."""
        self._inbox.append((topic, payload))

    def receive(self) -> list[tuple[str, bytes]]:
        messages, self._inbox = self._inbox, []
        return messages

    def drop(self) -> None:
        """Lose the connection until `connect`."""
        self._connected = False

    def close(self) -> None:
        self._connected = False
