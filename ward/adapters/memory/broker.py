"""A broker in memory, deterministic, with the guarantees of an MQTT broker.

It has retained messages, last wills, a limit of unacknowledged messages and a persistent session for the bridge. A test
can make it lose the connection or the session, or accept messages without forwarding them.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from ward.ports import Message


class Subscriber(Protocol):
    """A connection that receives the messages of the bridge."""

    def on_message(self, topic: str, payload: bytes) -> None:
        """Receive one message; it may be for another device."""
        ...


class MemoryBroker:
    """Port `Broker` in memory, for one bridge, which is subscribed to all topics."""

    def __init__(self, window: int = 1000) -> None:
        self._window = window
        self._unwanted: Callable[[str], bool] = lambda _: False
        self._waiting: deque[Message] = deque()
        self._unacknowledged: dict[int, Message] = {}
        self._epoch = 0
        self._id = 0
        self._up = True
        self._unresponsive = False
        self._retained: dict[str, bytes] = {}
        self.links: dict[str, Subscriber] = {}

    def deliver(self, topic: str, payload: bytes, retained: bool = False) -> None:
        """A message for the bridge; `retained` as if it had been published before the subscription."""
        self._waiting.append(Message(topic, payload, retained))

    def publish_from(self, topic: str, payload: bytes, retain: bool) -> None:
        """A message of a device. Retained ones are stored for later subscriptions."""
        if self._unresponsive:
            return
        if retain:
            self._retained[topic] = payload
        self.deliver(topic, payload)

    def receive(self, limit: int, wait: float) -> list[Message]:
        taken: list[Message] = []
        while self._responds() and self._waiting and len(taken) < limit and len(self._unacknowledged) < self._window:
            waiting = self._waiting.popleft()
            if self._unwanted(waiting.topic):
                continue
            self._id += 1
            message = Message(
                waiting.topic, waiting.payload, waiting.retained, waiting.redelivered, (self._epoch, self._id)
            )
            self._unacknowledged[self._id] = message
            taken.append(message)
        return taken

    def subscribe(self, filters: Sequence[str]) -> None:
        """The bridge is subscribed to all topics."""

    def skip(self, unwanted: Callable[[str], bool]) -> None:
        self._unwanted = unwanted

    def acknowledge(self, messages: Sequence[Message]) -> None:
        for message in messages if self._responds() else ():
            epoch, number = message.receipt
            if epoch == self._epoch:
                self._unacknowledged.pop(number, None)

    def publish(self, topic: str, payload: bytes) -> None:
        for link in list(self.links.values()) if self._responds() else ():
            link.on_message(topic, payload)

    def publish_all(self, messages: Sequence[tuple[str, bytes]]) -> None:
        for topic, payload in messages:
            self.publish(topic, payload)

    def lose_connection(self) -> None:
        """The bridge loses its connection until `reconnect`; the broker stores all messages."""
        self._up = False
        self._epoch += 1
        self._id = 0  # packet ids are used again, as a real broker does
        # Before later messages: the broker delivers again in the original order.
        again = [replace(message, redelivered=True) for message in self._unacknowledged.values()]
        self._waiting.extendleft(reversed(again))
        self._unacknowledged.clear()

    def reconnect(self, session_lost: bool = False, subscribe: bool = False) -> None:
        """Lose the connection and connect again: unacknowledged messages are delivered again, first.

        With `session_lost` they are lost. With `subscribe` the bridge subscribes again, as the MQTT adapter does on
        each connection, and retained messages are delivered once more.
        """
        self.lose_connection()
        if session_lost:
            self._waiting.clear()
        self._up, self._unresponsive = True, False
        for topic, payload in self._retained.items() if subscribe else ():
            self.deliver(topic, payload, retained=True)

    def stop_responding(self) -> None:
        """From now on the broker accepts all messages and forwards none, until `reconnect`."""
        self._unresponsive = True

    def problem(self) -> str:
        if not self._up:
            return "no connection to the MQTT broker"
        return "the MQTT broker does not respond" if self._unresponsive else ""

    def close(self) -> None:
        """The bridge disconnects. Its session stays: the next bridge gets the unacknowledged messages."""
        self.lose_connection()
        self._up = True

    def _responds(self) -> bool:
        return self._up and not self._unresponsive
