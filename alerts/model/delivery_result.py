"""What became of a message at one recipient."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from ward.clock import Micros

# A recipient that refuses a message for good is asked so often in all: an administrator may mend it meanwhile.
MOST_REFUSALS = 3


class Outcome(StrEnum):
    """How an attempt at one recipient ended."""

    DELIVERED = "delivered"  # the service accepted the message
    REFUSED = "refused"  # the service answered that it never will: SMTP 5xx, HTTP 4xx
    DEFERRED = "deferred"  # the service answered that it does not now
    NO_RECEIPT = "no receipt"  # the service accepted the message, the recipient's phone has not: never of an attempt
    NO_ANSWER = "no answer"  # the service could not be asked, or did not answer


class DeliveryResult(msgspec.Struct, frozen=True):
    """One attempt at one recipient; `reply` is what the service answered, in one line.

    `reference` is by which the service knows the message, where it can say later whether the phone has it.
    """

    outcome: Outcome
    reply: str = ""
    reference: str = ""


class RecipientState(msgspec.Struct, frozen=True):
    """The last attempt at a recipient, and how many there were; `at` is when it ended, once it is stored."""

    outcome: Outcome
    attempts: int = 1
    reply: str = ""
    at: Micros = 0

    @property
    def final(self) -> bool:
        """Whether the recipient is not asked again with this message."""
        given_up = self.outcome is Outcome.REFUSED and self.attempts >= MOST_REFUSALS
        return given_up or self.outcome is Outcome.DELIVERED

    def after(self, result: DeliveryResult) -> "RecipientState":
        """The state after one more attempt."""
        return RecipientState(result.outcome, self.attempts + 1, result.reply)


def summary(recipients: Mapping[str, RecipientState]) -> str:
    """`delivered`, `delivered to 2 of 3`, `refused by all` or `delivered to nobody`."""
    if not recipients:
        return "delivered to nobody"
    delivered = sum(state.outcome is Outcome.DELIVERED for state in recipients.values())
    if delivered == len(recipients):
        return str(Outcome.DELIVERED)
    return f"delivered to {delivered} of {len(recipients)}" if delivered else "refused by all"


def faults(recipients: Iterable[tuple[str, RecipientState]]) -> str:
    """`ben@ward.test: 550 5.1.1 no such user; …`: who does not have the message, and why."""
    return "; ".join(f"{name}: {state.reply}" for name, state in recipients if state.outcome is not Outcome.DELIVERED)
