"""A ward in virtual time: weeks in minutes, with the same patients, instruments, faults and payloads as live."""

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
    """The monitors of an inventory, with a clock that this class advances.

    `batches`, `readings` and `payloads` each continue where the last call stopped. All three advance the
    clock to the time of what they return, so that a bridge or a detector with this clock sees the right time.
    """

    def __init__(self, inventory: Inventory, script: WardScript, clock: ManualClock, root: str = "ward") -> None:
        self._clock = clock
        self._start = clock.now()
        monitors = monitors_at_beds(inventory, self._start)
        self.devices = tuple(m.device for m in monitors)
        self.wards = tuple(m.ward for m in monitors)
        self._bedside = scripted_monitors(inventory, script, self._start)
        self._topics = [DeviceTopics(root, m.ward, m.device).readings for m in monitors]
        self._boots = MemoryDeviceBuffer()
        self._numbering = [PayloadWriter(device, self._boots.next_boot) for device in self.devices]
        self._backlog: list[deque[BufferedReading]] = [deque() for _ in self.devices]
        self._on = [True] * len(self.devices)
        for numbering in self._numbering:
            numbering.start(self._start)

    def batches(self, seconds: float, steps: int = STEPS) -> Iterator[Measurements]:
        """The next `seconds` as arrays, at most `steps` steps at a time. The clock is at the end of each batch."""
        steps_left = round(seconds / self._bedside.period)
        while steps_left > 0:
            batch = self._bedside.advance(min(steps, steps_left))
            steps_left -= len(batch.at)
            self._advance_clock(self._start + round(self._bedside.now * SECOND))
            yield batch

    def readings(self, seconds: float) -> Iterator[Reading]:
        """The next `seconds` as readings of a bridge that loses and delays nothing, in the order of measurement.

        Sequence numbers, duplicates and delays are steps_left out: for detectors and for the store.
        """
        for at, device_time, i, values, _, _ in self._measured(seconds):
            if values:
                yield Reading(
                    device=self.devices[i],
                    ward=self.wards[i],
                    at=device_time,
                    received_at=at,
                    values=values,
                    device_kind=MONITOR,
                )

    def payloads(self, seconds: float) -> Iterator[tuple[str, bytes]]:
        """The next `seconds` as MQTT topics and payloads as they are sent, with boots, delays and duplicates."""
        for at, device_time, i, values, powered, plugged in self._measured(seconds):
            if powered and not self._on[i]:
                self._numbering[i].start(at)
            self._on[i] = powered
            if powered and values:
                payload = self._numbering[i].write(device_time, values)
                self._backlog[i].append(BufferedReading(0, self._numbering[i].boot, self._numbering[i].seq, payload))
            if powered and plugged and self._backlog[i]:
                waiting = list(self._backlog[i])
                self._backlog[i].clear()
                for message in self._bedside.faults.transmit(i, (at - self._start) / SECOND, waiting):
                    yield self._topics[i], message.payload

    def _measured(self, seconds: float) -> Iterator[tuple[Micros, Micros, int, dict[str, float], bool, bool]]:
        steps_left = round(seconds / self._bedside.period)
        while steps_left > 0:
            # The batch is computed first; the clock then advances from reading to reading.
            batch = self._bedside.advance(min(STEPS, steps_left))
            steps_left -= len(batch.at)
            order = np.argsort(batch.at, axis=1, kind="stable").tolist()
            at, device_time, values = batch.at.tolist(), batch.device_time.tolist(), batch.values.tolist()
            powered, plugged = batch.powered.tolist(), batch.plugged.tolist()
            for step, devices in enumerate(order):
                for i in devices:
                    self._advance_clock(at[step][i])
                    row = present_values(values[step][i])
                    yield at[step][i], device_time[step][i], i, row, powered[step][i], plugged[step][i]
            self._advance_clock(self._start + round(self._bedside.now * SECOND))

    def _advance_clock(self, to: Micros) -> None:
        ahead = to - self._clock.now()
        if ahead > 0:
            self._clock.advance(ahead / SECOND)
