"""How much is on its way from the gate to the bridge: passed on, and not received by the bridge."""

import threading
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from ward.ports import Broker, Message

MOST_UNITS = 200
LOST_AFTER = 2.0  # seconds
_MOST_COUNTED = 20_000  # units: the bridge may receive nothing for hours
_MOST_UNREAD = 10_000
_BYTES = 256
_MOST_BYTES = 65_536  # what is larger is not decoded


def units(size: int) -> int:
    """What a payload of so many bytes costs: one for a reading, more for a message with many."""
    return 1 + min(size, _MOST_BYTES) // _BYTES


class _Passed(NamedTuple):
    at: float
    units: int


class IntakeWindow:
    """Has room while the bridge keeps up. The gate calls `passed`, the thread that receives for the bridge `received`.

    A message may never be received: the bridge is not subscribed to its topic, or the broker dropped it. It is no
    longer counted when one has been received that was passed on `LOST_AFTER` later, nor are others of its topic
    until one of them is received.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, deque[_Passed]] = {}
        self._units = 0
        self._unread: set[str] = set()

    @property
    def room(self) -> bool:
        return self._units < MOST_UNITS

    def passed(self, topic: str, cost: int, now: float) -> None:
        """A message is passed on to the broker."""
        with self._lock:
            if topic not in self._unread and self._units < _MOST_COUNTED:
                self._waiting.setdefault(topic, deque()).append(_Passed(now, cost))
                self._units += cost

    def received(self, topics: Iterable[str]) -> None:
        """The bridge has received a message of each of these topics."""
        with self._lock:
            newest = 0.0
            for topic in topics:
                self._unread.discard(topic)
                if waiting := self._waiting.get(topic):
                    newest = max(newest, waiting[0].at)
                    self._units -= waiting.popleft().units
                    if not waiting:
                        del self._waiting[topic]
            self._forget_lost(newest - LOST_AFTER)

    def _forget_lost(self, before: float) -> None:
        lost = [topic for topic, waiting in self._waiting.items() if waiting[0].at < before]
        if len(self._unread) + len(lost) > _MOST_UNREAD:
            self._unread.clear()
        for topic in lost:
            self._units -= sum(passed.units for passed in self._waiting.pop(topic))
            self._unread.add(topic)


class WindowedBroker:
    """Port `Broker`: reports to a window what the bridge receives from another one."""

    def __init__(self, broker: Broker, window: IntakeWindow) -> None:
        self._broker = broker
        self._window = window
        self.subscribe = broker.subscribe
        self.skip = broker.skip
        self.acknowledge = broker.acknowledge
        self.publish = broker.publish
        self.publish_all = broker.publish_all
        self.problem = broker.problem
        self.close = broker.close

    def receive(self, limit: int, wait: float) -> list[Message]:
        messages = self._broker.receive(limit, wait)
        if messages:
            self._window.received(message.topic for message in messages)
        return messages
