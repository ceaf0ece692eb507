"""A broker in memory: the deterministic twin of what the MQTT adapters find on the other side.

It keeps retained messages, wills, a window and a persistent session for the bridge, delivers again
what was not acknowledged, and can lose the connection, its session, or its voice when a test says so.
"""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from ward.ports import Message


class Subscriber(Protocol):
    """A connection that receives what the bridge publishes."""

    def hear(self, topic: str, payload: bytes) -> None:
        """Take one message; it may be for somebody else."""
        ...


class MemoryBroker:
    """Everything the broker does for one bridge, which subscribes to all there is."""

    def __init__(self, window: int = 1000) -> None:
        self._window = window
        self._waiting: deque[Message] = deque()
        self._unacknowledged: dict[int, Message] = {}
        self._epoch = 0
        self._id = 0
        self._up = True
        self._mute = False
        self._retained: dict[str, bytes] = {}
        self.links: dict[str, Subscriber] = {}

    def deliver(self, topic: str, payload: bytes, retained: bool = False) -> None:
        """A message from outside, as it reaches the bridge; `retained` as if it had been kept from before."""
        self._waiting.append(Message(topic, payload, retained))

    def publish_from(self, topic: str, payload: bytes, retain: bool) -> None:
        """A message of a device. Retained ones are kept for who subscribes later."""
        if self._mute:
            return
        if retain:
            self._retained[topic] = payload
        self.deliver(topic, payload)

    def receive(self, limit: int, wait: float) -> list[Message]:
        taken: list[Message] = []
        while self._listens() and self._waiting and len(taken) < limit and len(self._unacknowledged) < self._window:
            waiting = self._waiting.popleft()
            self._id += 1
            message = Message(waiting.topic, waiting.payload, waiting.retained, receipt=(self._epoch, self._id))
            self._unacknowledged[self._id] = message
            taken.append(message)
        return taken

    def listen(self, filters: Sequence[str]) -> None:
        """It takes all there is."""

    def acknowledge(self, messages: Sequence[Message]) -> None:
        for message in messages if self._listens() else ():
            epoch, number = message.receipt
            if epoch == self._epoch:
                self._unacknowledged.pop(number, None)

    def publish(self, topic: str, payload: bytes) -> None:
        for link in list(self.links.values()) if self._listens() else ():
            link.hear(topic, payload)

    def lose_connection(self) -> None:
        """The bridge's connection is gone until `reconnect`; the broker keeps what comes."""
        self._up = False
        self._epoch += 1
        self._id = 0  # packet ids are used again, as a real broker does
        # Before what came later: the broker sends again in the order in which it sent first.
        self._waiting.extendleft(reversed(self._unacknowledged.values()))
        self._unacknowledged.clear()

    def reconnect(self, session_lost: bool = False, subscribe: bool = False) -> None:
        """The connection was lost and is back: what was not acknowledged comes again, first.

        With `session_lost` the broker has forgotten that. With `subscribe` the bridge subscribes
        anew, as the MQTT adapter does on each connection, and what is retained comes once more.
        """
        self.lose_connection()
        if session_lost:
            self._waiting.clear()
        self._up, self._mute = True, False
        for topic, payload in self._retained.items() if subscribe else ():
            self.deliver(topic, payload, retained=True)

    def mute(self) -> None:
        """From now on the broker takes everything and does nothing, until `reconnect`: an adapter's supervision."""
        self._mute = True

    def problem(self) -> str:
        if not self._up:
            return "no connection to the MQTT broker"
        return "the MQTT broker says nothing" if self._mute else ""

    def close(self) -> None:
        """The bridge leaves. Its session stays, and the next bridge finds what was not acknowledged."""
        self.lose_connection()
        self._up = True

    def _listens(self) -> bool:
        return self._up and not self._mute
