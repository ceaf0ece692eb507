"""What became of a row: evaluated, or why not."""

from enum import IntEnum


class RowState(IntEnum):
    """The state of a row of the output: those from `MISSING` on are not given to the detector."""

    OK = 0
    WARMING_UP = 1
    NOT_ENOUGH_DATA = 2
    MISSING = 3
    NOT_A_NUMBER = 4
    TOO_LARGE = 5
    NO_TIME = 6
    OUT_OF_ORDER = 7
    REPEATED = 8

    @property
    def words(self) -> str:
        """The state as it is in the output, such as `warming up`."""
        return self.name.lower().replace("_", " ")
