"""A gateway's connection to a `MemoryBroker`."""

from collections.abc import Callable

from ward.adapters.memory.broker import MemoryBroker


class MemoryGatewayConnection:
    """Port `GatewayConnection` in memory: each message is confirmed at once. A test calls `hear` for answers."""

    def __init__(self, deliver: MemoryBroker | Callable[[str, bytes], None]) -> None:
        self._deliver = deliver.deliver if isinstance(deliver, MemoryBroker) else deliver
        self._heard: list[tuple[str, bytes]] = []
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

    def hear(self, topic: str, payload: bytes) -> None:
        """Receive a message on one of its topics."""
        self._heard.append((topic, payload))

    def receive(self) -> list[tuple[str, bytes]]:
        heard, self._heard = self._heard, []
        return heard

    def drop(self) -> None:
        """Lose the connection until `connect`."""
        self._connected = False

    def close(self) -> None:
        self._connected = False
