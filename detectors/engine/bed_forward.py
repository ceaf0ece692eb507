"""Values that rules about beds need, forwarded to the patient or the bed where their device is.

Of each series the first value in each `EVERY` seconds is forwarded, by the device's clock; of a backlog, which says
little about now, in each `EVERY_LATE`. Which one follows from the reading and the value before it alone, so a replay
forwards the same ones.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from detectors.base.columns import Floats, Ints
from detectors.engine.devices import Devices, DeviceState
from detectors.engine.waves.indexed_readings import IndexedReadings
from ward.bed_subject import bed_subject
from ward.clock import SECOND
from ward.config.config import Config
from ward.reading import Reading

EVERY, EVERY_LATE = 5.0, 60.0
# A value that the bridge received so many seconds after it was measured is of a backlog.
LATE = 300.0


class _Part(NamedTuple):
    """Values of one wave or block: of each the index of its reading in the batch, the number of its series, the value,
    and its time in seconds."""

    origin: Ints
    series: Ints
    x: Floats
    t: Floats


@dataclass(frozen=True, slots=True)
class ForBed:
    """A reading about a patient or a bed, from the reading of a `device` with the index `origin` in its batch."""

    device: str
    origin: int
    reading: Reading


class BedForward:
    """Collects the values of one batch that are to be forwarded, by the rules of a config."""

    def __init__(self, devices: Devices, config: Config) -> None:
        self._devices = devices
        self.configure(config)
        self._parts: list[_Part] = []

    def configure(self, config: Config) -> None:
        """Take a new config. Without a rule about beds nothing is collected."""
        self._inventory, self._wanted = config.inventory, bool(config.bed_signals)

    def collect(
        self, origin: Ints, series: Ints, x: Floats, t: Floats, before: Floats, received_at: Floats
    ) -> None:  # fmt: skip
        """Look at values, each later than all of its series before; `before` are the times of those, -inf for none, and
        `received_at` when the bridge received each value. All times are in seconds."""
        if not self._wanted:
            return
        every = np.where(received_at - t > LATE, EVERY_LATE, EVERY)
        due = (self._devices.series.forwarded[series] > 0) & (np.floor(t / every) > np.floor(before / every))
        if due.any():
            self._parts.append(_Part(origin[due], series[due], x[due], t[due]))

    def readings(self, batch: IndexedReadings) -> list[ForBed]:
        """What was collected of a batch, as readings about patients and beds, in the order of the batch."""
        if not self._parts:
            return []
        part = _Part(*(np.concatenate(column) for column in zip(*self._parts, strict=True)))
        self._parts.clear()
        order = np.lexsort((part.series, part.origin))  # so that equal signals stand in one order in all readings
        origin, series = part.origin[order], part.series[order].tolist()
        x, t = part.x[order].tolist(), part.t[order].tolist()
        starts = np.flatnonzero(np.diff(origin, prepend=-1)).tolist()
        origins, names = origin.tolist(), _Names()
        found = []
        for a, b in zip(starts, [*starts[1:], len(x)], strict=True):
            of, at = origins[a], round(t[a] * SECOND)
            device = self._devices.by_number[int(batch.devices[of])]
            # Where it was then: a replay has the same place.
            place = self._inventory.place(device.name, at) if device.place_changes else device.place
            if place.bed:
                signals = names.of(device)
                values = {signals[number]: value for number, value in zip(series[a:b], x[a:b], strict=True)}
                reading = Reading(
                    device=bed_subject(place), ward=place.ward, at=at, received_at=batch.received[of], values=values,
                    boot=device.name,
                )  # fmt: skip
                found.append(ForBed(device.name, of, reading))
        return found


class _Names:
    """The signals of devices by the numbers of their series, for one batch."""

    def __init__(self) -> None:
        self._of: dict[str, dict[int, str]] = {}

    def of(self, device: DeviceState) -> dict[int, str]:
        if device.name not in self._of:
            self._of[device.name] = {number: signal for signal, number in device.series.items()}
        return self._of[device.name]
