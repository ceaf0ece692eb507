"""The test of channels: what a person asks for, and what became of its message on each channel."""

from enum import StrEnum

import msgspec

from ward.clock import Micros

# The subject of every test begins so: it cannot be taken for an alert.
NO_ALERT = "TEST of Wardwatch, no alert"


class ChannelTest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A test message for some channels, by name. After `until` it is not queued any more."""

    channels: tuple[str, ...]
    until: Micros


class ChannelTestState(StrEnum):
    """What became of a test on one channel."""

    WAITING = "waiting"  # queued; it is tried until the channel has it, or the test ends
    DELIVERED = "delivered"  # every recipient's service accepted it
    NOT_DELIVERED = "not delivered"  # it ended, and not every recipient has it
    NOT_SENT = "not sent"  # it was not queued


class RecipientResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the service of a recipient answered to a test, and when: an `alerts.model.delivery_result.Outcome`."""

    recipient: str
    outcome: str
    at: Micros
    reply: str = ""


class ChannelTestResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What has become of a test on one channel so far; `why` where it was not sent or not delivered.

    `queued_at` is when `alerts` decided and queued it, 0 where it did not.
    """

    channel: str
    state: ChannelTestState
    why: str = ""
    queued_at: Micros = 0
    recipients: tuple[RecipientResult, ...] = ()
