"""A finding: one change in an episode of a rule and a series, made by a detector."""

from enum import StrEnum

import msgspec

from ward.clock import Micros


class Transition(StrEnum):
    """The changes of an episode: it is raised once, may change severity, and is cleared once. An update has the same
    severity and the numbers of now: it notifies nobody."""

    RAISED = "raised"
    CHANGED = "changed"
    UPDATED = "updated"
    CLEARED = "cleared"


class EndReason(StrEnum):
    """Why an episode is over. Only RECOVERED means that the patient or the equipment is well again."""

    RECOVERED = "recovered"
    SIGNAL_LOST = "signal lost"
    RULE_CHANGED = "rule changed"
    REMOVED = "removed by config"
    DISCHARGED = "discharged"
    PAUSED = "paused"
    SUPERSEDED = "superseded"


class Kind(StrEnum):
    """Whether a problem is one of the patient or of the equipment (as in IEC 60601-1-8)."""

    PHYSIOLOGICAL = "physiological"
    TECHNICAL = "technical"


class Severity(StrEnum):
    """How urgent a response is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """1 for LOW to 3 for HIGH."""
        return _RANKS[self]

    @classmethod
    def of_rank(cls, rank: int) -> "Severity":
        """The severity of a level 1 to 3."""
        return _BY_RANK[rank]


_RANKS = {Severity.LOW: 1, Severity.MEDIUM: 2, Severity.HIGH: 3}
_BY_RANK = {rank: severity for severity, rank in _RANKS.items()}


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=3):
    """One transition of one episode.

    `episode` is a hash of rule, series and onset, so that a replay gives the same one; it is also the id of the
    alert. `onset` is when the condition began and `at` the time of the reading that decided, both in the device's
    time; `received_at` is when the bridge received that reading (all in microseconds since 1970). `text` explains
    the finding without names and without how long it has been so: `SpO2 84 % < 88`. `device` or `signal` is empty
    where the finding is not about one; `subject` says what a rule about beds or cohorts evaluated. Ward, bed and
    patient are those at the instant `at`. `worst` is the worst value since the onset, measured at `worst_at` by the
    device's time, where there is a `value`. The last four are of alerts that other systems post: further labels and
    annotations, until when the alert holds unless it is posted again, and a link.
    """

    episode: str
    transition: Transition
    rule: str
    detector: str
    kind: Kind
    severity: Severity
    onset: Micros
    at: Micros
    received_at: Micros
    text: str
    device: str = ""
    signal: str = ""
    ward: str = ""
    bed: str = ""
    patient: str = ""
    value: float | None = None
    limit: float | None = None
    worst: float | None = None
    worst_at: Micros | None = None
    ended: EndReason | None = None
    config: str = ""
    runbook: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    until: Micros | None = None
    url: str = ""
    subject: str = ""

    @property
    def about(self) -> str:
        """The key of its record in the log: the device, patient, bed or cohort whose values were evaluated."""
        return self.subject or self.device

    @property
    def id(self) -> str:
        """The id of this change: equal when the same change is found again."""
        return f"{self.episode}-{self.transition}-{self.severity}-{self.at}"
