"""A batch of readings cut into waves: the n-th reading of each device is in the n-th wave."""

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Ints, Slots, as_slice
from detectors.engine.waves.indexed_readings import IndexedReadings
from detectors.engine.waves.wave import Wave

Chosen = npt.NDArray[np.bool_]


def cut(batch: IndexedReadings, chosen: Chosen | None = None) -> list[Wave]:
    """The waves of a batch, or of some devices with all of their readings, in the order of the readings of each.
    `chosen` is by reading whether it is among these.

    A wave is in the order of the numbers of its devices: where all devices of a partition have sent, these are
    consecutive, and the columns of the tables are views.

    Two devices, the first of which sends twice, with one value each:

    >>> one = np.ones(3, dtype=np.intp)
    >>> batch = IndexedReadings(np.array([7, 8, 7]), np.arange(3.0), np.arange(3.0), one, np.array([0, 1, 0]),
    ...                         np.array([80.0, 97.0, 81.0]), np.empty(0, dtype=np.intp), 2)
    >>> [(wave.devices.tolist(), wave.x.tolist()) for wave in cut(batch)]
    [([7, 8], [80.0, 97.0]), ([7], [81.0])]
    """
    by_device = batch.by_device
    # The place of each reading among those of its device.
    rank = np.arange(len(by_device)) - np.repeat(batch.runs[:-1], np.diff(batch.runs))
    if chosen is not None:
        by_device, rank = by_device[chosen[by_device]], rank[chosen[by_device]]
    by_rank = np.argsort(rank, kind="stable")
    order, ranks = by_device[by_rank], rank[by_rank]
    count = batch.count[order]
    end = np.cumsum(count)
    # The index of each value, with the values in the order of the waves, and the place in `order` of its reading.
    values = np.arange(count.sum()) + np.repeat(batch.first[order] - (end - count), count)
    places = np.repeat(np.arange(len(order)), count)
    bounds = np.searchsorted(ranks, np.arange(rank.max(initial=-1) + 2))
    ends = np.concatenate(([0], end))
    one_each = len(values) == len(order) and bool((count == 1).all())
    waves = []
    for a, b in zip(bounds.tolist(), bounds[1:].tolist(), strict=False):
        part = slice(int(ends[a]), int(ends[b]))
        reading: Slots = slice(None) if one_each else places[part] - a
        waves.append(_wave(batch, order[a:b], values[part], reading))
    return waves


def one_reading(batch: IndexedReadings, origin: int) -> Wave:
    """The wave of one reading of a batch."""
    count = int(batch.count[origin])
    values = int(batch.first[origin]) + np.arange(count)
    return _wave(batch, np.array([origin]), values, np.zeros(count, dtype=np.intp))


def _wave(batch: IndexedReadings, origin: Ints, values: Ints, reading: Slots) -> Wave:
    series, devices = batch.series[values], batch.devices[origin]
    return Wave(
        series=series, x=batch.x[values], t=batch.at[origin][reading], reading=reading, devices=devices,
        received_at=batch.received_at[origin], origin=origin, device_slice=as_slice(devices),
        series_slice=as_slice(series),
        series_count=batch.series_count,
        status_only=np.flatnonzero(np.isin(origin, batch.status_only)) if len(batch.status_only) else None,
    )  # fmt: skip
