"""An episode of a rule in the past: where, from when to when, its highest severity, and how it ended."""

from dataclasses import dataclass

from ward.clock import SECOND, Micros
from ward.finding import Severity


@dataclass(slots=True)
class Episode:
    """An episode. It began at `onset` and was raised at `raised`; `ended_at` is its end, None while it is active."""

    rule: str
    device: str
    signal: str
    ward: str
    bed: str
    severity: Severity
    onset: Micros
    raised: Micros
    text: str
    ended_at: Micros | None = None
    ended: str = ""

    def duration(self, until: Micros) -> float:
        """Seconds from its onset to its end, or to `until` when it is active."""
        return max(0.0, ((until if self.ended_at is None else self.ended_at) - self.onset) / SECOND)

    def overlaps(self, other: "Episode") -> bool:
        """Whether both have the same rule, device and signal, and overlap in time."""
        same = (self.rule, self.device, self.signal) == (other.rule, other.device, other.signal)
        return same and not (_before(self, other) or _before(other, self))


def _before(one: Episode, other: Episode) -> bool:
    return one.ended_at is not None and one.ended_at < other.onset
