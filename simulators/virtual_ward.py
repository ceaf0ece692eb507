"""A ward in virtual time: weeks in minutes, through the same patients, instruments, faults and payloads as live."""

from collections import deque
from collections.abc import Iterator

import numpy as np

from simulators.device_client.buffer import BufferedReading
from simulators.device_client.memory_buffer import MemoryDeviceBuffer
from simulators.device_client.payload_writer import PayloadWriter
from simulators.devices.bedside_monitors import Measurements, present_values
from simulators.devices.monitors_at_beds import MONITOR, monitors_at_beds, scripted_monitors
from simulators.scripts.script import WardScript
from ward.clock import SECOND, ManualClock, Micros
from ward.inventory import Inventory
from ward.reading import Reading
from ward.topics import DeviceTopics

STEPS = 1024


class VirtualWard:
    """The monitors of an inventory under a clock that is turned by this source.

    `batches`, `readings` and `payloads` each go on where the last of them stopped. All three move the
    clock to what they give: a bridge or a detector driven by them with this clock is told the right time.
    """

    def __init__(self, inventory: Inventory, script: WardScript, clock: ManualClock, root: str = "ward") -> None:
        self._clock = clock
        self._start = clock.now()
        stands = monitors_at_beds(inventory, self._start)
        self.devices = tuple(stand.device for stand in stands)
        self.wards = tuple(stand.ward for stand in stands)
        self._bedside = scripted_monitors(inventory, script, self._start)
        self._topics = [DeviceTopics(root, stand.ward, stand.device).readings for stand in stands]
        self._boots = MemoryDeviceBuffer()
        self._numbering = [PayloadWriter(device, self._boots.starts) for device in self.devices]
        self._backlog: list[deque[BufferedReading]] = [deque() for _ in self.devices]
        self._on = [True] * len(self.devices)
        for numbering in self._numbering:
            numbering.start(self._start)

    def batches(self, seconds: float, steps: int = STEPS) -> Iterator[Measurements]:
        """The next `seconds` as arrays, at most `steps` steps at a time. The clock is at the end of each batch."""
        left = round(seconds / self._bedside.period)
        while left > 0:
            batch = self._bedside.advance(min(steps, left))
            left -= len(batch.at)
            self._turn(self._start + round(self._bedside.now * SECOND))
            yield batch

    def readings(self, seconds: float) -> Iterator[Reading]:
        """The next `seconds` as a bridge would write them that loses nothing, in the order they were measured.

        What a cable that is out delays, numbers and repeats are left out: for detectors and for the store.
        """
        for at, claimed, i, values, _, _ in self._measured(seconds):
            if values:
                yield Reading(
                    device=self.devices[i], ward=self.wards[i], at=claimed, seen=at, values=values, device_kind=MONITOR
                )

    def payloads(self, seconds: float) -> Iterator[tuple[str, bytes]]:
        """The next `seconds` as MQTT topics and payloads as they go onto the wire, boots, repeats and all."""
        for at, claimed, i, values, powered, plugged in self._measured(seconds):
            if powered and not self._on[i]:
                self._numbering[i].start(at)
            self._on[i] = powered
            if powered and values:
                payload = self._numbering[i].write(claimed, values)
                self._backlog[i].append(BufferedReading(0, self._numbering[i].boot, self._numbering[i].seq, payload))
            if powered and plugged and self._backlog[i]:
                waiting = list(self._backlog[i])
                self._backlog[i].clear()
                for message in self._bedside.effects.wire(i, (at - self._start) / SECOND, waiting):
                    yield self._topics[i], message.payload

    def _measured(self, seconds: float) -> Iterator[tuple[Micros, Micros, int, dict[str, float], bool, bool]]:
        left = round(seconds / self._bedside.period)
        while left > 0:
            # Computed ahead of the clock, which then follows from reading to reading.
            batch = self._bedside.advance(min(STEPS, left))
            left -= len(batch.at)
            order = np.argsort(batch.at, axis=1, kind="stable").tolist()
            at, claimed, values = batch.at.tolist(), batch.claimed.tolist(), batch.values.tolist()
            powered, plugged = batch.powered.tolist(), batch.plugged.tolist()
            for step, devices in enumerate(order):
                for i in devices:
                    self._turn(at[step][i])
                    row = present_values(values[step][i])
                    yield at[step][i], claimed[step][i], i, row, powered[step][i], plugged[step][i]
            self._turn(self._start + round(self._bedside.now * SECOND))

    def _turn(self, to: Micros) -> None:
        ahead = to - self._clock.now()
        if ahead > 0:
            self._clock.advance(ahead / SECOND)
