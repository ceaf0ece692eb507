"""The broker as the bridge sees it, and the link as a device sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery. `receipt` is the adapter's own: it ties an acknowledgement to this connection."""

    topic: str
    payload: bytes
    retained: bool = False
    receipt: Any = field(default=None, compare=False, repr=False)


class Broker(Protocol):
    """A subscription that outlives the connection.

    A delivery that was not acknowledged comes again after a reconnect. An acknowledgement made for
    an earlier connection is forgotten instead of sent: packet ids are used again, and it would
    acknowledge somebody else's reading. Loss of the connection, a dead network thread or a broker
    that accepts and says nothing are noticed within ten seconds and mended without end.
    """

    def receive(self, limit: int, wait: float) -> list[Message]:
        """Deliveries in order of arrival, waiting at most `wait` seconds for the first.

        Not receiving is back pressure: the broker keeps what is not acknowledged, up to its window.
        """
        ...

    def listen(self, filters: Sequence[str]) -> None:
        """From now on ask for what these filters match, and for nothing else."""
        ...

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Tell the broker that it need not keep these any longer. Any thread may call it, as it may `publish`.

        The broker hears of them in the order of their arrival, so one that is never acknowledged
        holds back those behind it.
        """
        ...

    def publish(self, topic: str, payload: bytes) -> None:
        """Send at QoS 1 without waiting; while the link is down it is dropped, so send only what is sent again."""
        ...

    def problem(self) -> str:
        """What is wrong with the link now, in words; empty when nothing is."""
        ...

    def close(self) -> None: ...
