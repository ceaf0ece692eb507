"""The bedside monitors of an inventory, at their beds, each with its own connection."""

from collections.abc import Callable

from simulators.device_client.buffer import DeviceBuffer
from simulators.device_client.client import DeliveryCounts, DeviceClient, TransmitFilter
from simulators.device_client.connection import DeviceConnection
from simulators.devices.bedside_monitors import InstantArray, present_values
from simulators.devices.monitors_at_beds import monitors_at_beds, scripted_monitors
from simulators.live.schedule import Schedule
from simulators.scripts.script import WardScript
from ward.clock import Clock, Micros
from ward.inventory import Inventory
from ward.topics import DeviceTopics

MakeConnection = Callable[[DeviceTopics], DeviceConnection]


class MonitorSource:
    """A source: all monitors of the inventory. Each measures when it is due and exchanges messages at every run."""

    def __init__(
        self,
        inventory: Inventory,
        script: WardScript,
        connect: MakeConnection,
        buffer: DeviceBuffer,
        clock: Clock,
        root: str,
    ) -> None:
        start = clock.now()
        self._buffer = buffer
        self._bedside = scripted_monitors(inventory, script, start)
        self._schedule = Schedule(script.every, self._bedside.start // 1000 * 1000, self._compute)
        self.devices: list[DeviceClient] = []
        for i, monitor in enumerate(monitors_at_beds(inventory, start)):
            topics = DeviceTopics(root, monitor.ward, monitor.device)
            self.devices.append(DeviceClient(topics, connect(topics), buffer, clock, self._transmit(i)))
        self._now = 0.0
        for device in self.devices:
            device.power(True, start)
            device.plug(True)

    @property
    def due(self) -> float:
        return self._schedule.due

    @property
    def counts(self) -> DeliveryCounts:
        """The counts of all monitors together."""
        return sum((device.counts for device in self.devices), DeliveryCounts())

    @property
    def skipped(self) -> int:
        """Steps without measurements, because the simulation was suspended."""
        return self._schedule.skipped

    def run(self, now: float, shift: Micros) -> int:
        self._now = now
        done = 0
        while due := self._schedule.take(now):
            for i in due:
                self._measure(i, shift)
            done += len(due)
        return done + self.exchange()

    def exchange(self) -> int:
        return sum(device.exchange() for device in self.devices)

    def close(self) -> None:
        for device in self.devices:
            device.close()
        self._buffer.close()

    def _compute(self, steps: int) -> InstantArray:
        self._row = self._bedside.advance(steps)
        return self._row.at

    def _measure(self, i: int, shift: Micros) -> None:
        device, row = self.devices[i], self._row
        device.power(bool(row.powered[0, i]), int(row.at[0, i]) + shift)
        device.plug(bool(row.plugged[0, i]))
        device.measure(int(row.device_time[0, i]) + shift, present_values(row.values[0, i].tolist()))
        device.exchange()

    def _transmit(self, i: int) -> TransmitFilter:
        return lambda messages: self._bedside.faults.transmit(i, self._now, messages)
