"""All measurements of the devices of an inventory in a simulated past, as arrays.

patients ─▶ monitors ─┐
rooms ────▶ loggers ──┴▶ Week ─▶ readings of one monitor, for the detectors
                              └▶ points of a time window, for the store
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np

from bridge.store_points.readings import ReadingPoints
from simulators.devices.bedside_monitors import SIGNALS, InstantArray, present_values
from simulators.devices.humidity_loggers import HumidityLoggers
from simulators.devices.imaging_devices import LOGGER
from simulators.devices.monitors_at_beds import MONITOR, monitors_at_beds, scripted_monitors
from simulators.random_streams import FloatArray
from simulators.scripts.past_script import PastScript
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.ports import PointColumns, Series
from ward.reading import Reading
from ward.simulated_past import mark

_AT_ONCE = 1440  # steps that are simulated in one call


class Week:
    """The measurements in [start, end) (µs since the epoch) by a script. `simulate` must be run to its end first.

    A device that is off or has no network leaves a gap.
    """

    def __init__(self, config: Config, script: PastScript, start: Micros, end: Micros) -> None:
        self._series = ReadingPoints(config)
        self._vitals = {signal.name for signal in config.catalogue.vitals()}
        self.start, self.end = start, end
        self.period = script.every
        # The patients and monitors at the time when the demonstration begins: its curves continue from these.
        self.monitors = monitors_at_beds(config.inventory, end)
        self._bedside = scripted_monitors(config.inventory, script, start, end)
        self._loggers = _loggers(config, script, start)
        self._steps = -(-(end - start) // round(script.every * SECOND))
        self._battery_each = max(1, round(script.battery_every / script.every))

    def simulate(self) -> Iterator[int]:
        """Compute everything, in pieces. Yields the number of completed steps after each piece."""
        at, values = [], []
        for done in range(0, self._steps, _AT_ONCE):
            part = self._bedside.advance(min(_AT_ONCE, self._steps - done))
            part.values[~part.plugged] = np.nan
            at.append(part.at)
            values.append(part.values)
            yield done + len(part.at)
        self._at, self._values = np.concatenate(at), np.concatenate(values)
        # The battery is measured less often than vital signs; each device has its own phase.
        turn = (np.arange(self._steps)[:, None] + np.arange(len(self.monitors))) % self._battery_each
        self._values[turn != 0, SIGNALS.index("battery")] = np.nan
        logged = self._loggers.advance(-(-(self.end - self.start) // round(self._loggers.period * SECOND)))
        self._logged_at, self._humidity = logged.at, np.where(logged.powered & logged.plugged, logged.humidity, np.nan)

    def readings(self, monitor: int, first: Micros, last: Micros) -> list[Reading]:
        """The readings of one of `monitors` in [first, last), oldest first."""
        chosen = self.monitors[monitor]
        at, values = _within(self._at[:, monitor], self._values[:, monitor], first, last)
        return [
            Reading(
                device=chosen.device,
                ward=chosen.ward,
                at=instant,
                received_at=instant,
                values=present,
                device_kind=MONITOR,
            )
            for instant, row in zip(at.tolist(), values.tolist(), strict=True)
            if (present := present_values(row))
        ]

    def points(self, first: Micros, last: Micros) -> PointColumns:
        """The points of all devices in [first, last), in the series of the bridge, marked as simulated."""
        found = PointColumns()
        for i, one in enumerate(self.monitors):
            at, values = _within(self._at[:, i], self._values[:, i], first, last)
            self._add(found, one.device, MONITOR, SIGNALS, at, values)
        for i, logger in enumerate(self._loggers.devices):
            at, humidity = _within(self._logged_at[:, i], self._humidity[:, i, None], first, last)
            self._add(found, logger, LOGGER, ("humidity",), at, humidity)
        return found

    def _add(
        self, points: PointColumns, device: str, kind: str, signals: Sequence[str], at: InstantArray,
        values: FloatArray,
    ) -> None:  # fmt: skip
        """Add the readings of one device, split at the times at which the device moves to another place."""
        done, instants = 0, at.tolist()
        while done < len(instants):
            one = Reading(
                device=device, ward="", at=instants[done], received_at=instants[done], values={}, device_kind=kind
            )
            place = self._series.series(one)
            end = bisect_left(instants, place.until, done)
            for series, of_vitals in ((place.vitals, True), (place.telemetry, False)):
                chosen = [i for i, name in enumerate(signals) if (name in self._vitals) is of_vitals]
                names = [signals[i] for i in chosen]
                _extend(points, mark(series), names, instants[done:end], values[done:end, chosen])
            done = end


def _loggers(config: Config, script: PastScript, start: Micros) -> HumidityLoggers:
    devices = [device for device in config.inventory.devices.values() if device.device_kind == LOGGER]
    return HumidityLoggers(devices, seed=script.seed, start=start, period=script.logged_every)


def _within(at: InstantArray, values: FloatArray, first: Micros, last: Micros) -> tuple[InstantArray, FloatArray]:
    """The rows of one device in [first, last). Binary search: `at` is ascending."""
    begin, end = np.searchsorted(at, [first, last])
    return at[begin:end], values[begin:end]


def _extend(
    points: PointColumns, series: Series, names: Sequence[str], at: Sequence[Micros], values: FloatArray
) -> None:
    """One point for each row that has any value; missing values (NaN) are omitted."""
    present = np.flatnonzero(~np.isnan(values).all(axis=1))
    points.series += [series] * len(present)
    points.at += [at[i] for i in present.tolist()]
    points.fields += [
        {name: value for name, value in zip(names, row, strict=True) if value == value}
        for row in values[present].tolist()
    ]
