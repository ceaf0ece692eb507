"""A course that is unlike all courses of the past: an arrhythmic pulse, a cycle of a machine that goes wrong."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from detectors.base.columns import Columns, Floats, RowValues, WideColumn, without_time
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.own_past.block_maxima import BLOCKS, FIRST_BLOCK, Blocks, return_distances, stored
from detectors.base.own_past.nearest import nearest_distance
from detectors.base.own_past.season import find_season
from detectors.base.progress import Progress, of_values
from detectors.base.texts import check_hint
from ward.config.rule import DetectorParams
from ward.limit_text import quantity
from ward.text_template import TextKind, TextTemplate

UNLIKE = TextTemplate(
    TextKind.ALERT, "{signal} course of {window} values unlike all of the last {past}, {value} now{check}",
    signal="Respiratory rate", window="24", past="1024", value="31 /min", check=": check leads",
)  # fmt: skip
ALIKE = TextTemplate(
    TextKind.ENDING, "{signal} {value}, course as before", signal="Respiratory rate", value="16 /min"
)  # fmt: skip

_LONGEST = 256
# How many values are kept, and how many more before the oldest are dropped at once.
_KEPT, _ROOM = 1024, 256
# A window is compared at this many values at most; of a longer one at every second, third … value.
_POINTS = 32
# A window of a series without a season, where the rule gives none.
_NO_SEASON = 32
# The limit is reached once in so many values of a normal series.
_RARITY = 100_000.0
# Values are moved into this range, so that their squares can be summed up; and scores are capped.
_LARGEST, _HIGHEST_SCORE = 1e90, 1e6
_COMPARE = ("level", "course", "shape")


class SubsequenceParams(DetectorParams):
    """For signals that repeat, exactly or nearly. Without `window` it is the season of the values that are learned
    from, or 32 values where there is none."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.8}

    window: int | None = Field(
        None, ge=4, le=_LONGEST, description="how many values are compared; left out, one season"
    )
    compare: Literal["level", "course", "shape"] = Field(
        "course", description="level compares the values as they are; course leaves out their mean; shape also leaves "
        "out their size",
    )  # fmt: skip
    learn: int = Field(256, ge=32, le=1024, description="how many values are learned from before the first score")


class Subsequence(Detector[SubsequenceParams], name="subsequence"):
    """The distance of the newest window to the nearest one of the last 1024 values, as a share of what is usual.

    d = min over past windows w of √(mean((newest − w)²)), the newest number of a left matrix profile. Windows of more
    than 32 values are compared at every second, third … one. score = d/limit, where the limit is what d exceeds once in
    100,000 values, by Gumbel's distribution fitted to the largest d of up to 64 blocks, with exponential tails. So
    the first scores come some windows after `learn` values.

    >>> from detectors.tapes.example import example
    >>> rule = dict(window=6, learn=64, kind="physiological")
    >>> example("subsequence", "(12 14 18 15 13 12)x40 (18 12)x3 (12 14 18 15 13 12)x6", **rule)
    240s raised medium: Heart rate course of 6 values unlike all of the last 241, 18 /min now
    250s cleared recovered: Heart rate 13 /min, course as before

    Yeh, C.-C. M. et al. (2016), Matrix Profile I, IEEE ICDM; one sided: Lu, Y. et al. (2022), Matrix Profile XXIV:
    DAMP, ACM SIGKDD. Limit: Coles, S. (2001), An Introduction to Statistical Modeling of Extreme Values, 3.1.
    """

    columns = Columns(
        limit=np.nan, count=0.0, end=0.0, length=0.0, block=float(FIRST_BLOCK), filled=0.0, place=-1.0,
        in_block=0.0, highest=np.nan, kept=WideColumn(0.0, _KEPT + _ROOM), maxima=WideColumn(np.nan, BLOCKS),
    )  # fmt: skip
    sample: ClassVar[Mapping[str, Any]] = {"window": 4, "learn": 32}

    def row(self, params: SubsequenceParams, series: SeriesInfo) -> RowValues:
        return {
            **super().row(params, series), "compare": float(_COMPARE.index(params.compare)),
            "floor": 10.0**-series.signal.precision if params.compare != "shape" else 0.2,
        }  # fmt: skip

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        scores, columns = _score_rows(state, x[:, None], p)
        for name, column in columns.items():
            setattr(state, name, column[:, -1])
        return scores[:, 0]

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        scores, columns = _score_rows(without_time(state), x, without_time(p))
        for name, column in columns.items():
            setattr(state, name, column)
        return scores

    def progress(self, state: Any, t: Floats, p: Any) -> Progress:
        # After `learn` values the limit needs some blocks: one value more, until there is a score.
        return of_values(state.count, np.where(np.isnan(state.limit), np.maximum(p.learn, state.count) + 1, 0.0))

    def explain(self, evidence: Evidence[SubsequenceParams]) -> Explanation:
        signal, state = evidence.signal, evidence.state
        past = min(int(state.count[0]), _KEPT)
        text = UNLIKE(
            signal=signal.label, window=f"{state.length[0]:.0f}", past=f"{past}", value=quantity(signal, evidence.x),
            check=check_hint(evidence),
        )  # fmt: skip
        return Explanation(evidence.x, None, text)

    def explain_end(self, evidence: Evidence[SubsequenceParams]) -> Explanation:
        text = ALIKE(signal=evidence.signal.label, value=quantity(evidence.signal, evidence.x))
        return Explanation(evidence.x, None, text)


