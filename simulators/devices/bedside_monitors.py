"""Beds with a patient and a monitor each: what the monitors measure, and when, including their faults.

patients ─▶ instruments (noise) ─▶ faults of sensors ─▶ rounding ─▶ Measurements
                              time: step + phase of the device + jitter + offset of its clock
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulators.devices.instrument_error import add_instrument_noise, round_as_displayed
from simulators.faults import DeviceFault
from simulators.faults.active_faults import ActiveFaults
from simulators.faults.device_fault import BoolArray
from simulators.patients.patients import VITALS, Patients
from simulators.random_streams import FloatArray, generator
from simulators.scenarios import Scenario
from ward.clock import SECOND, Micros

SIGNALS = (*VITALS, "battery")
BATTERY_EVERY = 60.0  # seconds between two values of `battery`
InstantArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Measurements:
    """Some steps of a ward, arrays of shape (steps, devices).

    `at` is the true time, `device_time` the time of the device's clock, both in µs since the epoch and rounded
    to ms. `values` has one more axis, in the order of `SIGNALS`, NaN where a value is missing. Devices
    that are not `powered` measure nothing; those not `plugged` measure but cannot send.
    """

    at: InstantArray
    device_time: InstantArray
    values: FloatArray
    powered: BoolArray
    plugged: BoolArray


def present_values(row: Sequence[float]) -> dict[str, float]:
    """One row of values by signal, without the missing ones."""
    return {name: value for name, value in zip(SIGNALS, row, strict=True) if value == value}


class BedsideMonitors:
    """Monitors and their patients by index. The readings depend on the seed and the ids, not on the other monitors.

    A reading comes every `period` seconds, ± 10 %. Each device has its own phase, so that the devices
    do not measure at the same time; all readings of a step lie within that step.
    """

    def __init__(
        self, devices: Sequence[str], patients: Sequence[str], *, seed: int, start: Micros, period: float = 2.5
    ) -> None:
        self.devices = tuple(devices)
        self.period = period
        self.start = start
        self.patients = Patients(patients, seed=seed, start=start, period=period)
        self.faults = ActiveFaults(seed, devices)
        self._step = 0
        self._jitter = period / 10
        generators = [generator(seed, "phase", device) for device in devices]
        self._phase = np.array([g.uniform(self._jitter, period - self._jitter) for g in generators])
        self._battery_every = max(1, round(BATTERY_EVERY / period))
        self._battery_phase = np.array([g.integers(self._battery_every) for g in generators], dtype=np.int64)

    @property
    def now(self) -> float:
        """Seconds since the start up to which everything is computed."""
        return self._step * self.period

    def begin_scenario(self, device: int, scenario: Scenario, at: float | None = None, speed: float = 1.0) -> None:
        """Begin a scenario of the patient at a device, `at` seconds since the start, by default now."""
        self.patients.begin(device, scenario, at, speed)

    def begin_fault(
        self, device: int, fault: DeviceFault, at: float | None = None, lasting: float | None = None
    ) -> None:
        """Begin a fault of a device, `at` s since the start, by default now, for `lasting` s or permanently."""
        self.faults.add(device, fault, self.now if at is None else at, lasting)

    def advance(self, steps: int) -> Measurements:
        """The next `steps` steps of all devices."""
        truth, normals = self.patients.advance(steps)
        index = np.arange(self._step, self._step + steps)
        self._step += steps
        t: FloatArray = index.astype(np.float64) * self.period
        values = np.full((steps, len(self.devices), len(SIGNALS)), 100.0)
        values[..., : len(VITALS)] = add_instrument_noise(truth, normals)
        condition = self.faults.apply(t, values, SIGNALS)
        silent = (index[:, None] + self._battery_phase) % self._battery_every != 0
        values[silent, -1] = np.nan
        offset = self._phase + self._jitter * np.clip(normals[:, len(VITALS)] / 2, -1, 1)
        at = self._instants(t[:, None] + offset)
        device_time = self._instants(t[:, None] + offset + condition.clock_offset)
        return Measurements(at, device_time, round_as_displayed(values, SIGNALS), condition.powered, condition.plugged)

    def _instants(self, seconds: FloatArray) -> InstantArray:
        milliseconds: InstantArray = np.rint(seconds * 1000).astype(np.int64)
        return self.start // 1000 * 1000 + milliseconds * (SECOND // 1000)
