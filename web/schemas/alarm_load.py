"""The alarm load of a week."""

from typing_extensions import TypedDict


class LoadTotalsSchema(TypedDict):
    """Alarms of a span. `unacknowledged` ended without having been acknowledged; `short` lasted less than 15 s,
    `repeated` began within 5 min after the one before of the same rule and bed had ended. The median is null where
    nobody acknowledged any."""

    alarms: int
    ended: int
    unacknowledged: int
    high: int
    high_unacknowledged: int
    short: int
    repeated: int
    notified: int
    median_seconds_to_acknowledge: float | None


class BedLoadSchema(TypedDict):
    """One bed: its alarms, the mean of them in a shift, its worst shift, and how many shifts were over the budget."""

    ward: str
    bed: str
    label: str
    alarms: int
    per_shift: float
    worst_shift: int
    over_budget: int


class PairLoadSchema(TypedDict):
    """The alarms of one rule at one bed: how many, and by hour of the day in the zone of the site."""

    ward: str
    bed: str
    label: str
    rule: str
    alarms: int
    short: int
    repeated: int
    unacknowledged: int
    hours: list[int]


class RuleLoadSchema(TypedDict):
    """The alarms of one rule at all beds, by hour of the day in the zone of the site."""

    rule: str
    alarms: int
    short: int
    repeated: int
    unacknowledged: int
    hours: list[int]


class TuningSchema(TypedDict):
    """What the numbers point to, and the command that tries it on the stored readings."""

    text: str
    command: str


class AlarmLoadSchema(TypedDict):
    """The alarms that began in [start, end), at all beds or those of one ward, and in as long a time before.

    `noisiest_beds` is a tenth of the beds, those with most alarms, and `noisiest_share` their part of all alarms at
    beds; null without any. `bed_shifts` counts each bed in each whole shift, `over_budget` those with more alarms than
    the budget. `beds`, `pairs` and `rules` have the most frequent first; `beds_total` and `pairs_total` count all.
    """

    at: str
    ward: str
    start: str
    end: str
    config: str
    budget: float
    totals: LoadTotalsSchema
    before: LoadTotalsSchema
    noisiest_beds: int
    noisiest_share: float | None
    bed_shifts: int
    over_budget: int
    per_bed_shift: float | None
    beds: list[BedLoadSchema]
    beds_total: int
    pairs: list[PairLoadSchema]
    pairs_total: int
    rules: list[RuleLoadSchema]
    tuning: list[TuningSchema]
    not_known: list[str]
