"""Counts of alarms, folded from rows of `episodes`: one alarm is one alert, from its beginning to its end."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from ward.clock import SECOND, Micros
from ward.config.shift import ShiftSpan
from ward.ports import Row, Store
from ward.simulated_past import is_simulated
from ward.tag_text import text_of_tag

# A shorter alarm was over before anyone could come. One that begins so soon after the one before has ended is a repeat.
SHORT = 15.0
REPEATED_WITHIN = 300.0
# Rows of one query; a window with more is read in halves. Windows are shorter where there are many beds.
MOST_ROWS = 20_000
_DAY, _SHORTEST = 86_400 * SECOND, 600 * SECOND
_BEDS_A_DAY = 200


@dataclass(slots=True)
class RuleLoad:
    """The alarms of one rule at one bed: how many, by hour of the local day, and what became of them."""

    hours: "array[int]" = field(default_factory=lambda: array("I", [0] * 24))
    count: int = 0
    short: int = 0
    repeated: int = 0
    unacknowledged: int = 0  # ended without having been acknowledged
    last_end: float = float("-inf")


@dataclass(slots=True)
class AlarmCounts:
    """All alarms of a span. Its size follows from the beds and their rules, not from the number of alarms."""

    zone: str
    shifts: Sequence[ShiftSpan] = ()
    by_bed: dict[tuple[str, str], dict[str, RuleLoad]] = field(default_factory=dict)  # by ward and bed, then rule
    by_shift: dict[tuple[str, str], "array[int]"] = field(default_factory=dict)
    total: int = 0
    ended: int = 0
    unacknowledged: int = 0
    high: int = 0
    high_unacknowledged: int = 0
    short: int = 0
    repeated: int = 0
    notified: int = 0
    simulated: int = 0
    seconds_to_acknowledge: "array[float]" = field(default_factory=lambda: array("f"))

    def add(self, row: Row) -> None:
        """Count one alarm. Rows come in the order in which the alarms began."""
        tags, fields = row.tags, row.fields
        place = text_of_tag(tags.get("ward", "")), text_of_tag(tags.get("bed", ""))
        rule = self.by_bed.setdefault(place, {}).setdefault(text_of_tag(tags.get("alertname", "")), RuleLoad())
        begin, lasted = row.at / SECOND, fields.get("duration_s")
        over, acknowledged = not fields.get("active"), bool(fields.get("acknowledged"))
        nobody = over and not acknowledged
        short = isinstance(lasted, float) and lasted < SHORT
        repeated = begin - rule.last_end < REPEATED_WITHIN
        high = fields.get("severity") == "high"
        rule.last_end = max(rule.last_end, begin + (lasted if isinstance(lasted, float) else 0.0))
        rule.hours[datetime.fromtimestamp(begin, ZoneInfo(self.zone)).hour] += 1
        rule.count += 1
        rule.short += short
        rule.repeated += repeated
        rule.unacknowledged += nobody
        self._count_shift(place, row.at)
        self.total += 1
        self.ended += over
        self.unacknowledged += nobody
        self.high += high
        self.high_unacknowledged += high and nobody
        self.short += short
        self.repeated += repeated
        self.notified += bool(fields.get("notified"))
        self.simulated += is_simulated(row)
        after = fields.get("acknowledged_after_s")
        if isinstance(after, float):
            self.seconds_to_acknowledge.append(after)

    def _count_shift(self, place: tuple[str, str], at: Micros) -> None:
        number = bisect_right(self.shifts, at, key=lambda span: span.start) - 1
        if number >= 0 and at < self.shifts[number].end:
            self.by_shift.setdefault(place, array("I", [0] * len(self.shifts)))[number] += 1


def counted(rows: Iterable[Row], zone: str, shifts: Sequence[ShiftSpan] = ()) -> AlarmCounts:
    """The counts of some rows, which come in the order in which the alarms began."""
    counts = AlarmCounts(zone, shifts)
    for row in rows:
        counts.add(row)
    return counts


def read_alarms(store: Store, ward: str, start: Micros, end: Micros, beds: int) -> Iterator[Row]:
    """The alarms that began in [start, end), oldest first, a window at a time. Raises `StoreUnavailable`."""
    width = max(_SHORTEST, _DAY * _BEDS_A_DAY // max(_BEDS_A_DAY, beds))
    where = {"ward": ward} if ward else {}
    for begin in range(start, end, width):
        yield from _window(store, where, begin, min(end, begin + width))


def _window(store: Store, where: dict[str, str], start: Micros, end: Micros) -> Iterator[Row]:
    rows = store.rows("episodes", where, start, end, MOST_ROWS + 1)
    if len(rows) > MOST_ROWS and end - start > 1:
        middle = (start + end) // 2
        yield from _window(store, where, start, middle)
        yield from _window(store, where, middle, end)
    else:
        yield from reversed(rows)
