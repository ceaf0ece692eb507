"""Keeps the days: what each device and each ward came to, and where each device is going."""

import logging
from collections.abc import Iterator

from rollups.day import DAY, Tally, measure, point, stays, ward_point
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

EVERY = 3600.0
AGAIN = 60.0  # seconds until a store that was away is asked again
LATE = 8  # days: readings may come a week late
RAW = 30  # days: what is older, the store has in means only, and it does not change any more
WINDOW = 28  # days a trend goes through
_AT_ONCE = 500  # trends in one write


class Days:
    """A part: once an hour today and yesterday, and with each new day all that may have changed by late readings.

    At first as far back as raw readings go, or as the days that are there already. A device is asked for at each step,
    so that it is never long away. Everything may be done twice.
    """

    def __init__(self, store: Store, live: LiveConfig, clock: Clock, metrics: Metrics) -> None:
        self._store = store
        self._live = live
        self._clock = clock
        self._metrics = metrics
        self._work: Iterator[int] | None = None
        self._period = Periodic(clock, EVERY)
        self._begun = False  # days before anything was stored are none
        self._whole: Micros | None = None  # the day on which the days that may have changed were made again

    def step(self, wait: float) -> int:
        if self._work is None:
            if not self._period.wait(wait):
                return 0
            self._work = self._pass()
        try:
            return next(self._work)
        except StopIteration:
            self._rest(EVERY)
        except StoreUnavailable as error:
            log.warning("the days are not kept now: %s", printable(str(error)))
            self._rest(AGAIN)
        except (StoreRefused, QueryRefused) as error:
            self._metrics.day_statistics_write_failures.inc()
            log.error("the days are not kept, the store refuses: %s", printable(str(error)))
            self._rest(EVERY)
        return 0

    def close(self) -> None:
        """It holds nothing."""

    def _rest(self, seconds: float) -> None:
        self._work = None
        self._period.restart(seconds)

    def since(self, first: Micros, now: Micros) -> Iterator[int]:
        """Make all days from `first` up to `now`, and the trends. Raises `StoreUnavailable`, `StoreRefused`."""
        yield from self._days(first, now)
        yield from self._all_trends(now)

    def _pass(self) -> Iterator[int]:
        now = self._clock.now()
        today = now // DAY * DAY
        yield from self._days(self._oldest(today), now)
        self._whole = today
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
        if self._whole == today:
            return today - DAY
        known = self._store.last("ward_days", "expected", {}, 1)
        self._begun |= bool(known)
        back = LATE if known and today - known[-1][0] <= DAY * LATE else RAW
        return today - back * DAY

    def _day(self, config: Config, day: Micros, until: Micros, past: SimulatedPast | None) -> Iterator[int]:
        wards: dict[str, dict[str, list[Tally]]] = {ward: {} for ward in config.inventory.wards}
        points = []
        for device in config.inventory.devices.values():
            for assignment, _ in stays(device, day, until):
                tally = measure(self._store, config, device, assignment, day, until, past)
                points.append(point(device, assignment, day, tally))
                wards.setdefault(assignment.ward, {}).setdefault(assignment.bed, []).append(tally)
                self._begun |= tally.came > 0
            yield 1
        if self._begun:
            points += [ward_point(config, ward, day, until, of) for ward, of in wards.items()]
            yield self._write(points)

    def _trends(self, config: Config, device: Device, now: Micros, past: SimulatedPast | None) -> list[Point]:
        """Through whole days only: neither today nor the day on which a device first spoke is one, and at noon a
        patient is warmer than the mean of a day and a night."""
        today = now // DAY * DAY
        place, found, start = config.inventory.place(device.id, now), [], today - WINDOW * DAY
        for signal in config.inventory.expected(device.id):
            curve = self._store.curve("days", signal, {"device": device.id}, start, today)
            begun = int(len(curve.at) > 0 and curve.at[0] > start)
            line = trend([at / DAY for at in curve.at[begun:]], curve.mean[begun:])
            if line is None:
                continue
            fields: dict[str, Value] = {
                "days": float(line.days), "level": line.level, "per_day": line.per_day, "error": line.error,
                "sure": float(line.sure),
            }  # fmt: skip
            if past is not None and past.end > start:
                fields["simulated"] = 1.0
            if crossing := line.crosses(limits(config, device.id, place, signal)):
                fields |= {
                    "limit": crossing[0], "crosses_in_d": crossing[1],
                    "crosses_ms": float((today + round(crossing[1] * DAY)) // 1000),
                }  # fmt: skip
            series = Series.of("trends", ward=place.ward, bed=place.bed, device=device.id, signal=signal)
            found.append(Point(series, now // (3600 * SECOND) * 3600 * SECOND, fields))
        return found

    def _write(self, points: list[Point]) -> int:
        if points:
            self._store.write(points)
        return 1
