"""A minimal bridge, and a connection that records what is sent over it: for tests of devices."""

import json

from simulators.device_client.memory_connection import MemoryDeviceConnection
from ward.adapters.memory.broker import MemoryBroker
from ward.topics import DeviceTopics

TOPICS = DeviceTopics("ward", "icu", "mon-1")
Number = tuple[str, int]


def number(payload: bytes) -> Number:
    """Boot and sequence number of a native payload."""
    reading = json.loads(payload)
    return reading["boot"], reading["seq"]


class RecordingConnection(MemoryDeviceConnection):
    """A connection to the memory broker; `sent` has the numbers of all readings published while connected."""

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
    """Takes readings and acknowledges them cumulatively by boot: everything up to the first gap."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self.taken: list[Number] = []
        self.statuses: list[bytes] = []
        self._pending: dict[tuple[str, str], None] = {}

    def take(self, limit: int = 1000) -> int:
        """Take the received messages, without acknowledging to the devices. Returns how many readings they were."""
        messages = self._broker.receive(limit, 0)
        self._broker.acknowledge(messages)
        count = 0
        for message in messages:
            if message.topic.endswith("/status"):
                self.statuses.append(message.payload)
            elif message.topic.endswith("/readings"):
                boot, seq = number(message.payload)
                self.taken.append((boot, seq))
                self._pending[(message.topic.removesuffix("readings") + "ack", boot)] = None
                count += 1
        return count

    def acknowledge(self) -> None:
        """Send the pending acknowledgements."""
        for topic, boot in self._pending:
            here = {seq for b, seq in self.taken if b == boot}
            upto = 0
            while upto + 1 in here:
                upto += 1
            if upto:
                self._broker.publish(topic, json.dumps({"boot": boot, "seq": upto}).encode())
        self._pending.clear()

    def lose_acknowledgements(self) -> None:
        """Drop the pending acknowledgements."""
        self._pending.clear()

    def lose(self) -> None:
        """Drop all messages in the broker, as a kill of the broker does."""
        while messages := self._broker.receive(1000, 0):
            self._broker.acknowledge(messages)
