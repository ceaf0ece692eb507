"""A device on a broker in memory."""

from ward.adapters.memory.broker import MemoryBroker
from ward.topics import DeviceTopics


class MemoryDeviceConnection:
    """Connected immediately after `connect`."""

    def __init__(self, broker: MemoryBroker, topics: DeviceTopics) -> None:
        self._broker = broker
        self._topics = topics
        self._inbox: list[tuple[str, bytes]] = []
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

    def on_message(self, topic: str, payload: bytes) -> None:
        """A message on one of the device's own topics."""
        if topic in (self._topics.ack, self._topics.command):
            self._inbox.append((topic, payload))

    def receive(self) -> list[tuple[str, bytes]]:
        messages, self._inbox = self._inbox, []
        return messages

    def drop(self) -> None:
        self._disconnect()

    def close(self) -> None:
        self._disconnect()

    def _disconnect(self) -> None:
        """The last will and a clean disconnect publish the same message: `offline`, retained."""
        if self._connected:
            self._connected = False
            self._broker.links.pop(self._topics.device, None)
            self._broker.publish_from(self._topics.status, b"offline", retain=True)
