"""A lasting change of a mean that is learned all the time: the test of Page and Hinkley, in the unit of the signal."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field, model_validator

from detectors.base import cumulative_sums, shift_texts
from detectors.base.columns import Columns, Floats, RowValues
from detectors.base.cumulative_sums import CUMULATIVE, Ceiling, estimated_shift
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.progress import Progress, of_values
from ward.config.rule import DetectorParams


class PageHinkleyParams(DetectorParams):
    """Slack and limit in the unit of the signal. Take as slack half of the change that matters, and a limit of at least
    ten standard deviations of the values: a series without a change then gives false alarms rarely."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.5}

    slack: float = Field(ge=0, description="δ: half of the change to be found, in the signal's unit")
    limit: float = Field(gt=0, description="λ: the sum at which the score is 1, in the signal's unit")
    target: float | None = Field(None, description="the mean to hold; left out, it is learned")
    calibrate_values: int | None = Field(
        None, ge=2, description="learn the mean from so many values, and hold it; left out, it is learned all the time"
    )
    warm_up: int = Field(
        30, ge=2, description="with a mean that is learned all the time: how many values before the first score"
    )
    memory: int | None = Field(
        None, ge=2, description="how many of the newest values the learned mean is of, about: a change that lasts much "
        "longer becomes usual; left out, all count alike",
    )  # fmt: skip
    ceiling: Ceiling = 2.0

    @property
    def normal(self) -> str:
        """What a text calls the mean: `target` where the rule gives it, else `usual`."""
        return "usual" if self.target is None else "target"

    @model_validator(mode="after")
    def _one_mean(self) -> "PageHinkleyParams":
        if self.target is not None and self.calibrate_values is not None:
            raise ValueError("give either target or calibrate_values: a target is not learned")
        return self


class PageHinkley(Detector[PageHinkleyParams], name="page_hinkley"):
    """How far the sum of the distances from the running mean has risen from its lowest point, and fallen from its
    highest.

    m⁺ ← m⁺ + x − x̄ − δ and m⁻ ← m⁻ + x − x̄ + δ, with the mean x̄ of all values up to x; score = the higher one of
    m⁺ − min m⁺ and max m⁻ − m⁻, divided by λ. It differs from `cusum` in what it holds the values against: a mean that
    goes on being learned, and no standard deviation. So it needs no calibration where the size of a change that matters
    is known, and a slow drift or a change that nobody undoes becomes usual. With a target it is a CUSUM in the unit of
    the signal. A value farther from the mean than the limit counts for the mean as one at the limit.

    >>> from detectors.tapes.example import example
    >>> example("page_hinkley", "(80 79 81)x10 86x6 80x20", slack=2, limit=12)
    33s raised medium: Heart rate is 5.5 /min above its usual 80.7 /min over 4 values: check leads
    40s cleared recovered: Heart rate 80 /min, back at its usual 80.9 /min

    Page, E. S. (1954), Continuous inspection schemes, Biometrika 41, 100–115; Hinkley, D. V. (1971), Inference about
    the change-point from cumulative sum tests, Biometrika 58, 509–523.
    """

    columns = Columns(**CUMULATIVE, count=0.0, mean=np.nan)
    sample: ClassVar[Mapping[str, Any]] = {"slack": 3, "limit": 60}

    def row(self, params: PageHinkleyParams, series: SeriesInfo) -> RowValues:
        needed = params.calibrate_values or params.warm_up
        return {
            **super().row(params, series), "top": params.limit * params.ceiling, "farthest": params.limit,
            "needed": 0.0 if params.target is not None else float(needed),
            "learned": float("inf") if params.calibrate_values is None else float(params.calibrate_values),
            "remembered": float("inf") if params.memory is None else float(params.memory),
        }  # fmt: skip

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        scored, learns = state.count >= p.needed, np.isnan(p.target) & (state.count < p.learned)
        state.count = state.count + 1
        mean = np.where(np.isnan(state.mean), np.where(np.isnan(p.target), x, p.target), state.mean)
        off = x - mean
        off = np.where(scored, np.minimum(np.maximum(off, -p.farthest), p.farthest), off)
        state.mean = np.where(learns, mean + off / np.minimum(state.count, p.remembered), mean)
        higher = cumulative_sums.add(state, np.where(scored, x - state.mean, 0.0), p.slack, p.top)
        return np.where(scored, higher / p.limit, np.nan)

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats | None:
        if (state.count < p.needed).any() or np.isnan(state.mean).any():  # warming up
            return None
        learns = (np.isnan(p.target) & (state.count < p.learned))[:, 0].tolist()
        columns = (column[:, 0].tolist() for column in (state.mean, state.count, p.remembered, p.farthest))
        rows = zip(learns, *columns, x.tolist(), strict=True)
        mean = np.array([list(_means(*row)) for row in rows])
        state.count = state.count + np.arange(1.0, len(t) + 1)
        state.mean = mean
        return np.asarray(cumulative_sums.add_many(state, x - mean, p.slack, p.top) / p.limit)

    def progress(self, state: Any, t: Floats, p: Any) -> Progress:
        return of_values(state.count, p.needed)

    def curves(self, state: Any, p: Any) -> Mapping[str, Floats]:
        score = np.maximum(state.high, state.low) / p.limit
        return {"score": np.where(state.count > p.needed, score, np.nan), "target": state.mean}

    def explain(self, evidence: Evidence[PageHinkleyParams]) -> Explanation:
        state, params = evidence.state, evidence.params
        shift, count = float(estimated_shift(state, params.slack)[0]), cumulative_sums.longest(state)
        text = shift_texts.shifted(evidence, shift, float(state.mean[0]), count, params.normal)
        return Explanation(evidence.x, None, text)

    def explain_end(self, evidence: Evidence[PageHinkleyParams]) -> Explanation:
        text = shift_texts.back(evidence, float(evidence.state.mean[0]), evidence.params.normal)
        return Explanation(evidence.x, None, text)


def _means(
    learns: bool, mean: float, count: float, remembered: float, farthest: float, x: Iterable[float]
) -> Iterator[float]:
    """The mean after each value: `update` along time."""
    for one in x:
        if learns:
            count += 1
            mean += min(max(one - mean, -farthest), farthest) / min(count, remembered)
        yield mean
