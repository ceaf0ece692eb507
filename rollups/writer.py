"""Queries the store for readings and writes their roll-ups, for some devices or for all."""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from rollups.points import HOURS, combine_to_hours, point
from ward.clock import SECOND, Micros
from ward.errors import StoreRefused
from ward.metrics import Metrics
from ward.ports import Point, RollupBucket, Store
from ward.retention_policy import ROLLED_UP, ROLLUP_WIDTHS, RetentionPolicy

log = logging.getLogger(__name__)

MINUTE: Micros = 60 * SECOND
# From this number of devices on, one query for all devices is faster than one for each device.
_ONE_QUERY_FROM = 8
_GAP, _SPAN = 10 * MINUTE, 6 * HOURS  # of one query for minutes of one device: the largest gap, and the length
_ALL = 10_000_000
_BATCH = 5_000

Devices = Collection[str] | None  # None: all


class RollupWriter:
    """Writes roll-ups of readings that are in the store. Writing a point twice stores the same point.

    `owns(device)` says whether this process writes the roll-ups of a device; it is asked where `devices` is None. Each
    method raises `StoreUnavailable`.
    """

    def __init__(self, store: Store, metrics: Metrics, owns: Callable[[str], bool] = lambda _: True) -> None:
        self._store = store
        self._metrics = metrics
        self._owns = owns

    def write_changed_minutes(self, changed: dict[Micros, Devices]) -> None:
        """Roll up raw readings: for each minute those of the devices that have new readings in it."""
        by_device: dict[str, list[Micros]] = {}
        for at, devices in sorted(changed.items()):
            if devices is None or len(devices) >= _ONE_QUERY_FROM:
                self.write_minutes(at, at + MINUTE, devices)
                continue
            for device in devices:
                by_device.setdefault(device, []).append(at)
        for device, minutes in by_device.items():
            for part in _ranges(minutes):
                self._write_rolled(
                    {"device": device}, part[0], part[-1] + MINUTE, set(part), None, RetentionPolicy.MINUTES
                )

    def write_minutes(self, start: Micros, end: Micros, devices: Devices = None) -> int:
        """Roll up all minutes of [start, end), of some devices or all. Returns how many points were written."""
        return self._write_rolled({}, start, end, None, devices, RetentionPolicy.MINUTES)

    def write_hours_from_readings(self, start: Micros, end: Micros) -> int:
        """Roll up all hours of [start, end) from raw readings. Returns how many points were written.

        Equal to `write_hours` where all readings of that time are in the store, and faster, without minutes.
        """
        return self._write_rolled({}, start, end, None, None, RetentionPolicy.HOURS)

    def write_hours(self, changed: dict[Micros, Devices]) -> int:
        """Roll up minutes: for each hour the devices that have new ones in it. Returns how many points were written."""
        written = 0
        for at, devices in sorted(changed.items(), key=lambda found: found[0]):
            many = devices is None or len(devices) >= _ONE_QUERY_FROM
            each = [{}] if many else [{"device": device} for device in devices or ()]
            for where in each:
                for measurement in ROLLED_UP:
                    minutes = self._store.rows(measurement, where, at, at + HOURS, _ALL, RetentionPolicy.MINUTES)
                    hours = combine_to_hours(measurement, minutes)
                    written += self._write(self._wanted(hours, devices), RetentionPolicy.HOURS)
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

    def _wanted(self, found: Iterable[RollupBucket], devices: Devices) -> Iterator[RollupBucket]:
        for rolled in found:
            device = dict(rolled.series.tags).get("device", "")
            if self._owns(device) if devices is None else device in devices:
                yield rolled

    def _write(self, found: Iterable[RollupBucket], policy: RetentionPolicy) -> int:
        points = [made for rolled in found if (made := point(rolled)) is not None]
        for first in range(0, len(points), _BATCH):
            self._write_or_halve(points[first : first + _BATCH], policy)
        self._metrics.rollup_points_written.labels(policy).inc(len(points))
        return len(points)

    def _write_or_halve(self, points: Sequence[Point], policy: RetentionPolicy) -> None:
        """Write all points. One that the store refuses is found by halving and counted; all others are written."""
        try:
            self._store.write(points, policy)
        except StoreRefused as error:
            if len(points) == 1:
                self._metrics.rollup_points_refused.inc()
                log.warning("a roll-up is refused: %s", error)
                return
            half = len(points) // 2
            self._write_or_halve(points[:half], policy)
            self._write_or_halve(points[half:], policy)


def _ranges(minutes: Sequence[Micros]) -> Iterator[list[Micros]]:
    """Sorted minutes of one device, split at long gaps."""
    found: list[Micros] = []
    for at in minutes:
        if found and (at - found[-1] > _GAP or at - found[0] >= _SPAN):
            yield found
            found = []
        found.append(at)
    if found:
        yield found
