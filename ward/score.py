"""A score of the patient in a bed, as a record of the log."""

import msgspec

from ward.clock import Micros


class ScorePart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of the values that a score is made from: `value`, measured or observed at `at`, None for one that there is
    not; and its `points`, None where they are not known. A value that is `too_old` does not count."""

    signal: str
    value: float | None = None
    at: Micros | None = None
    points: float | None = None
    too_old: bool = False


class BedScore(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1):
    """What a rule about a bed makes of all that is known at `at` (microseconds since 1970).

    `name` is the detector, such as `news2`. `value` is the score, None where parts of it are not known: then it is
    `at_least` so much, of `highest` at most. `severity` is the level that the rule holds now, empty for none. `text`
    says it in words, `response` what to do. `observed_until` is until when what people observe holds, None where
    nobody need observe anything, or has not yet.
    """

    rule: str
    name: str
    subject: str
    ward: str
    bed: str
    patient: str
    at: Micros
    at_least: float
    highest: float
    value: float | None = None
    severity: str = ""
    text: str = ""
    response: str = ""
    parts: list[ScorePart] = []
    observed_until: Micros | None = None
