"""Writes the simulated past into the store, while the ward is already live.

record: begun ─▶ simulate ─▶ readings, minutes, hours, the newest first ─▶ findings, alerts ─▶ days ─▶ record: whole

A death at any point leaves a record that is not whole; the next start writes the same points again and completes it.
"""

import logging
from collections.abc import Generator, Iterator

from app.simulated_past.alerts import history
from app.simulated_past.findings import judged
from app.simulated_past.week import Week
from bridge.store_points.alerts import alert_points
from bridge.store_points.findings import finding_points
from rollups.day_statistics import DayStatistics
from rollups.day_tally import DAY
from rollups.points import HOURS
from rollups.writer import RollupWriter
from simulators.devices.monitors_at_beds import monitors_at_beds
from simulators.patients.patients import VITALS
from simulators.scripts.past_script import PastScript
from ward.alert import Alert
from ward.clock import SECOND, Clock, Micros
from ward.config.config import Config
from ward.config.live_config import LiveConfig
from ward.finding import Finding
from ward.metrics import Metrics
from ward.ports import Log, Store
from ward.simulated_past import SimulatedPast, marked, recorded, simulated_past
from ward.topics import READINGS

log = logging.getLogger(__name__)

MINUTE: Micros = 60 * SECOND
MOST_BEDS = 200  # a week of more would take minutes, and all the memory there is
_PIECE: Micros = 12 * HOURS  # of time that is written before the record says so
_ROLLED: Micros = 4 * HOURS  # of time whose minutes are rolled in one step
_BATCH = 10_000  # points a transaction: the archive waits for less than a second
_WRITTEN = 0.9  # the share that readings are of all the work


def begin(store: Store, log_: Log, script: PastScript, clock: Clock, beds: int) -> SimulatedPast | None:
    """The past that has to be written now: a new one on the very first start, or one that was not completed.

    None for a ward that has been there before without one, or has a whole one. To be called before anything else
    writes. Raises `StoreUnavailable`, `LogUnavailable`.
    """
    if recorded(store):
        known = simulated_past(store)
        return known if known is not None and not known.whole else None
    if beds > MOST_BEDS or _used(store, log_):
        return None
    end = clock.now() // MINUTE * MINUTE
    found = SimulatedPast(start=end - round(script.lasts * SECOND), end=end, periods=_periods(script))
    store.write([found.point()])
    return found


class PastWriter:
    """A part: writes a past piece by piece, so that it is never long at work, and has nothing to do after that."""

    def __init__(self, past: SimulatedPast, store: Store, live: LiveConfig, script: PastScript, clock: Clock) -> None:
        self._past = past
        self._store = store
        self._live = live
        self._script = script
        self._clock = clock
        self._writer = RollupWriter(store, Metrics())  # numbers of its own: the pipeline page counts what is live
        self._work: Generator[object, None, None] | None = self._write(live.config)

    def step(self, wait: float) -> int:
        if self._work is None:
            self._clock.wait(wait)
            return 0
        try:
            next(self._work)
        except StopIteration:
            self._work = None
        return 1

    @property
    def done(self) -> bool:
        """Whether all is written."""
        return self._work is None

    def close(self) -> None:
        """What is not written is written at the next start."""
        if self._work is not None:
            self._work.close()

    def _write(self, config: Config) -> Generator[object, None, None]:
        began, past = self._clock.monotonic(), self._past
        monitors = monitors_at_beds(config.inventory, past.end)
        script = self._script.fitted([m.bed for m in monitors], {m.device for m in monitors})
        week = Week(config, script, past.start, past.end)
        yield from week.simulate()
        for first, last in _pieces(past.start, past.end):
            yield from self._readings(week, first, last)
            self._record(_WRITTEN * (past.end - first) / (past.end - past.start))
        yield from self._history(config, week, script)
        yield from self._days()
        self._record(1.0)
        log.info("the simulated past is written, in %.1f s", self._clock.monotonic() - began)

    def _readings(self, week: Week, first: Micros, last: Micros) -> Iterator[object]:
        points = week.points(first, last)
        for done in range(0, len(points), _BATCH):
            self._store.write(points[done : done + _BATCH])
            yield done
        for hour in range(first // _ROLLED * _ROLLED, last, _ROLLED):
            yield self._writer.write_minutes(max(first, hour), min(last, hour + _ROLLED))
        # The hour that goes on is the live roll-ups' when it is over.
        yield self._writer.write_hours_from_readings(first, last - last % HOURS)

    def _history(self, config: Config, week: Week, script: PastScript) -> Iterator[object]:
        """Findings and alerts go into the store in one transaction: a death leaves all of them or none."""
        findings: list[Finding] = []
        for found in judged(config, week, script):
            findings += found
            yield findings
        alerts: list[Alert] = []
        for changed in history(config, findings, script.staff, script.seed):
            alerts += changed
            yield alerts
        known = {alert.id for alert in alerts}
        points = [point for f in findings if f.episode in known for point in finding_points(f)]
        points += [point for alert in alerts for point in alert_points(alert)]
        if points:
            self._store.write([marked(point) for point in points])

    def _days(self) -> Iterator[object]:
        days = DayStatistics(self._store, self._live, self._clock, Metrics())
        yield from days.since(self._past.start // DAY * DAY, self._clock.now())

    def _record(self, written: float) -> None:
        past = self._past
        now = SimulatedPast(start=past.start, end=past.end, written=written, periods=past.periods)
        self._store.write([now.point()])


def _periods(script: PastScript) -> dict[str, float]:
    return {**dict.fromkeys(VITALS, script.every), **script.periods}


def _used(store: Store, log_: Log) -> bool:
    """Whether anything was ever measured here."""
    if any(True for partition in log_.partitions(READINGS) for _ in log_.scan(partition)):
        return True
    return any(store.latest(measurement, "device", 0) for measurement in ("vitals", "telemetry"))


def _pieces(start: Micros, end: Micros) -> Iterator[tuple[Micros, Micros]]:
    """Pieces of time that together are [start, end), none across the beginning of an hour, the newest first."""
    last = end
    while last > start:
        first = max(start, (last - 1) // HOURS * HOURS - _PIECE + HOURS)
        yield first, last
        last = first
