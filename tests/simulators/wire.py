"""A bridge reduced to its promise, and a link that writes down what goes over it: for tests of devices."""

import json

from simulators.device_client.memory_connection import MemoryDeviceConnection
from ward.adapters.memory.broker import MemoryBroker
from ward.topics import DeviceTopics

TOPICS = DeviceTopics("ward", "icu", "mon-1")
Number = tuple[str, int]


def number(payload: bytes) -> Number:
    """Boot and sequence number of a native payload."""
    told = json.loads(payload)
    return told["boot"], told["seq"]


class WatchedLink(MemoryDeviceConnection):
    """A link on the memory broker; `sent` has the numbers of all readings given to it while it was up."""

    def __init__(self, broker: MemoryBroker, topics: DeviceTopics = TOPICS) -> None:
        super().__init__(broker, topics)
        self.sent: list[Number] = []
        self.payloads: list[bytes] = []

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        if self.connected and topic.endswith("/readings"):
            self.sent.append(number(payload))
            self.payloads.append(payload)
        super().publish(topic, payload, retain)


class SmallBridge:
    """Takes readings and thanks for them, cumulatively by boot: everything up to here, with nothing missing."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self.taken: list[Number] = []
        self.statuses: list[bytes] = []
        self._owed: dict[tuple[str, str], None] = {}

    def take(self, limit: int = 1000) -> int:
        """Take what has come, without a word to the devices. Returns how many readings it was."""
        messages = self._broker.receive(limit, 0)
        self._broker.acknowledge(messages)
        count = 0
        for message in messages:
            if message.topic.endswith("/status"):
                self.statuses.append(message.payload)
            elif message.topic.endswith("/readings"):
                boot, seq = number(message.payload)
                self.taken.append((boot, seq))
                self._owed[(message.topic.removesuffix("readings") + "ack", boot)] = None
                count += 1
        return count

    def thank(self) -> None:
        """Send the acknowledgements that are owed."""
        for topic, boot in self._owed:
            here = {seq for b, seq in self.taken if b == boot}
            upto = 0
            while upto + 1 in here:
                upto += 1
            if upto:
                self._broker.publish(topic, json.dumps({"boot": boot, "seq": upto}).encode())
        self._owed.clear()

    def forget_to_thank(self) -> None:
        """Acknowledgements get lost."""
        self._owed.clear()

    def lose(self) -> None:
        """What is on its way is lost, as a broker that is killed loses it."""
        while messages := self._broker.receive(1000, 0):
            self._broker.acknowledge(messages)
