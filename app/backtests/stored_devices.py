"""Columns of the store as the readings of devices: in columns where they are plain, else one by one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.backtests.stored_readings import IMPLAUSIBLE, readings
from detectors.base.derived_signals import DUPLICATES, LOST, SKEW
from detectors.engine.device_columns import DeviceColumns
from ward.clock import Micros
from ward.ports import Row, SeriesColumns
from ward.reading import Reading

# Fields that are no values, and tags by which readings differ from one another besides their values.
_UNUSUAL = frozenset({LOST, DUPLICATES, SKEW})
_DESCRIPTION = ("ward", "bed", "device_kind", "imaging_device")


@dataclass(frozen=True)
class StoredDevice:
    """The stored points of one device in a window."""

    device: str
    series: Sequence[SeriesColumns]

    @cached_property
    def columns(self) -> DeviceColumns | None:
        """Its readings in columns; None where one of them is more than its values: an implausible value, lost readings
        or repeats before it, a wrong clock; or where the device was moved."""
        if len({tuple(one.tags.get(tag, "") for tag in _DESCRIPTION) for one in self.series}) > 1:
            return None
        fields = {(i, name): x for i, one in enumerate(self.series) for name, x in one.fields.items()}
        if any(_unusual(name) and not np.isnan(x).all() for (_, name), x in fields.items()):
            return None
        at = self.instants
        signals = sorted({name for _, name in fields if not _unusual(name)})
        values = np.full((len(at), len(signals)), np.nan)
        for (i, name), x in fields.items():
            if not _unusual(name):
                there = ~np.isnan(x)
                values[np.searchsorted(at, self.series[i].at[there]), signals.index(name)] = x[there]
        filled = ~np.isnan(values).all(axis=1)
        return DeviceColumns(self.device, at[filled], tuple(signals), values[filled])

    @cached_property
    def instants(self) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        """The instants of all of its points, each once, in order."""
        if len(self.series) == 1:
            return self.series[0].at
        return np.unique(np.concatenate([one.at for one in self.series]))

    @cached_property
    def readings(self) -> list[Reading]:
        """Its readings one by one, oldest first."""
        return readings(sorted((row for one in self.series for row in _rows(one)), key=lambda row: row.at))


def stored_devices(columns: Iterable[SeriesColumns]) -> list[StoredDevice]:
    """The devices of a window, in the order of their names; points without a device are left out."""
    found: dict[str, list[SeriesColumns]] = {}
    for one in columns:
        if device := one.tags.get("device", ""):
            found.setdefault(device, []).append(one)
    return [StoredDevice(device, found[device]) for device in sorted(found)]


def first_instant(devices: Iterable[StoredDevice]) -> Micros | None:
    """The instant of the first reading; None without any."""
    return min((int(device.instants[0]) for device in devices), default=None)


def _unusual(name: str) -> bool:
    return name in _UNUSUAL or name.endswith(IMPLAUSIBLE)


def _rows(columns: SeriesColumns) -> Iterable[Row]:
    names = list(columns.fields)
    table = zip(*(columns.fields[name].tolist() for name in names), strict=True)
    for at, values in zip(columns.at.tolist(), table, strict=True):
        yield Row(at, columns.tags, {name: x for name, x in zip(names, values, strict=True) if x == x})
