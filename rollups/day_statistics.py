"""Computes the statistics of each device and ward by day, and the trend of each signal of a device."""

import logging
from collections.abc import Iterator

from rollups.day_tally import DAY, DayTally, assignments_between, measure, point, ward_point
from rollups.trend import limits, trend
from ward.clock import SECOND, Clock, Micros
from ward.config.config import Config
from ward.config.live_config import LiveConfig
from ward.errors import QueryRefused, StoreRefused, StoreUnavailable
from ward.ids import printable
from ward.inventory import Device
from ward.metrics import Metrics
from ward.periodic import Periodic
from ward.ports import Point, Series, Store
from ward.ports.store import Value
from ward.simulated_past import SimulatedPast, simulated_past

log = logging.getLogger(__name__)

EVERY = 3600.0  # seconds between two passes
RETRY = 60.0  # seconds after a pass that ended because the store did not answer
LATE_DAYS = 8  # readings may arrive a week late
RAW_DAYS = 30  # the store keeps raw readings so long; older days do not change any more
TREND_DAYS = 28  # a trend is computed from so many days
_AT_ONCE = 500  # trends in one write


class DayStatistics:
    """A part: computes today and yesterday once an hour, and with each new day all days that late readings may change.

    The first pass goes back `RAW_DAYS`, or `LATE_DAYS` days where newer days are stored already. Each step
    queries one device, so that a step is short. Writing a point twice stores the same point.
    """

    def __init__(self, store: Store, live: LiveConfig, clock: Clock, metrics: Metrics) -> None:
        self._store = store
        self._live = live
        self._clock = clock
        self._metrics = metrics
        self._work: Iterator[int] | None = None
        self._period = Periodic(clock, EVERY)
        self._has_readings = False  # whether a reading was found: days before the first reading get no point
        self._complete_on: Micros | None = None  # the day on which all days that may change were computed

    def step(self, wait: float) -> int:
        """Query one device, or wait at most `wait` seconds for the next pass. Returns 1 if it has queried."""
        if self._work is None:
            if not self._period.wait(wait):
                return 0
            self._work = self._pass()
        try:
            return next(self._work)
        except StopIteration:
            self._wait_for_next(EVERY)
        except StoreUnavailable as error:
            log.warning("the statistics by day are not written: %s", printable(str(error)))
            self._wait_for_next(RETRY)
        except (StoreRefused, QueryRefused) as error:
            self._metrics.day_statistics_write_failures.inc()
            log.error("the statistics by day are not written, the store refuses: %s", printable(str(error)))
            self._wait_for_next(EVERY)
        return 0

    def close(self) -> None:
        """Nothing to release."""

    def _wait_for_next(self, seconds: float) -> None:
        self._work = None
        self._period.restart(seconds)

    def compute_since(self, first: Micros, now: Micros) -> Iterator[int]:
        """Compute all days from `first` to `now` (microseconds) and the trends.

        Raises `StoreUnavailable`, `StoreRefused`, `QueryRefused`.
        """
        yield from self._days(first, now)
        yield from self._all_trends(now)

    def _pass(self) -> Iterator[int]:
        now = self._clock.now()
        today = now // DAY * DAY
        yield from self._days(self._oldest(today), now)
        self._complete_on = today
        yield from self._all_trends(now)

    def _days(self, first: Micros, now: Micros) -> Iterator[int]:
        config, past = self._live.config, simulated_past(self._store)
        for day in range(first, now + 1, DAY):
            yield from self._day(config, day, min(now, day + DAY), past)

    def _all_trends(self, now: Micros) -> Iterator[int]:
        config, past = self._live.config, simulated_past(self._store)
        found: list[Point] = []
        for device in config.inventory.devices.values():
            found += self._trends(config, device, now, past)
            if len(found) >= _AT_ONCE:
                self._write(found)
                found = []
            yield 1
        self._write(found)

    def _oldest(self, today: Micros) -> Micros:
        if self._complete_on == today:
            return today - DAY
        known = self._store.last("ward_days", "expected", {}, 1)
        self._has_readings |= bool(known)
        back = LATE_DAYS if known and today - known[-1][0] <= DAY * LATE_DAYS else RAW_DAYS
        return today - back * DAY

    def _day(self, config: Config, day: Micros, until: Micros, past: SimulatedPast | None) -> Iterator[int]:
        wards: dict[str, dict[str, list[DayTally]]] = {ward: {} for ward in config.inventory.wards}
        points = []
        for device in config.inventory.devices.values():
            for assignment, _ in assignments_between(device, day, until):
                tally = measure(self._store, config, device, assignment, day, until, past)
                points.append(point(device, assignment, day, tally))
                wards.setdefault(assignment.ward, {}).setdefault(assignment.bed, []).append(tally)
                self._has_readings |= tally.received > 0
            yield 1
        if self._has_readings:
            points += [ward_point(config, ward, day, until, of) for ward, of in wards.items()]
            yield self._write(points)

    def _trends(self, config: Config, device: Device, now: Micros, past: SimulatedPast | None) -> list[Point]:
        """The trends of a device, of whole days: without today and the day of its first reading.

        The mean of half a day would differ because of the time of day alone: temperature is higher at noon than at
        night.
        """
        today = now // DAY * DAY
        place, found, start = config.inventory.place(device.id, now), [], today - TREND_DAYS * DAY
        for signal in config.inventory.expected(device.id):
            curve = self._store.query_range("days", signal, {"device": device.id}, start, today)
            first = int(len(curve.at) > 0 and curve.at[0] > start)
            line = trend([at / DAY for at in curve.at[first:]], curve.mean[first:])
            if line is None:
                continue
            fields: dict[str, Value] = {
                "days": float(line.days), "level": line.level, "per_day": line.per_day, "error": line.error,
                "significant": float(line.significant),
            }  # fmt: skip
            if past is not None and past.end > start:
                fields["simulated"] = 1.0
            if crossing := line.limit_crossing(limits(config, device.id, place, signal)):
                fields |= {
                    "limit": crossing[0], "days_to_limit": crossing[1],
                    "limit_reached_ms": float((today + round(crossing[1] * DAY)) // 1000),
                }  # fmt: skip
            series = Series.of("trends", ward=place.ward, bed=place.bed, device=device.id, signal=signal)
            found.append(Point(series, now // (3600 * SECOND) * 3600 * SECOND, fields))
        return found

    def _write(self, points: list[Point]) -> int:
        if points:
            self._store.write(points)
        return 1
