"""A small, lasting shift of a mean that nobody knows: a CUSUM chart that learns while it watches."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base import cumulative_sums, shift_texts
from detectors.base.baseline import welford
from detectors.base.columns import Columns, Floats, RowValues, without_time
from detectors.base.cumulative_sums import CUMULATIVE, Ceiling, estimated_shift, next_sum
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.normal_scores import normal_score
from detectors.base.progress import Progress, of_values
from ward.config.rule import DetectorParams

# A value beyond so many normal scores is not learned. Of 16,000 normal values one is.
_OUTLIER = 4.0
_COLUMNS = ("high", "high_count", "low", "low_count", "count", "mean", "squares")


class CusumSelfStartingParams(DetectorParams):
    """Slack and limit in standard deviations, as for `cusum`, but without a target or a calibration. A shift that comes
    before some tens of values is found late: the fewer values there were, the less is known of what is normal."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.5}

    slack: float = Field(0.5, ge=0, description="k: half the shift to be found, in standard deviations")
    limit: float = Field(5.0, gt=0, description="h: the sum at which the score is 1, in standard deviations")
    warm_up: int = Field(10, ge=2, description="how many values are learned before the first one is scored")
    sd_floor: float = Field(
        0.0, ge=0, description="the smallest standard deviation to use, as rounding and a quiet start make it too small"
    )
    ceiling: Ceiling = 2.0


class CusumSelfStarting(Detector[CusumSelfStartingParams], name="cusum_self_starting"):
    """The cumulative sums of `cusum`, of values that are standardised by mean and standard deviation of all values
    before them.

    U = Φ⁻¹(F(√((n − 1)/n)·(x − m)/s)) with mean m and standard deviation s of the n − 1 values before x, and F of
    Student's t with n − 2 degrees of freedom. Without a shift the U are independent and standard normal from the third
    value on, so the run lengths are those of `cusum`. A value of a score of 1 or more, or of |U| > 4, is not taken into
    mean and standard deviation: an alert goes on until the values are back.

    >>> from detectors.tapes.example import example
    >>> example("cusum_self_starting", "(80 79 81 80 82 78)x5 84x6 80x30")
    32s raised medium: Heart rate is 4.0 /min above its usual 80.2 /min over 3 values: check leads
    47s cleared recovered: Heart rate 80 /min, back at its usual 80.2 /min

    Hawkins, D. M. (1987), Self-starting CUSUM charts for location and scale, The Statistician 36, 299–316.
    """

    columns = Columns(**CUMULATIVE, count=0.0, mean=0.0, squares=0.0)
    sample: ClassVar[Mapping[str, Any]] = {"every": "1h", "warm_up": 12, "sd_floor": 0.05, "limit": 8}

    def row(self, params: CusumSelfStartingParams, series: SeriesInfo) -> RowValues:
        return {**super().row(params, series), "top": params.limit * params.ceiling}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        spread = _sd(state, p)
        known = (state.count >= p.warm_up) & (spread > 0)
        freedom = np.maximum(state.count - 1, 1.0)
        distance = (x - state.mean) / np.where(known, spread, 1.0) * np.sqrt(state.count / (state.count + 1))
        z = np.where(known, normal_score(distance, freedom), 0.0)
        score = cumulative_sums.add(state, z, p.slack, p.top) / p.limit
        usual = ~known | ((score < 1) & (np.abs(z) <= _OUTLIER))
        learned = welford(state.count, state.mean, state.squares, x)
        for name, values in zip(("count", "mean", "squares"), learned, strict=True):
            setattr(state, name, np.where(usual, values, getattr(state, name)))
        return np.where(known, score, np.nan)

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        rows = without_time(state), without_time(p)
        found = np.array([_along(row, x[row].tolist(), *rows) for row in range(len(x))])  # (rows, n, columns and score)
        for i, name in enumerate(_COLUMNS):
            setattr(state, name, found[..., i])
        return np.asarray(found[..., -1])

    def progress(self, state: Any, t: Floats, p: Any) -> Progress:
        return of_values(state.count, np.where(_sd(state, p) > 0, p.warm_up, np.inf))

    def curves(self, state: Any, p: Any) -> Mapping[str, Floats]:
        sd = _sd(state, p)
        known = (state.count >= p.warm_up) & (sd > 0)
        curves = {
            "score": np.maximum(state.high, state.low) / p.limit, "target": state.mean, "sd": sd,
            "mean": state.mean + estimated_shift(state, p.slack) * sd,
        }  # fmt: skip
        return {name: np.where(known, values, np.nan) for name, values in curves.items()}

    def explain(self, evidence: Evidence[CusumSelfStartingParams]) -> Explanation:
        state, slack = evidence.state, evidence.params.slack
        shift = float(estimated_shift(state, slack)[0] * _sd(state, evidence.p)[0])
        count = cumulative_sums.longest(state)
        text = shift_texts.shifted(evidence, shift, float(state.mean[0]), count, "usual")
        return Explanation(evidence.x, None, text)

    def explain_end(self, evidence: Evidence[CusumSelfStartingParams]) -> Explanation:
        text = shift_texts.back(evidence, float(evidence.state.mean[0]), "usual")
        return Explanation(evidence.x, None, text)


def _sd(state: Any, p: Any) -> Floats:
    """The standard deviation of the values so far, 0 while there is none."""
    return np.asarray(np.maximum(np.sqrt(state.squares / np.maximum(state.count - 1, 1.0)), p.sd_floor))


def _along(row: int, x: Sequence[float], state: Any, p: Any) -> list[tuple[float, ...]]:
    """`_COLUMNS` of one row and its score after each of its values: `update` along time."""
    slack, limit, top, warm_up, floor = (
        float(column[row]) for column in (p.slack, p.limit, p.top, p.warm_up, p.sd_floor)
    )
    high, high_count, low, low_count, count, mean, squares = (float(getattr(state, name)[row]) for name in _COLUMNS)
    found: list[tuple[float, ...]] = []
    for one in x:
        spread = max(math.sqrt(squares / max(count - 1, 1.0)), floor)
        known = count >= warm_up and spread > 0
        z = 0.0
        if known:
            distance, freedom = (one - mean) / spread * math.sqrt(count / (count + 1)), max(count - 1, 1.0)
            z = float(normal_score(np.float64(distance), np.float64(freedom)))
        high, high_count = next_sum(high, high_count, z, slack, top)
        low, low_count = next_sum(low, low_count, -z, slack, top)
        score = max(high, low) / limit
        if not known or (score < 1 and abs(z) <= _OUTLIER):
            count, mean, squares = welford(count, mean, squares, one)
        found.append((high, high_count, low, low_count, count, mean, squares, score if known else math.nan))
    return found
