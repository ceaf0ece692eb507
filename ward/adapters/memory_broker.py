"""A broker in memory: the bridge's side and any number of device links, with windows, wills and redelivery."""

from collections import deque
from collections.abc import Sequence

from ward.ports import Message
from ward.topics import DeviceTopics


class MemoryBroker:
    """Keeps what is not acknowledged, and delivers it again after `reconnect`."""

    def __init__(self, window: int = 1000) -> None:
        self._window = window
        self._waiting: deque[Message] = deque()
        self._unacknowledged: list[Message] = []
        self._epoch = 0
        self.links: dict[str, MemoryLink] = {}

    def deliver(self, topic: str, payload: bytes, retained: bool = False) -> None:
        """A message from outside, as it reaches the bridge."""
        self._waiting.append(Message(topic, payload, retained))

    def receive(self, limit: int, wait: float) -> list[Message]:
        taken: list[Message] = []
        while self._waiting and len(taken) < limit and len(self._unacknowledged) < self._window:
            waiting = self._waiting.popleft()
            message = Message(waiting.topic, waiting.payload, waiting.retained, receipt=self._epoch)
            self._unacknowledged.append(message)
            taken.append(message)
        return taken

    def acknowledge(self, messages: Sequence[Message]) -> None:
        done = {id(message) for message in messages if message.receipt == self._epoch}
        self._unacknowledged = [m for m in self._unacknowledged if id(m) not in done]

    def publish(self, topic: str, payload: bytes) -> None:
        for link in self.links.values():
            link.hear(topic, payload)

    def reconnect(self) -> None:
        """The connection was lost and is back: what was not acknowledged comes again, first."""
        self._epoch += 1
        self._waiting.extendleft(reversed(self._unacknowledged))
        self._unacknowledged = []

    def trouble(self) -> str:
        return ""

    def close(self) -> None:
        self.reconnect()


class MemoryLink:
    """A device on a `MemoryBroker`."""

    def __init__(self, broker: MemoryBroker, topics: DeviceTopics) -> None:
        self._broker = broker
        self._topics = topics
        self._heard: list[tuple[str, bytes]] = []
        self._connected = False

    def connect(self) -> None:
        self._broker.links[self._topics.device] = self
        self._connected = True
        self.publish(self._topics.status, b"online", retain=True)

    @property
    def connected(self) -> bool:
        return self._connected

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        if self._connected:
            self._broker.deliver(topic, payload)

    def hear(self, topic: str, payload: bytes) -> None:
        """A message on one of the device's own topics."""
        if topic in (self._topics.ack, self._topics.command):
            self._heard.append((topic, payload))

    def receive(self) -> list[tuple[str, bytes]]:
        heard, self._heard = self._heard, []
        return heard

    def drop(self) -> None:
        if self._connected:
            self._connected = False
            self._broker.links.pop(self._topics.device, None)
            self._broker.deliver(self._topics.status, b"offline")

    def close(self) -> None:
        if self._connected:
            self.publish(self._topics.status, b"offline", retain=True)
            self._connected = False
            self._broker.links.pop(self._topics.device, None)
