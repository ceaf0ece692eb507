"""Rolls: asks the store for readings and writes what they come to, for some devices or for all."""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from rollups.points import HOURS, hours, point
from ward.clock import SECOND, Micros
from ward.errors import StoreRefused
from ward.metrics import Metrics
from ward.ports import Point, Rolled, Store
from ward.retention_policy import ROLLED_UP, ROLLUP_WIDTHS, RetentionPolicy

log = logging.getLogger(__name__)

MINUTE: Micros = 60 * SECOND
# From so many devices on, one question about all is quicker than one about each.
WIDE = 8
_GAP, _SPAN = 10 * MINUTE, 6 * HOURS  # of one device: what is asked for at once
_ALL = 10_000_000
_BATCH = 5_000

Devices = Collection[str] | None  # None: all


class Roller:
    """Whoever calls knows that the raw readings are in the store. Everything may be done twice.

    `mine` says which devices may be written when all are meant. Raises `StoreUnavailable`.
    """

    def __init__(self, store: Store, metrics: Metrics, mine: Callable[[str], bool] = lambda _: True) -> None:
        self._store = store
        self._metrics = metrics
        self._mine = mine

    def minutes(self, touched: dict[Micros, Devices]) -> None:
        """From raw readings: for each minute the devices touched in it."""
        few: dict[str, list[Micros]] = {}
        for at, devices in sorted(touched.items()):
            if devices is None or len(devices) >= WIDE:
                self.stretch(at, at + MINUTE, devices)
                continue
            for device in devices:
                few.setdefault(device, []).append(at)
        for device, minutes in few.items():
            for stretch in _stretches(minutes):
                self._write_rolled(
                    {"device": device}, stretch[0], stretch[-1] + MINUTE, set(stretch), None, RetentionPolicy.MINUTES
                )

    def stretch(self, start: Micros, end: Micros, devices: Devices = None) -> int:
        """All minutes of [start, end) of some devices or all. Returns how many points."""
        return self._write_rolled({}, start, end, None, devices, RetentionPolicy.MINUTES)

    def hours_of_readings(self, start: Micros, end: Micros) -> int:
        """All hours of [start, end) from raw readings. Returns how many points.

        Equal to `hours` where all readings of that time are in the store, and quicker than by way of the minutes.
        """
        return self._write_rolled({}, start, end, None, None, RetentionPolicy.HOURS)

    def hours(self, touched: dict[Micros, Devices]) -> int:
        """From minutes: for each hour the devices touched in it. Returns how many points."""
        written = 0
        for at, devices in sorted(touched.items(), key=lambda found: found[0]):
            each = [{}] if devices is None or len(devices) >= WIDE else [{"device": device} for device in devices]
            for where in each:
                for measurement in ROLLED_UP:
                    minutes = self._store.events(measurement, where, at, at + HOURS, _ALL, RetentionPolicy.MINUTES)
                    written += self._write(self._wanted(hours(measurement, minutes), devices), RetentionPolicy.HOURS)
        return written

    def _write_rolled(
        self, where: dict[str, str], start: Micros, end: Micros, only: set[Micros] | None, devices: Devices,
        policy: RetentionPolicy,
    ) -> int:  # fmt: skip
        written = 0
        for measurement in ROLLED_UP:
            found = self._store.summaries(measurement, where, start, end, ROLLUP_WIDTHS[policy])
            wanted = (rolled for rolled in found if only is None or rolled.at in only)
            written += self._write(self._wanted(wanted, devices), policy)
        return written

    def _wanted(self, found: Iterable[Rolled], devices: Devices) -> Iterator[Rolled]:
        for rolled in found:
            device = dict(rolled.series.tags).get("device", "")
            if self._mine(device) if devices is None else device in devices:
                yield rolled

    def _write(self, found: Iterable[Rolled], policy: RetentionPolicy) -> int:
        points = [made for rolled in found if (made := point(rolled)) is not None]
        for first in range(0, len(points), _BATCH):
            self._halving(points[first : first + _BATCH], policy)
        self._metrics.rollup_points_written.labels(policy).inc(len(points))
        return len(points)

    def _halving(self, points: Sequence[Point], policy: RetentionPolicy) -> None:
        """Write all; one that the store will never take is counted, and costs no other anything."""
        try:
            self._store.write(points, policy)
        except StoreRefused as error:
            if len(points) == 1:
                self._metrics.rollup_points_refused.inc()
                log.warning("a roll-up is refused: %s", error)
                return
            half = len(points) // 2
            self._halving(points[:half], policy)
            self._halving(points[half:], policy)


def _stretches(minutes: Sequence[Micros]) -> Iterator[list[Micros]]:
    """Minutes of one device, in order, cut where nothing was for long."""
    found: list[Micros] = []
    for at in minutes:
        if found and (at - found[-1] > _GAP or at - found[0] >= _SPAN):
            yield found
            found = []
        found.append(at)
    if found:
        yield found
