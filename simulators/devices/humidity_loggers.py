"""Humidity loggers of the imaging suite: what they measure, and the message in their manufacturer's format."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from simulators.devices.bedside_monitors import InstantArray
from simulators.faults import DeviceFault
from simulators.faults.active_faults import ActiveFaults
from simulators.faults.device_fault import BoolArray
from simulators.random_streams import FloatArray, Streams, generator
from ward.clock import SECOND, Micros, format_instant
from ward.inventory import Device

SIGNALS = ("humidity",)
DESTINATION = "0-AAA12345678"
# Both spellings occur in practice, with and without a space in the name of the machine.
SPELLINGS = ("medicalImagingdevice", "medicalimagingdevice")
_NAME = re.compile(r"([A-Za-z]+)-?(\d+)")
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class HumidityMeasurements:
    """Some steps of loggers, arrays of shape (steps, loggers): true time and time of the logger's clock (µs since the
    epoch), relative humidity in % or NaN, whether it is powered, and whether it has a network."""

    at: InstantArray
    device_time: InstantArray
    humidity: FloatArray
    powered: BoolArray
    plugged: BoolArray


class HumidityLoggers:
    """Humidity in the rooms of machines, measured by loggers every `period` seconds, ± 10 %.

    The humidity of a room varies around its set point with the time of day and the air conditioning; each
    logger has a small constant offset. The values depend on the seed and the id, not on the other loggers.
    """

    def __init__(self, devices: Sequence[Device], *, seed: int, start: Micros, period: float = 60.0) -> None:
        self.devices = tuple(device.id for device in devices)
        self.period = period
        self.start = start
        self.faults = ActiveFaults(seed, self.devices)
        rooms = sorted({device.attached for device in devices})
        self._room = np.array([rooms.index(device.attached) for device in devices], dtype=np.intp)
        self._rooms = Streams(seed, [f"room {room}" for room in rooms], 1)
        self._own = Streams(seed, self.devices, 2)
        generators = [generator(seed, "room", room) for room in rooms]
        self._set_point = np.array([g.uniform(42, 58) for g in generators])
        self._deviation = np.array([g.standard_normal() for g in generators]) * 1.2
        generators = [generator(seed, "logger", device) for device in self.devices]
        self._offset = np.array([g.normal(0, 0.6) for g in generators])
        self._phase = np.array([g.uniform(0.1, 0.9) for g in generators]) * period
        self._names = [_spelled(device, i) for i, device in enumerate(devices)]
        self._decay = float(np.exp(-period / 2400))
        self._step = 0

    @property
    def now(self) -> float:
        """Seconds since the start up to which everything is computed."""
        return self._step * self.period

    def begin_fault(
        self, logger: int, fault: DeviceFault, at: float | None = None, lasting: float | None = None
    ) -> None:
        """Begin a fault of a logger, `at` s since the start, by default now, for `lasting` s or permanently."""
        self.faults.add(logger, fault, self.now if at is None else at, lasting)

    def advance(self, steps: int) -> HumidityMeasurements:
        """The next `steps` steps of all loggers."""
        t: FloatArray = np.arange(self._step, self._step + steps, dtype=np.float64) * self.period
        self._step += steps
        own = self._own.take(steps)
        values = (self._air(t)[:, self._room] + self._offset + 0.1 * own[:, 0])[..., None]
        condition = self.faults.apply(t, values, SIGNALS)
        offset = self._phase + self.period / 20 * np.clip(own[:, 1] / 2, -1, 1)
        at = self._instants(t[:, None] + offset)
        device_time = self._instants(t[:, None] + offset + condition.clock_offset)
        return HumidityMeasurements(at, device_time, np.round(values[..., 0], 1), condition.powered, condition.plugged)

    def write(self, logger: int, at: Micros, humidity: float) -> bytes:
        """The message of one logger: JSON in UTF-8, in the spelling of that logger."""
        key, machine = self._names[logger]
        data = {"format": "urn:example:sensor:humidity", "data": {"humidity": humidity}}
        return _encode(
            {
                "guid": self.devices[logger],
                "destination": DESTINATION,
                key: machine,
                "eventTime": format_instant(at),
                "payload": data,
            }
        )

    def _air(self, t: FloatArray) -> FloatArray:
        """Humidity of the rooms in %, shape (steps, rooms): a daily rhythm plus an Ornstein-Uhlenbeck process."""
        innovations = self._rooms.take(len(t))[:, 0] * (1.2 * np.sqrt(1 - self._decay**2))
        for innovation in innovations:
            self._deviation = self._deviation * self._decay + innovation
            innovation[:] = self._deviation
        hours = (self.start / SECOND + t) / 3600 % 24
        day: FloatArray = 1.5 * np.cos((hours - 14) * (2 * np.pi / 24))
        air: FloatArray = self._set_point + day[:, None] + innovations
        return air

    def _instants(self, seconds: FloatArray) -> InstantArray:
        milliseconds: InstantArray = np.rint(seconds * 1000).astype(np.int64)
        return self.start // 1000 * 1000 + milliseconds * (SECOND // 1000)


def _spelled(device: Device, index: int) -> tuple[str, str]:
    match = _NAME.fullmatch(device.attached)
    machine = f"{match[1]}{' ' if index // 2 % 2 == 0 else ''}{match[2]}" if match else device.attached
    return SPELLINGS[index % 2], machine
