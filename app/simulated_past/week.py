"""All that the devices of an inventory measured in a simulated past, as arrays.

patients ─▶ monitors ─┐
rooms ────▶ loggers ──┴▶ Week ─▶ readings of one monitor, for the detectors
                              └▶ points of a stretch of time, for the store
"""

from collections.abc import Iterator

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

_AT_ONCE = 1440  # steps that are simulated in one go


class Week:
    """[start, end) as the script says. `simulate` comes first, piece by piece; nothing else works before it is done.

    A device that is off, or a cable that is out, leaves a gap.
    """

    def __init__(self, config: Config, script: PastScript, start: Micros, end: Micros) -> None:
        self._points = ReadingPoints(config)
        self.start, self.end = start, end
        self.period = script.every
        # The patients and monitors that are there when the demonstration begins: its curves go on from these.
        self.stands = monitors_at_beds(config.inventory, end)
        self._monitors = scripted_monitors(config.inventory, script, start, end)
        self._loggers = _loggers(config, script, start)
        self._steps = -(-(end - start) // round(script.every * SECOND))
        self._battery_each = max(1, round(script.battery_every / script.every))

    def simulate(self) -> Iterator[int]:
        """Compute everything. Tells how many steps are done after each piece."""
        at, values = [], []
        for done in range(0, self._steps, _AT_ONCE):
            part = self._monitors.advance(min(_AT_ONCE, self._steps - done))
            part.values[~part.plugged] = np.nan
            at.append(part.at)
            values.append(part.values)
            yield done + len(part.at)
        self._at, self._values = np.concatenate(at), np.concatenate(values)
        # A battery is not looked at as often as a patient; each device has its own turn.
        turn = (np.arange(self._steps)[:, None] + np.arange(len(self.stands))) % self._battery_each
        self._values[turn != 0, SIGNALS.index("battery")] = np.nan
        logged = self._loggers.advance(-(-(self.end - self.start) // round(self._loggers.period * SECOND)))
        self._logged_at, self._humidity = logged.at, np.where(logged.powered & logged.plugged, logged.humidity, np.nan)

    def readings(self, monitor: int, first: Micros, last: Micros) -> list[Reading]:
        """What one of `stands` measured in [first, last), oldest first."""
        stand = self.stands[monitor]
        at, values = _within(self._at[:, monitor], self._values[:, monitor], first, last)
        return [
            Reading(device=stand.device, ward=stand.ward, at=instant, seen=instant, values=known, device_kind=MONITOR)
            for instant, row in zip(at.tolist(), values.tolist(), strict=True)
            if (known := present_values(row))
        ]

    def points(self, first: Micros, last: Micros) -> PointColumns:
        """What all devices measured in [first, last), as the bridge would write it, marked as simulated."""
        found = PointColumns()
        for monitor in range(len(self.stands)):
            self._add(self.readings(monitor, first, last), found)
        for logger in range(len(self._loggers.devices)):
            self._add(self._logged(logger, first, last), found)
        return found

    def _logged(self, logger: int, first: Micros, last: Micros) -> list[Reading]:
        device = self._loggers.devices[logger]
        at, humidity = _within(self._logged_at[:, logger], self._humidity[:, logger], first, last)
        return [
            Reading(device=device, ward="", at=instant, seen=instant, values={"humidity": value}, device_kind=LOGGER)
            for instant, value in zip(at.tolist(), humidity.tolist(), strict=True)
            if value == value
        ]

    def _add(self, readings: list[Reading], points: PointColumns) -> None:
        series: dict[Series, Series] = {}  # of one device: a handful
        for reading in readings:
            for of, at, fields in self._points.points(reading):
                if of not in series:
                    series[of] = mark(of)
                points.series.append(series[of])
                points.at.append(at)
                points.fields.append(fields)


def _loggers(config: Config, script: PastScript, start: Micros) -> HumidityLoggers:
    devices = [device for device in config.inventory.devices.values() if device.device_kind == LOGGER]
    return HumidityLoggers(devices, seed=script.seed, start=start, period=script.logged_every)


def _within(at: InstantArray, values: FloatArray, first: Micros, last: Micros) -> tuple[InstantArray, FloatArray]:
    """Rows of one device in [first, last): its instants rise."""
    begin, end = np.searchsorted(at, [first, last])
    return at[begin:end], values[begin:end]
