"""Many readings of one device as arrays, as history has them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats


@dataclass(frozen=True, slots=True)
class DeviceColumns:
    """Readings of one device without anything unusual, oldest first, each received when it was measured.

    `at` are their instants (microseconds since 1970, int64), `values` has a row for each reading and a column for each
    of `signals`, NaN where a reading does not have it; no row is NaN throughout.
    """

    device: str
    at: npt.NDArray[np.int64]
    signals: tuple[str, ...]
    values: Floats

    def __len__(self) -> int:
        return len(self.at)
