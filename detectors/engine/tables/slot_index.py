"""Which slots of a table evaluate which series: looked up for a whole wave at once."""

from typing import NamedTuple

import numpy as np

from detectors.base.columns import Ints, Slots, as_slice


class SlotMatch(NamedTuple):
    """Slots; the same as a slice where they are consecutive; and for each the index of its series in the wave."""

    slots: Ints
    slot_slice: Slots
    series: Slots


class SlotIndex:
    """Several rows may evaluate one series: `_slots[i, series]` is the slot of the i-th of them, or -1."""

    def __init__(self) -> None:
        self._last_series: Ints = np.empty(0, dtype=np.intp)
        self._last_match = SlotMatch(self._last_series, self._last_series, slice(None))
        self._slots: Ints = np.full((1, 0), -1, dtype=np.intp)

    def add(self, series: int, slot: int) -> None:
        """A slot evaluates a series; -1 is no series, for a row about a whole device."""
        if series < 0:
            return
        self._drop_last()
        self._cover(series)
        for layer in self._slots:
            if layer[series] < 0:
                layer[series] = slot
                return
        self._slots = np.concatenate((self._slots, np.full((1, self._slots.shape[1]), -1, dtype=np.intp)))
        self._slots[-1, series] = slot

    def remove(self, series: int, slot: int) -> None:
        """A slot no longer evaluates a series."""
        if series < 0:
            return
        self._drop_last()
        column = self._slots[:, series]
        column[column == slot] = -1

    def match(self, series: Ints, series_count: int) -> SlotMatch:
        """All slots that evaluate these series, in the order of the series. Series numbers are below `series_count`.

        Each series occurs once in a wave, so each slot does. Successive waves have mostly the same series: the last
        result is cached.
        """
        if len(series) == len(self._last_series) and (series == self._last_series).all():
            return self._last_match
        self._cover(series_count)
        self._last_series, self._last_match = series, self._find(series)
        return self._last_match

    def _find(self, series: Ints) -> SlotMatch:
        found = self._slots[:, series]
        if len(found) == 1:
            slots = found[0]
            if slots.min() >= 0:
                return SlotMatch(slots, as_slice(slots), slice(None))
            index = np.flatnonzero(slots >= 0)
            return SlotMatch(slots[index], as_slice(slots[index]), index)
        by_series = found.T
        if by_series.min() >= 0:
            slots = by_series.ravel()
            return SlotMatch(slots, as_slice(slots), np.repeat(np.arange(len(series)), len(found)))
        there = by_series >= 0
        slots = by_series[there]
        return SlotMatch(slots, as_slice(slots), np.nonzero(there)[0])

    def _drop_last(self) -> None:
        self._last_series = self._last_series[:0]
        self._last_match = SlotMatch(self._last_series, self._last_series, slice(None))

    def _cover(self, series: int) -> None:
        have = self._slots.shape[1]
        if series >= have:
            more = max(series + 1, 2 * have, 64) - have
            self._slots = np.concatenate((self._slots, np.full((len(self._slots), more), -1, dtype=np.intp)), axis=1)
