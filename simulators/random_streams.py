"""Random numbers of one patient or device: independent of which others are simulated, and of the step size."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ward.ids import digest

FloatArray = npt.NDArray[np.float64]

BLOCK = 256


def generator(seed: int, *name: object) -> np.random.Generator:
    """A generator that depends only on the seed and a name."""
    return np.random.default_rng([seed, int(digest(*name), 16)])


class Streams:
    """Standard normal numbers for many names, each from its own generator.

    `take(n)` returns shape (n, width, names). The numbers of a name do not depend on how many steps are
    taken at once: blocks are drawn row by row.
    """

    def __init__(self, seed: int, names: Sequence[str], width: int) -> None:
        self._generators = [generator(seed, "noise", name) for name in names]
        self._block = np.empty((BLOCK, width, len(names)))
        self._used = BLOCK

    def take(self, steps: int) -> FloatArray:
        """The next `steps` rows."""
        taken = np.empty((steps, *self._block.shape[1:]))
        done = 0
        while done < steps:
            if self._used == BLOCK:
                self._refill()
            n = min(steps - done, BLOCK - self._used)
            taken[done : done + n] = self._block[self._used : self._used + n]
            self._used += n
            done += n
        return taken

    def _refill(self) -> None:
        rows, width, _ = self._block.shape
        for i, own in enumerate(self._generators):
            self._block[:, :, i] = own.standard_normal((rows, width))
        self._used = 0
