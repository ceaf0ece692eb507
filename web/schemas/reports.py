"""Reports: the handover of a shift, and the alarm load of a week."""

from typing_extensions import TypedDict

from web.schemas.common import AlertSchema, SilenceSchema, ValueSchema


class OverrideSchema(TypedDict):
    """Limits of a bed that are other than its ward's: `changes` in words, why, by whom, until when (null: no end)."""

    changes: list[str]
    why: str
    by: str
    until: str | None


class DeviceProblemSchema(TypedDict):
    """A device of a bed that sends nothing, or not all; `since` is null where it has never sent anything."""

    device: str
    text: str
    since: str | None


class RuleCountSchema(TypedDict):
    """Ended alerts of one rule: how many, how many of them were never acknowledged, the longest, from when to when.

    `text` is that of the gravest of them.
    """

    name: str
    severity: str
    count: int
    unacknowledged: int
    longest_s: float
    first: str
    last: str
    text: str


class BedHandoverSchema(TypedDict):
    """One bed. `now` are its `values` in words, `open` the active alerts, by priority.

    `ended` are the alerts of the shift that have ended, newest first; where they are many, `ended` is empty and
    `ended_by_rule` counts all of them. `not_evaluated` says what of this bed is not watched now, empty where all is.
    """

    bed: str
    label: str
    patient: str
    patient_since: str | None
    values: list[ValueSchema]
    now: str
    open: list[AlertSchema]
    ended: list[AlertSchema]
    ended_total: int
    ended_by_rule: list[RuleCountSchema]
    silences: list[SilenceSchema]
    overrides: list[OverrideSchema]
    devices: list[DeviceProblemSchema]
    not_evaluated: str


class SentReportSchema(TypedDict):
    """A mail that was asked for: when, by whom, for which receivers."""

    at: str
    by: str
    receivers: list[str]


class HandoverSchema(TypedDict):
    """What a ward hands over: the shift [start, end), and everything in force at `at`, when it was made.

    `shift` is the name of the shift, empty for another span. `not_known` says what the report cannot say. `others` and
    `others_ended` are alerts of the ward about no bed; `silences` those that no single bed has.
    """

    at: str
    ward: str
    ward_name: str
    shift: str
    start: str
    end: str
    config: str
    open: int
    unacknowledged: int
    ended: int
    not_known: list[str]
    silences: list[SilenceSchema]
    beds: list[BedHandoverSchema]
    others: list[AlertSchema]
    others_ended: list[AlertSchema]
    others_ended_by_rule: list[RuleCountSchema]
    sent: list[SentReportSchema]


class ReportMailSchema(TypedDict):
    """A report as its mail has it; `short` is what channels get that have room for a line."""

    subject: str
    body: str
    short: str


class SendReportSchema(TypedDict):
    """The request for a mail that was written, and its effect in words (`effect`)."""

    id: str
    effect: str
