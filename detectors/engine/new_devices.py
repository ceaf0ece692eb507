"""Devices that are new to the engine: where they are, their rows, and from when on they count as missing when they send
nothing."""

from collections.abc import Callable

import numpy as np

from detectors.engine.devices import Devices, DeviceState
from detectors.engine.rule_assignment import RuleAssignment
from detectors.engine.time_advance import TimeAdvance
from ward.clock import SECOND, Micros


class NewDevices:
    """Adds devices. `partition` returns the partition of the log that a device's readings are in."""

    def __init__(
        self, devices: Devices, rules: RuleAssignment, time: TimeAdvance, partition: Callable[[str], int]
    ) -> None:
        self._devices = devices
        self._rules = rules
        self._time = time
        self._partition = partition

    def add(self, name: str, now: Micros, ward: str = "", device_kind: str = "", attached: str = "") -> DeviceState:
        """Add a device, with its rows. `ward`, `device_kind` and `attached` are what its reading says of it."""
        device = self._devices.add(name, self._partition(name))
        device.ward, device.device_kind, device.attached = ward, device_kind, attached
        self._devices.columns.tick_watermark[device.number] = now // SECOND
        self._rules.add_device(device, now // SECOND * SECOND)
        self.expect_from(device, now)
        return device

    def expect_from(self, device: DeviceState, now: Micros) -> None:
        """Count a device of the inventory, and its expected signals, as missing when they send nothing from `now`
        on."""
        if not device.unregistered:
            numbers = list(device.series.values())
            for table, rows in ((self._devices.series, numbers), (self._devices.columns, [device.number])):
                never = np.array(rows, dtype=np.intp)[np.isneginf(table.last_seen[rows])]
                table.last_seen[never] = table.first_seen[never] = now / SECOND
        self._time.schedule(device.number)
