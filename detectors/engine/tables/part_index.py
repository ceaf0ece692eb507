"""Which parts of which vectors are series of a wave: looked up for a whole wave at once."""

from typing import NamedTuple

import numpy as np

from detectors.base.columns import Ints, Slots, as_slice

_NONE: Ints = np.empty(0, dtype=np.intp)


class PartMatch(NamedTuple):
    """The vectors that have values in a wave.

    By value of a vector: `slots` is its slot, `parts` which part of it the value is, and `series` the index of its
    series in the wave. By vector: `rows` are the slots, rising, `row_slice` the same as a slice where they are
    consecutive, and `firsts` the index in the wave of the series of one of its values. `dense` is (parts, rows), the
    index in the wave of each part's series, where each vector has all of its parts; else None.
    """

    slots: Ints
    parts: Ints
    series: Ints
    rows: Ints
    row_slice: Slots
    firsts: Ints
    dense: Ints | None


class PartIndex:
    """One series may be a part of several vectors: `_slots[i, series]` is the slot of the i-th of them, or -1, and
    `_parts[i, series]` which part of it."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._slots: Ints = np.full((1, 0), -1, dtype=np.intp)
        self._parts: Ints = np.full((1, 0), -1, dtype=np.intp)
        self._of_slot: dict[int, Ints] = {}
        self._last_series, self._last_match = _NONE, _nothing()

    def add(self, slot: int) -> None:
        """A vector without any series yet."""
        self._of_slot[slot] = np.full(self._width, -1, dtype=np.intp)

    def bind(self, slot: int, part: int, series: int) -> None:
        """A series is a part of a vector."""
        if self._of_slot[slot][part] == series:
            return
        self._of_slot[slot][part] = series
        self._forget_last()
        self._cover(series)
        layer = next((i for i in range(len(self._slots)) if self._slots[i, series] < 0), len(self._slots))
        if layer == len(self._slots):
            more = np.full((1, self._slots.shape[1]), -1, dtype=np.intp)
            self._slots, self._parts = np.concatenate((self._slots, more)), np.concatenate((self._parts, more))
        self._slots[layer, series], self._parts[layer, series] = slot, part

    def remove(self, slot: int) -> None:
        """Forget a vector."""
        self._forget_last()
        for series in filter(lambda number: number >= 0, self._of_slot.pop(slot).tolist()):
            column = self._slots[:, series]
            column[column == slot] = -1

    def series(self, slot: int) -> Ints:
        """The series of each part of a vector, -1 for one that has none yet."""
        return self._of_slot[slot]

    def slots_of(self, series: Ints) -> list[int]:
        """The vectors that have any of these series, rising."""
        known = series[series < self._slots.shape[1]]
        found = self._slots[:, known]
        return sorted(set(found[found >= 0].tolist()))

    def match(self, series: Ints, series_count: int) -> PartMatch:
        """The vectors that have values in a wave with these series, each of which occurs once. Successive waves have
        mostly the same series: the last result is cached."""
        if len(series) == len(self._last_series) and (series == self._last_series).all():
            return self._last_match
        self._cover(series_count)
        self._last_series, self._last_match = series, self._find(series)
        return self._last_match

    def _find(self, series: Ints) -> PartMatch:
        found = self._slots[:, series]
        layer, index = np.nonzero(found >= 0)
        if not len(index):
            return _nothing()
        slots, parts = found[layer, index], self._parts[layer, series[index]]
        order = np.lexsort((slots, parts))
        slots, parts, index = slots[order], parts[order], index[order]
        rows, firsts = np.unique(slots, return_index=True)
        dense = index.reshape(self._width, len(rows)) if len(slots) == self._width * len(rows) else None
        return PartMatch(slots, parts, index, rows, as_slice(rows), index[firsts], dense)

    def _forget_last(self) -> None:
        self._last_series, self._last_match = _NONE, _nothing()

    def _cover(self, series: int) -> None:
        have = self._slots.shape[1]
        if series >= have:
            more = np.full((len(self._slots), max(series + 1, 2 * have, 64) - have), -1, dtype=np.intp)
            self._slots = np.concatenate((self._slots, more), axis=1)
            self._parts = np.concatenate((self._parts, more), axis=1)


def _nothing() -> PartMatch:
    return PartMatch(_NONE, _NONE, _NONE, _NONE, _NONE, _NONE, None)
