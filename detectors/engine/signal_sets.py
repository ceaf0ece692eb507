"""The combinations of signals that devices send in one reading, each with the numbers of its series."""

from collections.abc import Sequence

import numpy as np

from detectors.base.columns import Ints

MOST_PER_DEVICE = 32


class SignalSets:
    """Gives each combination of signals of a device a number: `series[number]` are the series of its signals, with -1
    where it has fewer than the longest one, and `device[number]` is the number of its device."""

    def __init__(self) -> None:
        self.series: Ints = np.full((256, 1), -1, dtype=np.intp)
        self.device: Ints = np.zeros(256, dtype=np.intp)
        self._used = 0
        self._free: list[int] = []
        self._removed: list[int] = []

    def add(
        self, known: dict[tuple[str, ...], int], device: int, signals: tuple[str, ...], series: Sequence[int]
    ) -> int:
        """Add a combination of signals to those `known` of a device, and return its number.

        A device that sends more than `MOST_PER_DEVICE` of them starts again with none, so that memory is bounded.
        """
        if len(known) >= MOST_PER_DEVICE:
            self.remove(known)
        number = self._free.pop() if self._free else self._used
        self._used = max(self._used, number + 1)
        self._widen(number, len(signals))
        self.series[number] = -1
        self.series[number, : len(signals)] = series
        self.device[number] = device
        known[signals] = number
        return number

    def remove(self, known: dict[tuple[str, ...], int]) -> None:
        """Remove all combinations of a device. Their numbers stay valid until `reuse_removed`."""
        self._removed += known.values()
        known.clear()

    def reuse_removed(self) -> None:
        """Use removed numbers again. Call it between batches: the current one may still refer to them."""
        self._free += self._removed
        self._removed.clear()

    def _widen(self, rows: int, width: int) -> None:
        have, wide = self.series.shape
        if rows < have and width <= wide:
            return
        bigger = np.full((have if rows < have else 2 * rows, max(wide, width)), -1, dtype=np.intp)
        bigger[:have, :wide] = self.series
        self.series = bigger
        self.device = np.concatenate((self.device, np.zeros(len(bigger) - have, dtype=np.intp)))
