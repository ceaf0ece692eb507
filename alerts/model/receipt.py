"""What became of a message after a service accepted it, as far as the recipient's phone confirms it."""

from typing import NamedTuple

from ward.alert import ReceiptState
from ward.clock import Micros


class ReceiptAnswer(NamedTuple):
    """What a gateway says about a message; `state` is None while that is open.

    `answered` is false where the gateway as a whole does not answer now.
    """

    state: ReceiptState | None
    reply: str
    answered: bool = True


class Receipt(NamedTuple):
    """One message to one phone. Times are on the wall clock; `state` is "" while nothing is known.

    `reference` is the notifier's name for the message, after the name of its gateway and a space. `alerts` are the ids
    of those that it reports as new. `asked` counts how often the gateway was asked, `at` is when the state was noted.
    """

    channel: str
    recipient: str
    key: str
    reference: str
    alerts: str
    sent_at: Micros
    state: str = ""
    reply: str = ""
    at: Micros = 0
    asked: int = 0
    ask_at: Micros = 0

    @property
    def gateway(self) -> str:
        """The gateway that accepted the message."""
        return self.reference.partition(" ")[0]
