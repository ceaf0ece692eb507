"""Which slots watch which series, so that a whole wave is looked up at once."""

from typing import NamedTuple

import numpy as np

from detectors.base.detector import Ints

Pick = Ints | slice


class Found(NamedTuple):
    """Slots, the same as a slice where they are a run, and for each the index of its series."""

    slots: Ints
    run: Ints | slice
    pick: Pick


class SlotIndex:
    """A series may be watched by several rows: `_of[i, series]` is the slot of the i-th of them, or -1."""

    def __init__(self) -> None:
        self._asked: Ints = np.empty(0, dtype=np.intp)
        self._answer = Found(self._asked, self._asked, slice(None))
        self._of: Ints = np.full((1, 0), -1, dtype=np.intp)

    def put(self, series: int, slot: int) -> None:
        """Let a slot watch a series; -1 is none, for a row that is about a device as a whole."""
        if series < 0:
            return
        self._forget()
        self._cover(series)
        for layer in self._of:
            if layer[series] < 0:
                layer[series] = slot
                return
        self._of = np.concatenate((self._of, np.full((1, self._of.shape[1]), -1, dtype=np.intp)))
        self._of[-1, series] = slot

    def drop(self, series: int, slot: int) -> None:
        if series < 0:
            return
        self._forget()
        column = self._of[:, series]
        column[column == slot] = -1

    def slots(self, series: Ints, top: int) -> Found:
        """All slots that watch these series, in the order of the series. `top` is above every number of a series.

        No slot comes twice as long as no series does. Waves of a fleet look alike: the last answer is kept.
        """
        if len(series) == len(self._asked) and (series == self._asked).all():
            return self._answer
        self._cover(top)
        self._asked, self._answer = series, self._find(series)
        return self._answer

    def _find(self, series: Ints) -> Found:
        found = self._of[:, series]
        if len(found) == 1:
            slots = found[0]
            if slots.min() >= 0:
                return Found(slots, span(slots), slice(None))
            pick = np.flatnonzero(slots >= 0)
            return Found(slots[pick], span(slots[pick]), pick)
        across = found.T
        if across.min() >= 0:
            slots = across.ravel()
            return Found(slots, span(slots), np.repeat(np.arange(len(series)), len(found)))
        hit = across >= 0
        slots = across[hit]
        return Found(slots, span(slots), np.nonzero(hit)[0])

    def _forget(self) -> None:
        self._asked = self._asked[:0]
        self._answer = Found(self._asked, self._asked, slice(None))

    def _cover(self, series: int) -> None:
        have = self._of.shape[1]
        if series >= have:
            more = max(series + 1, 2 * have, 64) - have
            self._of = np.concatenate((self._of, np.full((len(self._of), more), -1, dtype=np.intp)), axis=1)


def span(slots: Ints) -> Ints | slice:
    """The same slots as a slice where they are a run, so that columns need not be copied."""
    n = len(slots)
    if n > 1 and slots[-1] - slots[0] == n - 1 and (slots[1:] > slots[:-1]).all():
        return slice(int(slots[0]), int(slots[-1]) + 1)
    return slots
