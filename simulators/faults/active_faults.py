"""The faults that are at work now, on many devices at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulators.device_client.buffer import BufferedReading
from simulators.faults import DeviceFault
from simulators.faults.device_fault import BoolArray
from simulators.random_streams import FloatArray


@dataclass(slots=True)
class _Working:
    device: int
    fault: DeviceFault
    begun: float
    until: float


@dataclass(frozen=True, slots=True)
class DeviceCondition:
    """How devices are, shape (steps, devices): on, on the network, and by how many seconds their clock is ahead."""

    powered: BoolArray
    plugged: BoolArray
    ahead: FloatArray


class ActiveFaults:
    """Applies faults to devices from an instant on, for a while or for good. Several add up in the order they came."""

    def __init__(self, seed: int, devices: Sequence[str]) -> None:
        self._seed = seed
        self._devices = list(devices)
        self._working: list[_Working] = []
        self._count = 0

    def add(self, device: int, fault: DeviceFault, begun: float, lasting: float | None = None) -> None:
        """Let a fault work on a device from `begun`, seconds since the start, for `lasting` seconds or for good."""
        own = fault.begun(self._seed, "fault", self._devices[device], self._count, type(fault).__name__)
        self._count += 1
        until = math.inf if lasting is None else begun + lasting
        self._working.append(_Working(device, own, begun, until))

    def apply(self, t: FloatArray, values: FloatArray, names: Sequence[str]) -> DeviceCondition:
        """Distort `values` of shape (steps, devices, signals) in place; say how the devices are at each step."""
        shape = values.shape[:2]
        condition = DeviceCondition(np.ones(shape, dtype=np.bool_), np.ones(shape, dtype=np.bool_), np.zeros(shape))
        for work in self._working:
            first, last = np.searchsorted(t, [work.begun, work.until])
            if first < last:
                self._work(work, slice(int(first), int(last)), t, values, names, condition)
        values[~condition.powered] = math.nan
        return condition

    def wire(self, device: int, t: float, messages: list[BufferedReading]) -> list[BufferedReading]:
        """What goes out at time `t` when these should."""
        for work in [w for w in self._working if w.device == device and w.begun <= t]:
            messages = work.fault.wire(messages) if t < work.until else [*work.fault.release(), *messages]
        return messages

    def _work(
        self,
        work: _Working,
        steps: slice,
        t: FloatArray,
        values: FloatArray,
        names: Sequence[str],
        condition: DeviceCondition,
    ) -> None:
        since, at = t[steps] - work.begun, (steps, work.device)
        for i, name in enumerate(names):
            if work.fault.touches(name):
                values[(*at, i)] = work.fault.distort(name, values[(*at, i)], since)
        condition.powered[at] &= work.fault.powered(since)
        condition.plugged[at] &= work.fault.plugged(since)
        condition.ahead[at] += work.fault.ahead(since)
