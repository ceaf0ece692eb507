"""The faults that are active, on many devices at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulators.device_client.buffer import BufferedReading
from simulators.faults import DeviceFault
from simulators.faults.device_fault import BoolArray
from simulators.random_streams import FloatArray


@dataclass(slots=True)
class _ActiveFault:
    device: int
    fault: DeviceFault
    begun: float
    until: float


@dataclass(frozen=True, slots=True)
class DeviceCondition:
    """Arrays of shape (steps, devices): powered on, connected to the network, clock offset in s (ahead > 0)."""

    powered: BoolArray
    plugged: BoolArray
    clock_offset: FloatArray


class ActiveFaults:
    """Applies faults to devices, for a time or permanently. Several faults are applied in the order of `add`."""

    def __init__(self, seed: int, devices: Sequence[str]) -> None:
        self._seed = seed
        self._devices = list(devices)
        self._active: list[_ActiveFault] = []
        self._count = 0

    def add(self, device: int, fault: DeviceFault, begun: float, lasting: float | None = None) -> None:
        """Start a fault on a device at `begun` seconds since the start, for `lasting` seconds or permanently."""
        own = fault.instance(self._seed, "fault", self._devices[device], self._count, type(fault).__name__)
        self._count += 1
        until = math.inf if lasting is None else begun + lasting
        self._active.append(_ActiveFault(device, own, begun, until))

    def apply(self, t: FloatArray, values: FloatArray, names: Sequence[str]) -> DeviceCondition:
        """Distort `values` of shape (steps, devices, signals) in place. Returns the devices' condition at each step."""
        shape = values.shape[:2]
        condition = DeviceCondition(np.ones(shape, dtype=np.bool_), np.ones(shape, dtype=np.bool_), np.zeros(shape))
        for active in self._active:
            first, last = np.searchsorted(t, [active.begun, active.until])
            if first < last:
                self._apply(active, slice(int(first), int(last)), t, values, names, condition)
        values[~condition.powered] = math.nan
        return condition

    def transmit(self, device: int, t: float, messages: list[BufferedReading]) -> list[BufferedReading]:
        """The messages that are sent at time `t` instead of these."""
        for active in [w for w in self._active if w.device == device and w.begun <= t]:
            messages = active.fault.transmit(messages) if t < active.until else [*active.fault.release(), *messages]
        return messages

    def _apply(
        self,
        active: _ActiveFault,
        steps: slice,
        t: FloatArray,
        values: FloatArray,
        names: Sequence[str],
        condition: DeviceCondition,
    ) -> None:
        since, at = t[steps] - active.begun, (steps, active.device)
        for i, name in enumerate(names):
            if active.fault.affects(name):
                values[(*at, i)] = active.fault.distort(name, values[(*at, i)], since)
        condition.powered[at] &= active.fault.powered(since)
        condition.plugged[at] &= active.fault.plugged(since)
        condition.clock_offset[at] += active.fault.clock_offset(since)
