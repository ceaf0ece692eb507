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

    def trouble(self) -> str:
        """What is wrong with the link now, in words; empty when nothing is."""
        ...

    def close(self) -> None: ...


class Link(Protocol):
    """A device's own connection, with a last will. Never blocks."""

    def connect(self) -> None:
        """Begin to connect, and connect again by itself whenever the broker lets go; `connected` tells when it is done.

        The status topic says `online`, retained, from then on, and `offline` after the connection was lost.
        """
        ...

    @property
    def connected(self) -> bool: ...

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """Send at QoS 1. While not connected, or while thousands wait for the broker's thanks, this does nothing:
        a device keeps what it must send."""
        ...

    def receive(self) -> list[tuple[str, bytes]]:
        """What has come on the device's own topics since the last call."""
        ...

    def drop(self) -> None:
        """Lose the connection without saying goodbye, as a fallen cable does: the last will is published.

        It stays lost until `connect`.
        """
        ...

    def close(self) -> None:
        """Say goodbye: the status says `offline`, and there is no last will."""
        ...
