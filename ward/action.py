"""An action of a person about an alert or a silence, as a record of the log."""

from collections.abc import MutableMapping
from enum import StrEnum

import msgspec

from ward.channel_test import ChannelTest, ChannelTestResult
from ward.clock import Micros
from ward.silence import Silence


class ActionType(StrEnum):
    """What a person can do."""

    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"
    TAKE_OVER = "take_over"
    SEEN = "seen"
    SILENCE = "silence"
    EXPIRE = "expire"
    REPORT = "report"
    TEST = "test"
    OBSERVE = "observe"
    TEST_RESULT = "test_result"  # of `alerts`, not of a person


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A text for receivers that is about no single alert, as a handover. Its channels get it like a notification.

    `short` is sent alone where a channel has room for few characters. After `until` (microseconds since 1970) it is not
    queued any more: it would be read as news.
    """

    receivers: tuple[str, ...]
    subject: str
    body: str
    short: str
    until: Micros


class Observation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person observed of the patient in a bed, at `at` (microseconds since 1970): values by signal."""

    bed: str
    at: Micros
    values: dict[str, float]
    patient: str = ""


class Action(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=5):
    """Who did what, when and why. An action with an `id` that was applied before changes nothing.

    `subject` is the id of the alert for (un)acknowledge, take_over and seen, of the silence for silence and expire, and
    what a report is about: `handover icu`; for a test its channels, for a result the id of the test, for an observation
    the bed.
    """

    id: str
    type: ActionType
    subject: str
    by: str
    at: Micros
    note: str = ""
    silence: Silence | None = None
    report: Report | None = None
    test: ChannelTest | None = None
    result: ChannelTestResult | None = None
    observation: Observation | None = None


def silences_after(silences: MutableMapping[str, Silence], action: Action) -> None:
    """Apply one more action from the log to a table of silences by id."""
    if action.type is ActionType.SILENCE and action.silence is not None:
        silences[action.silence.id] = action.silence
    elif action.type is ActionType.EXPIRE and action.subject in silences:
        silences[action.subject] = silences[action.subject].expired(action.at)
