"""The points of a series as arrays, for work on many of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # most programs need no arrays
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class SeriesColumns:
    """The points of one series, oldest first: `at` has their instants (microseconds since 1970, int64), `fields` each
    number field as a float64 array of the same length, NaN where a point does not have it."""

    tags: Mapping[str, str]
    at: "npt.NDArray[np.int64]"
    fields: Mapping[str, "npt.NDArray[np.float64]"]
