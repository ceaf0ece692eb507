"""One line of the table: what was measured, beside what, and what was wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.resource_usage import ResourceUsage

ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkResult:
    """`value` is the median of `each`; `wanted` a lower bound, or an upper one where less is better.

    `unit` is `×` for a ratio. `beside` names the peer, whose cost is `theirs`.
    """

    name: str
    value: float
    wanted: float
    unit: str = "×"
    less: bool = False
    each: Sequence[float] = ()
    ours: ResourceUsage | None = None
    theirs: ResourceUsage | None = None
    beside: str = ""

    @property
    def met(self) -> bool:
        return self.value <= self.wanted if self.less else self.value >= self.wanted


def compare(
    name: str, wanted: float, ours: Callable[[int], ResourceUsage], beside: str, theirs: Callable[[int], ResourceUsage],
    rounds: int = ROUNDS,
) -> BenchmarkResult:  # fmt: skip
    """Rates as a ratio: both in turn, several times, so that what disturbs one disturbs the other."""
    pairs = [(ours(i), theirs(i)) for i in range(rounds)]
    ratios = [mine.rate / other.rate for mine, other in pairs]
    return BenchmarkResult(
        name=name, value=median(ratios), wanted=wanted, each=ratios, beside=beside,
        ours=middle([mine for mine, _ in pairs]), theirs=middle([other for _, other in pairs]),
    )  # fmt: skip


def middle(costs: Sequence[ResourceUsage]) -> ResourceUsage:
    """The one with the median rate."""
    return sorted(costs, key=lambda cost: cost.rate)[len(costs) // 2]
