"""The port of the MQTT broker, for the bridge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One delivered message. `receipt` is for the adapter: an acknowledgement belongs to this connection.

    `redelivered` is whether the broker may have delivered it before (MQTT's DUP);
    the embedded broker does not say so.
    """

    topic: str
    payload: bytes
    retained: bool = False
    redelivered: bool = field(default=False, compare=False)
    receipt: Any = field(default=None, compare=False, repr=False)


class Broker(Protocol):
    """A persistent session on a broker.

    A message that was not acknowledged is delivered again after a reconnect. An acknowledgement for an earlier
    connection is discarded: packet ids are used again, and it would acknowledge another message. A lost connection, an
    ended network thread and a broker that accepts packets and does nothing are detected within ten seconds; the
    connection is opened again until it succeeds.
    """

    def receive(self, limit: int, wait: float) -> list[Message]:
        """At most `limit` messages in order of arrival, waiting at most `wait` seconds for the first.

        Not calling it is back pressure: the broker stores what is not acknowledged, up to its limit.
        """
        ...

    def subscribe(self, filters: Sequence[str]) -> None:
        """Subscribe to these topic filters and to no others."""
        ...

    def skip(self, unwanted: Callable[[str], bool]) -> None:
        """Acknowledge messages of unwanted topics and do not deliver them. It may deliver some all the same."""
        ...

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Acknowledge messages, so that the broker deletes them. Any thread may call it, as it may `publish`.

        Acknowledgements are sent in the order of arrival: a message that is never acknowledged holds back all later
        ones.
        """
        ...

    def publish(self, topic: str, payload: bytes) -> None:
        """Send at QoS 1 without waiting. Without a connection the message is dropped: send only what is sent again."""
        ...

    def publish_all(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Send each (topic, payload) at QoS 0, together and without waiting: send only what may be lost."""
        ...

    def problem(self) -> str:
        """What is wrong with the connection now, for people; empty when nothing is."""
        ...

    def close(self) -> None:
        """Disconnect. The broker keeps the session."""
        ...
