"""A finding: what a detector says about one series, edge by edge."""

from enum import StrEnum

import msgspec

from ward.clock import Micros


class Edge(StrEnum):
    """How an episode moves: it is raised once, may change severity, and is cleared once."""

    RAISED = "raised"
    CHANGED = "changed"
    CLEARED = "cleared"


class End(StrEnum):
    """Why an episode is over. Only RECOVERED says anything good about a patient."""

    RECOVERED = "recovered"
    SIGNAL_LOST = "signal lost"
    RULE_CHANGED = "rule changed"
    DISCHARGED = "discharged"
    PAUSED = "paused"
    SUPERSEDED = "superseded"


class Kind(StrEnum):
    """Whether the patient or the equipment is in problem (IEC 60601-1-8 keeps them apart)."""

    PHYSIOLOGICAL = "physiological"
    TECHNICAL = "technical"


class Severity(StrEnum):
    """How soon somebody must come."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """1 for LOW to 3 for HIGH: the level the engine decides on."""
        return _RANKS[self]

    @classmethod
    def of_rank(cls, rank: int) -> "Severity":
        """The severity of a level 1 to 3."""
        return _BY_RANK[rank]


_RANKS = {Severity.LOW: 1, Severity.MEDIUM: 2, Severity.HIGH: 3}
_BY_RANK = {rank: severity for severity, rank in _RANKS.items()}


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1):
    """One edge of one episode.

    `episode` follows from rule, series and onset, so a replay finds the same episode again; it is
    also the incarnation of the alert people acknowledge. `onset` is when the condition began and
    `at` the reading that decided, both in the device's time; `seen` is when that reading came in.
    `text` explains it without any name: `SpO2 84 % < 88 for 15 s`. `device` or `signal` is empty
    where the finding is not about one. Ward, bed and patient are those of the instant `at`.
    The last four are of alerts posted by other systems: labels and annotations beyond ours, until
    when it holds unless it is posted again, and a page about it.
    """

    episode: str
    edge: Edge
    rule: str
    detector: str
    kind: Kind
    severity: Severity
    onset: Micros
    at: Micros
    seen: Micros
    text: str
    device: str = ""
    signal: str = ""
    ward: str = ""
    bed: str = ""
    patient: str = ""
    value: float | None = None
    limit: float | None = None
    ended: End | None = None
    config: str = ""
    runbook: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    until: Micros | None = None
    url: str = ""

    @property
    def id(self) -> str:
        """The same edge of the same episode has the same id, however often it is told."""
        return f"{self.episode}-{self.edge}-{self.severity}-{self.at}"
