"""Tests of channels."""

from typing_extensions import TypedDict


class TestedRecipientSchema(TypedDict):
    """What the service of a recipient answered (`outcome` is delivered, refused, deferred or no answer), and when."""

    recipient: str
    outcome: str
    reply: str
    answered_at: str


class TestedChannelSchema(TypedDict):
    """A test on one channel. `state` is not known yet, waiting, delivered, not delivered or not sent, `why` the reason.

    `queued_at` is when it was decided and queued, null where it was not.
    """

    channel: str
    state: str
    why: str
    queued_at: str | None
    recipients: list[TestedRecipientSchema]


class ChannelTestSchema(TypedDict):
    """A test of channels: who asked for it, when, and what became of it on each channel. `finished` says whether
    anything more is to come."""

    id: str
    by: str
    asked_at: str
    finished: bool
    channels: list[TestedChannelSchema]
