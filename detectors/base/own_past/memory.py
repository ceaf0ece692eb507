"""The memory of one series: a row of a wide column, read and written under names."""

import math

import numpy as np

from detectors.base.columns import Floats, WideColumn
from detectors.base.own_past.autoregression import ORDER
from detectors.base.own_past.block_maxima import BLOCKS, FIRST_BLOCK
from detectors.base.own_past.parts import LEVELS, PARTS, RECENT

# How many values are kept, and how many more before the oldest are dropped at once.
KEPT, _ROOM = 1024, 256
LONGEST_SEASON = KEPT // 3
INTERVALS = 32


class Memory:
    """A series' numbers as attributes, and its arrays as views of the row: change these in place, and call `save` in
    the end.

    >>> row = np.zeros(WIDTH)
    >>> memory = Memory(row)
    >>> memory.count, memory.level, memory.values[0] = 1.0, 3.5, 80.0
    >>> memory.save()
    >>> Memory(row).level, float(Memory(row).values[0])
    (3.5, 80.0)
    """

    # What came: how many values; the time of the newest one; the usual time between two where that is regular, else 0.
    count: float
    at: float
    interval: float
    # The newest value, how often it came in a row, the longest such run, and the smallest change of all.
    newest: float
    run: float
    longest_run: float
    resolution: float
    # The ends of what is used of `values`, and of `recent` and `errors`.
    values_end: float
    recent_end: float
    # What fits. `fitted` is 1 when that is known. `season_excess` is how much more the season leaves of new values than
    # of known ones; `phase` the place of the next value in it. `steady` is 1 for a series that keeps its level;
    # `integrated` is 1 where changes are forecast, of which `drift` is the middle. `weights` are of the forecast,
    # `level_gains` how far its errors move the means of a level, and `overlap` the number of values after which the
    # series has forgotten where it was.
    fitted: float
    period: float
    phase: float
    season_excess: float
    level: float
    steady: float
    integrated: float
    drift: float
    overlap: float
    next_fit: float
    begin: float
    # Errors of the forecast: the size of an extreme one, the smallest size that counts, the power of their
    # tails; and between which ones a value is taken as it is, and which values are taken at all.
    extreme: float
    smallest: float
    power: float
    low_error: float
    high_error: float
    lowest: float
    highest: float
    # Blocks: the length of one, how many are filled, how many values the present one has, the place of the last one.
    block: float
    filled: float
    in_block: float
    place: float
    # What happens: extreme errors in a row, negative for downwards; which value was beyond its limit alone; when the
    # series left its level, from where to where, for how many values it is back, and the usual size of errors before;
    # for how many values the score was under its limit, how many were on another level, and how many at the limit; and
    # how often the limit was reached, weighing less the longer ago.
    streak: float
    spike_at: float
    left_at: float
    left_from: float
    left_to: float
    back: float
    usual_error: float
    quiet: float
    moved: float
    strange: float
    alerts: float
    # The distance of the newest window to the nearest one of the past.
    nearest: float

    values: Floats
    recent: Floats
    errors: Floats
    profile: Floats
    intervals: Floats
    weights: Floats
    level_gains: Floats
    maxima: Floats
    highest_parts: Floats
    middle: Floats
    distance: Floats
    floor: Floats

    def __init__(self, row: Floats) -> None:
        if not row[0]:  # no value came yet
            row[: len(_NUMBERS)] = [_STARTS.get(name, 0.0) for name in _NUMBERS]
        self._row = row
        self.__dict__.update(zip(_NUMBERS, row[: len(_NUMBERS)].tolist(), strict=True))
        self.__dict__.update({name: row[place] for name, place in _PLACES.items()})
        self.maxima = self.maxima.reshape(BLOCKS, PARTS)
        if not self.count:
            self.maxima[:], self.highest_parts[:], self.distance[:] = math.nan, -math.inf, math.nan

    def save(self) -> None:
        """Write the numbers into the row."""
        own = self.__dict__
        self._row[: len(_NUMBERS)] = [own[name] for name in _NUMBERS]

    def past(self, count: int = KEPT) -> Floats:
        """The last values, the newest last."""
        end = int(self.values_end)
        return self.values[max(end - min(count, KEPT), 0) : end]

    def season(self) -> float:
        """What the season adds to the value that comes next."""
        return self.profile.item(int(self.phase)) if self.period else 0.0

    def keep(self, value: float, left: float, error: float) -> None:
        """Take a value; what is left of it without its season; and the size of its error."""
        end = int(self.values_end)
        if end == KEPT + _ROOM:
            self.values[:KEPT] = self.values[_ROOM:].copy()
            end = KEPT
        self.values[end] = value
        self.values_end = end + 1.0
        end = int(self.recent_end)
        if end == 2 * RECENT:
            for array in (self.recent, self.errors):
                array[:RECENT] = array[RECENT:].copy()
            end = RECENT
        self.recent[end], self.errors[end] = left, error
        self.recent_end = end + 1.0
        if self.period:
            self.phase = (self.phase + 1) % self.period


_ARRAYS = {
    "values": KEPT + _ROOM, "recent": 2 * RECENT, "errors": 2 * RECENT, "profile": LONGEST_SEASON, "weights": ORDER,
    "level_gains": len(LEVELS), "intervals": INTERVALS, "maxima": BLOCKS * PARTS, "highest_parts": PARTS,
    "middle": PARTS, "distance": PARTS, "floor": PARTS,
}  # fmt: skip
_NUMBERS = tuple(name for name in Memory.__annotations__ if name not in _ARRAYS)
_STARTS = {
    "at": math.nan, "newest": math.nan, "nearest": math.nan, "recent_end": float(RECENT),
    "season_excess": 1.0, "steady": 1.0, "power": 1.0, "low_error": -math.inf, "high_error": math.inf,
    "lowest": -math.inf, "highest": math.inf, "block": float(FIRST_BLOCK), "place": -1.0,
}  # fmt: skip
_ENDS = np.cumsum([len(_NUMBERS), *_ARRAYS.values()]).tolist()
_PLACES = {name: slice(end - length, end) for (name, length), end in zip(_ARRAYS.items(), _ENDS[1:], strict=True)}
WIDTH: int = _ENDS[-1]
COLUMN = WideColumn(0.0, WIDTH)
