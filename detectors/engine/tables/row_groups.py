"""Rows whose series have values in the same readings of a block: they are evaluated together."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detectors.base.columns import Floats, Ints, Slots
from detectors.engine.waves.block import Block


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Some rows with their values along time.

    `x` is (rows, n); the times `t`, when the bridge received each reading, both in seconds, and `origin`, the index of
    each reading in the batch, are (n,) and the same for all rows.
    """

    slots: Ints
    x: Floats
    t: Floats
    received_at: Floats
    origin: Ints


def group_rows(slots: Ints, index: Slots, block: Block) -> Iterator[RowGroup]:
    """The rows of a block in groups. `index` is for each slot the index of its series in the block."""
    groups: dict[bytes, list[tuple[int, int]]] = {}
    keys = [b"" if len(v.steps) == len(block) else v.steps.tobytes() for v in block.series]
    for slot, series in zip(slots.tolist(), np.arange(len(keys))[index].tolist(), strict=True):
        groups.setdefault(keys[series], []).append((slot, series))
    for rows in groups.values():
        steps = block.series[rows[0][1]].steps
        x = np.stack([block.series[series].x for _, series in rows])
        yield RowGroup(
            np.array([slot for slot, _ in rows]), x, block.at[steps], block.received_at[steps], block.origin[steps]
        )
