"""Which readings of a batch are evaluated in waves, and which in blocks."""

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Ints
from detectors.engine.waves.block import Block, SeriesValues
from detectors.engine.waves.indexed_readings import IndexedReadings

# A block costs about as much as so many waves, whatever is in it.
BLOCK_COST = 15


def split(batch: IndexedReadings, busy: Ints) -> tuple[list[Block], npt.NDArray[np.bool_] | None]:
    """The blocks of a batch, and by reading whether it is left for waves; None for all of them.

    There are as many waves as the device with the most readings has. Devices that send many more than all others have
    a block each, as long as that saves more waves than it costs. A `busy` device has a tick in each second, so each
    second of its readings is a block of its own.

    A device with 40 readings beside one with 2:

    >>> devices = np.array([7] * 20 + [8] * 2 + [7] * 20)
    >>> batch = IndexedReadings(devices, np.arange(42.0), np.arange(42.0), np.ones(42, np.intp), devices * 10,
    ...                         np.arange(42.0), np.empty(0, np.intp), 100)
    >>> blocks, left = split(batch, np.empty(0, np.intp))
    >>> [(block.device, len(block), block.series[0].x[18:22].tolist()) for block in blocks], np.flatnonzero(left)
    ([(7, 40, [18.0, 19.0, 22.0, 23.0])], array([20, 21]))
    """
    if len(batch) <= BLOCK_COST:
        return [], None
    devices, counts = batch.devices[batch.by_device[batch.runs[:-1]]], np.diff(batch.runs)
    cost = np.where(np.isin(devices, busy), np.inf, BLOCK_COST)
    for i in np.flatnonzero((counts > BLOCK_COST) & np.isinf(cost)).tolist():
        cost[i] = BLOCK_COST * (1 + np.count_nonzero(np.diff(np.floor(batch.received_at[batch.run(i)]))))
    order = np.argsort(-np.where(cost < counts, counts, 0), kind="stable")
    # The number of waves that are left when the first 0, 1, 2 … of these have a block.
    most_left = np.maximum.accumulate(counts[order][::-1])[::-1]
    waves = np.append(most_left, 0) + np.concatenate(([0.0], np.cumsum(cost[order])))
    blocks = int(waves.argmin())
    if not blocks:
        return [], None
    left = np.ones(len(batch), dtype=np.bool_)
    for i in order[:blocks].tolist():
        left[batch.run(i)] = False
    return [_block(batch, int(devices[i]), batch.run(i)) for i in order[:blocks].tolist()], left


def _block(batch: IndexedReadings, device: int, origin: Ints) -> Block:
    count = batch.count[origin]
    steps = np.repeat(np.arange(len(origin)), count)
    # The index of each value: those of a reading are consecutive.
    values = np.arange(len(steps)) + np.repeat(batch.first[origin] - (np.cumsum(count) - count), count)
    series = batch.series[values]
    order = np.argsort(series, kind="stable")
    bounds = np.flatnonzero(np.diff(series[order], prepend=-1))
    return Block(
        device, batch.at[origin], batch.received_at[origin], origin, np.isin(origin, batch.status_only),
        [SeriesValues(int(series[part[0]]), batch.x[values[part]], steps[part])
         for part in np.split(order, bounds[1:]) if len(part)],
        batch.series_count,
    )  # fmt: skip