class _Row:
    """One row: its numbers as attributes, and its wide columns, which are changed in place."""

    # What is known after each value, and what is only kept.
    KNOWN = ("count", "length", "limit")
    KEPT = ("end", "block", "filled", "place", "in_block", "highest")

    count: float
    length: float
    limit: float
    end: float
    block: float
    filled: float
    place: float
    in_block: float
    highest: float

    def __init__(self, state: Any, p: Any, row: int, slot: int) -> None:
        self.__dict__.update({name: float(getattr(state, name)[row]) for name in self.KNOWN + self.KEPT})
        self._values, self._maxima = state.kept[slot], state.maxima[slot][:, None]
        self._window, self._learn, self._floor = float(p.window[row]), float(p.learn[row]), float(p.floor[row])
        self._compare = _COMPARE[int(p.compare[row])]

    def score(self, x: float) -> float:
        """Take a value; NaN while the limit is not known, and for a value that is no number."""
        if not math.isfinite(x):
            return math.nan
        self._keep(min(max(x, -_LARGEST), _LARGEST))
        if self.count < self._learn:
            return math.nan
        if not self.length:
            self.length = self._window if self._window > 0 else self._season()
        length = int(self.length)
        stride = math.ceil(length / _POINTS)
        past = self._values[max(int(self.end) - _KEPT, 0) : int(self.end)]
        distance = nearest_distance(
            past, length // stride, stride, centred=self._compare == "course", scaled=self._compare == "shape"
        )
        limit = self.limit
        self._learn_from(distance)
        return min(distance / limit, _HIGHEST_SCORE)

    def _keep(self, x: float) -> None:
        self.count += 1
        if self.end == _KEPT + _ROOM:
            self._values[:_KEPT] = self._values[_ROOM:].copy()
            self.end = float(_KEPT)
        self._values[int(self.end)] = x
        self.end += 1

    def _season(self) -> float:
        season = find_season(self._values[: int(self.end)]).period
        return float(min(max(season, 4), _LONGEST)) if season else float(_NO_SEASON)

    def _learn_from(self, distance: float) -> None:
        """Take a distance into the present block; at its end there is another limit."""
        self.highest = float(np.fmax(self.highest, distance))
        self.in_block += 1
        if self.in_block < self.block:
            return
        blocks = stored(
            self._maxima, np.array([self.highest]), Blocks(int(self.block), int(self.filled), int(self.place))
        )  # fmt: skip
        self.block, self.filled, self.place = map(float, blocks)
        self.in_block, self.highest = 0.0, math.nan
        overlap = np.full(1, self.length / blocks.length)
        found = return_distances(
            self._maxima[: blocks.filled], np.zeros(1), np.ones(1), _RARITY / blocks.length, overlap
        )  # fmt: skip
        self.limit = float(np.maximum(found, self._floor)[0])


def _score_rows(state: Any, x: Floats, p: Any) -> tuple[Floats, dict[str, Floats]]:
    """The scores of many values of each row, (rows, n), and the columns: after each value, or (rows, 1) after the last
    one."""
    scores = np.empty(x.shape)
    columns = {name: np.empty(x.shape) for name in _Row.KNOWN} | {name: np.empty((len(x), 1)) for name in _Row.KEPT}
    slots = np.arange(len(state.kept))[state.slots]
    for i, slot in enumerate(slots.tolist()):
        row = _Row(state, p, i, slot)
        for j, value in enumerate(x[i].tolist()):
            scores[i, j] = row.score(value)
            for name in _Row.KNOWN:
                columns[name][i, j] = getattr(row, name)
        for name in _Row.KEPT:
            columns[name][i] = getattr(row, name)
    return scores, columns
