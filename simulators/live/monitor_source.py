"""The bedside monitors of an inventory, at their beds, each on a link of its own."""

from collections.abc import Callable

from simulators.device_client.buffer import DeviceBuffer
from simulators.device_client.client import DeliveryCounts, DeviceClient, WireFilter
from simulators.device_client.connection import DeviceConnection
from simulators.devices.bedside_monitors import InstantArray, present_values
from simulators.devices.monitors_at_beds import monitors_at_beds, scripted_monitors
from simulators.live.schedule import Schedule
from simulators.scripts.script import WardScript
from ward.clock import Clock, Micros
from ward.inventory import Inventory
from ward.topics import DeviceTopics

Linked = Callable[[DeviceTopics], DeviceConnection]


class MonitorSource:
    """A source: all monitors of the inventory, measuring when each is due and attended to at every run."""

    def __init__(
        self, inventory: Inventory, script: WardScript, linked: Linked, kept: DeviceBuffer, clock: Clock, root: str
    ) -> None:
        start = clock.now()
        self._kept = kept
        self._bedside = scripted_monitors(inventory, script, start)
        self._agenda = Schedule(script.every, self._bedside.start // 1000 * 1000, self._compute)
        self.devices: list[DeviceClient] = []
        for i, stand in enumerate(monitors_at_beds(inventory, start)):
            topics = DeviceTopics(root, stand.ward, stand.device)
            self.devices.append(DeviceClient(topics, linked(topics), kept, clock, self._wired(i)))
        self._now = 0.0
        for one in self.devices:
            one.power(True, start)
            one.plug(True)

    @property
    def due(self) -> float:
        return self._agenda.due

    @property
    def counts(self) -> DeliveryCounts:
        """What became of the readings of all of them."""
        return sum((device.counts for device in self.devices), DeliveryCounts())

    @property
    def passed_over(self) -> int:
        """Steps nobody measured because the simulation stood still."""
        return self._agenda.passed_over

    def run(self, now: float, shift: Micros) -> int:
        self._now = now
        done = 0
        while due := self._agenda.take(now):
            for i in due:
                self._measure(i, shift)
            done += len(due)
        return done + self.attend()

    def attend(self) -> int:
        return sum(device.attend() for device in self.devices)

    def close(self) -> None:
        for device in self.devices:
            device.close()
        self._kept.close()

    def _compute(self, steps: int) -> InstantArray:
        self._row = self._bedside.advance(steps)
        return self._row.at

    def _measure(self, i: int, shift: Micros) -> None:
        device, row = self.devices[i], self._row
        device.power(bool(row.powered[0, i]), int(row.at[0, i]) + shift)
        device.plug(bool(row.plugged[0, i]))
        device.measure(int(row.claimed[0, i]) + shift, present_values(row.values[0, i].tolist()))
        device.attend()

    def _wired(self, i: int) -> WireFilter:
        return lambda messages: self._bedside.effects.wire(i, self._now, messages)
