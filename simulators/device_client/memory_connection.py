"""A device on a broker in memory."""

from ward.adapters.memory.broker import MemoryBroker
from ward.topics import DeviceTopics


class MemoryDeviceConnection:
    """Connected as soon as it is asked to be."""

    def __init__(self, broker: MemoryBroker, topics: DeviceTopics) -> None:
        self._broker = broker
        self._topics = topics
        self._heard: list[tuple[str, bytes]] = []
        self._connected = False

    def connect(self) -> None:
        if self._connected:
            return
        self._broker.links[self._topics.device] = self
        self._connected = True
        self.publish(self._topics.status, b"online", retain=True)

    @property
    def connected(self) -> bool:
        return self._connected

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        if self._connected:
            self._broker.publish_from(topic, payload, retain)

    def hear(self, topic: str, payload: bytes) -> None:
        """A message on one of the device's own topics."""
        if topic in (self._topics.ack, self._topics.command):
            self._heard.append((topic, payload))

    def receive(self) -> list[tuple[str, bytes]]:
        heard, self._heard = self._heard, []
        return heard

    def drop(self) -> None:
        self._leave()

    def close(self) -> None:
        self._leave()

    def _leave(self) -> None:
        """The will and a goodbye say the same: `offline`, retained."""
        if self._connected:
            self._connected = False
            self._broker.links.pop(self._topics.device, None)
            self._broker.publish_from(self._topics.status, b"offline", retain=True)
