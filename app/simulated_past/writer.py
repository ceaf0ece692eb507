"""Writes the simulated past into the store, while the ward is already live.

record: started ─▶ simulate ─▶ readings, minutes, hours, newest first ─▶ findings, alerts ─▶ days ─▶ record: complete

A kill at any point leaves an incomplete record; the next start writes the same points again and completes it.
"""

import logging
from collections.abc import Generator, Iterator

from app.simulated_past.alerts import history
from app.simulated_past.findings import past_findings
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
MOST_BEDS = 200  # a week of more beds would take minutes and too much memory
_PIECE: Micros = 12 * HOURS  # time span written between two updates of the record
_ROLLED: Micros = 4 * HOURS  # time span rolled up in one step
_BATCH = 10_000  # points in one transaction: the archive waits for less than a second
_WRITTEN = 0.9  # share of all the work when the readings are written


def begin(store: Store, log_: Log, script: PastScript, clock: Clock, beds: int) -> SimulatedPast | None:
    """The past that has to be written now: a new one on the very first start, or an incomplete one.

    None when the past is complete, or the store or log has readings but no past. To be called before anything
    else writes. Raises `StoreUnavailable`, `LogUnavailable`.
    """
    if recorded(store):
        known = simulated_past(store)
        return known if known is not None and not known.complete else None
    if beds > MOST_BEDS or _used(store, log_):
        return None
    end = clock.now() // MINUTE * MINUTE
    found = SimulatedPast(start=end - round(script.lasts * SECOND), end=end, periods=_periods(script))
    store.write([found.point()])
    return found


class PastWriter:
    """A part: writes a past in small pieces, one at each step, and then does nothing."""

    def __init__(self, past: SimulatedPast, store: Store, live: LiveConfig, script: PastScript, clock: Clock) -> None:
        self._past = past
        self._store = store
        self._live = live
        self._script = script
        self._clock = clock
        self._writer = RollupWriter(store, Metrics())  # its own metrics: the pipeline page counts only live points
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
        """Whether everything is written."""
        return self._work is None

    def close(self) -> None:
        """The next start writes what is missing."""
        if self._work is not None:
            self._work.close()

    def _write(self, config: Config) -> Generator[object, None, None]:
        began, past = self._clock.monotonic(), self._past
        monitors = monitors_at_beds(config.inventory, past.end)
        script = self._script.restricted_to([m.bed for m in monitors], {m.device for m in monitors})
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
        # The live roll-ups write the current hour when it ends.
        yield self._writer.write_hours_from_readings(first, last - last % HOURS)

    def _history(self, config: Config, week: Week, script: PastScript) -> Iterator[object]:
        """Write findings and alerts in one transaction: a kill leaves all of them or none."""
        findings: list[Finding] = []
        for found in past_findings(config, week, script):
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
        yield from days.compute_since(self._past.start // DAY * DAY, self._clock.now())

    def _record(self, written: float) -> None:
        past = self._past
        now = SimulatedPast(start=past.start, end=past.end, written=written, periods=past.periods)
        self._store.write([now.point()])


def _periods(script: PastScript) -> dict[str, float]:
    return {**dict.fromkeys(VITALS, script.every), **script.periods}


def _used(store: Store, log_: Log) -> bool:
    """Whether the log or the store holds any reading."""
    if any(True for partition in log_.partitions(READINGS) for _ in log_.scan(partition)):
        return True
    return any(store.latest(measurement, "device", 0) for measurement in ("vitals", "telemetry"))


def _pieces(start: Micros, end: Micros) -> Iterator[tuple[Micros, Micros]]:
    """Time spans that together are [start, end), split at full hours, the newest first."""
    last = end
    while last > start:
        first = max(start, (last - 1) // HOURS * HOURS - _PIECE + HOURS)
        yield first, last
        last = first
