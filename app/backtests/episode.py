"""An alert as the past has it: where, which rule, from when to when, how grave it got, and how it ended."""

from dataclasses import dataclass

from ward.clock import SECOND, Micros
from ward.finding import Severity


@dataclass(slots=True)
class Episode:
    """One of them. It began at `onset` and was told at `raised`; `over` is None while it goes on."""

    rule: str
    device: str
    signal: str
    ward: str
    bed: str
    severity: Severity
    onset: Micros
    raised: Micros
    text: str
    over: Micros | None = None
    ended: str = ""

    def lasted(self, until: Micros) -> float:
        """Seconds from its beginning to its end, or to `until`."""
        return max(0.0, ((until if self.over is None else self.over) - self.onset) / SECOND)

    def meets(self, other: "Episode") -> bool:
        """Whether both are about the same series at the same time."""
        same = (self.rule, self.device, self.signal) == (other.rule, other.device, other.signal)
        return same and not (_before(self, other) or _before(other, self))


def _before(one: Episode, other: Episode) -> bool:
    return one.over is not None and one.over < other.onset
