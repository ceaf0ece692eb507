"""Several signals that are each within limits and together are unlike what was learned: Hotelling's T² and Q."""

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from detectors.base.columns import Columns, Floats, RowValues, Slots
from detectors.base.components import Known, contributions, t_squared_and_q
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.progress import Progress, of_values
from detectors.base.vector_baseline import (
    LEARNED,
    baseline_columns,
    completed,
    completed_along,
    go_on,
    learn,
    smoothed,
    smoothed_along,
)
from detectors.base.vector_detector import VectorDetector, age
from ward.config.base_model import Seconds
from ward.config.rule import DetectorParams, Scope
from ward.limit_text import quantity
from ward.text_template import TextKind, TextTemplate

TOGETHER = TextTemplate(
    TextKind.ALERT, "Unusual together: {parts}{unknown}", unknown="; 1 of 6 signals not known",
    parts="Heart rate 104 /min (usually 74), SpO2 94 % (usually 97)",
)  # fmt: skip
ALONE = TextTemplate(
    TextKind.ALERT, "Unusual beside the other signals: {part}{unknown}", unknown="; 1 of 6 signals not known",
    part="Heart rate 104 /min (usually 74)",
)  # fmt: skip
PART = TextTemplate(
    TextKind.NOTE, "{signal} {value} (usually {usual})", signal="Heart rate", value="104 /min", usual="74"
)  # fmt: skip
UNKNOWN = TextTemplate(TextKind.NOTE, "; {count} of {all} signals not known", count="1", all="6")
USUAL = TextTemplate(TextKind.ENDING, "The {count} signals together are as usual again", count="6")

# A vector is scored where at least half of its signals are known, and at least two.
_LEAST = 2
# A text names signals that contribute at least this share, and so many of them at most.
_NAMED, _MOST_NAMED = 0.2, 3


class HotellingParams(DetectorParams):
    """How much is learned, what the limit is, and how old a value may be. The first vectors must be normal: mean and
    covariance are learned from them."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.8}
    parts: ClassVar[tuple[str, ...] | None] = ()
    scopes: ClassVar[tuple[Scope, ...]] = ("device", "bed")

    warm_up: int = Field(
        400, ge=60, description="how many vectors are learned before the first one is scored, at least ten for each "
        "signal; a vector counts when all of its signals are known",
    )  # fmt: skip
    memory: int | None = Field(
        None, ge=60, description="of how many vectors mean and covariance are, about; left out, they stay as they are "
        "after the warm-up",
    )  # fmt: skip
    variance: float = Field(0.9, gt=0, le=1, description="the share of the variance that T² is of; Q is of the rest")
    normal_share: float = Field(
        0.99, ge=0.5, lt=1, description="the share of vectors below the limit where signals are normally distributed"
    )
    margin: float = Field(
        1.25, ge=1, description="how many times the highest T² of the last quarter of the warm-up the limit is at least"
    )
    q_margin: float = Field(
        3.0, ge=1, description="how many times as wide the limit of Q is: signals that nearly always move together "
        "leave little, of which small faults are large multiples",
    )  # fmt: skip
    smooth: Literal[1, 3, 5] = Field(5, description="of how many newest T² and Q the medians are scored")
    fresh_for: Seconds = Field(300.0, gt=0, description="how old the value of a signal may be to be known")
    least_steps: float = Field(
        0.5, gt=0, description="the smallest standard deviation of a signal, in steps of its last digit"
    )


class Hotelling(VectorDetector[HotellingParams], name="hotelling"):
    """How far a vector is from the mean of those that were learned, by the variance in each direction.

    The signals are scaled by their spread Qₙ and turned into principal components with variances λ. T² = Σ yᵢ²/λᵢ of
    the components y with the largest share of the variance, and Q = Σ yᵢ²/Σ λᵢ of all others: T² is high for a vector
    that is far out in directions that are usual, Q for one in which signals do not move together as they did.
    score = max(T²/limit, Q/limit) of the medians of the last five. The limit of T² is the quantile of χ² with as many
    degrees of freedom as components, times (n² − 1)/(n(n − k)); that of Q is the quantile of g·χ² with the same mean
    and variance, times `q_margin`. Neither is lower than `margin` times the highest one in the last quarter of the
    warm-up.

    A signal that is missing or too old is taken as what the known ones let expect, so that it adds nothing; with fewer
    than half of the signals, or a single one, there is no score. Only vectors with all signals are learned. After the
    warm-up nothing more is learned; or with `memory` each such vector is, all with the same weight, and one above the
    limit as if it were on it: an episode of minutes hardly changes what was learned in hours. No score uses anything
    later than itself.

    >>> from detectors.tapes.example import example
    >>> signals = {"heart_rate": "(70 74 78 82)x20 82x6 74x6", "spo2": "(98 97 96 95)x20 98x6 97x6"}
    >>> example("hotelling", signals, warm_up=60)
    82s raised medium: Unusual together: Heart rate 82 /min (usually 76), SpO2 98 % (usually 97)
    88s cleared recovered: The 2 signals together are as usual again

    T² and its limit: Hotelling, H. (1947), Multivariate quality control, in Techniques of Statistical Analysis. Q:
    Jackson, J. E. and Mudholkar, G. S. (1979), Control procedures for residuals associated with principal component
    analysis, Technometrics 21, 341–349, with the approximation of Box, G. E. P. (1954), Annals of Mathematical
    Statistics 25, 290–302. Missing values: Nelson, P. R. C., Taylor, P. A. and MacGregor, J. F. (1996), Chemometrics
    and Intelligent Laboratory Systems 35, 45–65, the conditional mean.
    """

    sample: ClassVar[Mapping[str, Any]] = {"warm_up": 60, "least_steps": 2}

    @classmethod
    def own_columns(cls, width: int) -> Columns:
        return baseline_columns(width)

    def row_of_parts(self, params: HotellingParams, parts: Sequence[SeriesInfo]) -> RowValues:
        warm_up = float(max(params.warm_up, 10 * len(parts)))
        return {
            "warm_up": warm_up, "first": float(round(LEARNED * warm_up)), "variance": params.variance,
            "memory": float("nan") if params.memory is None else float(params.memory),
            "z": NormalDist().inv_cdf(params.normal_share), "margin": params.margin, "q_margin": params.q_margin,
            "smooth": float(params.smooth), "fresh_for": params.fresh_for,
            "least": float(min(len(parts), max(_LEAST, (len(parts) + 1) // 2))),
            "floor": [params.least_steps * 10.0**-part.signal.precision for part in parts],
        }  # fmt: skip

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        known, warm = _known(state, x, t, p), state.learned >= p.warm_up
        if not warm.all():
            learn(state, np.flatnonzero(~warm & known.all(axis=0)), x, p)
        usable = warm & (known.sum(axis=0) >= p.least)
        if usable.all():
            return _scores(state, slice(None), x, known, p)
        rows, found = np.flatnonzero(usable), np.full(len(t), np.nan)
        if len(rows):
            found[rows] = _scores(state, rows, x[:, rows], known[:, rows], p)
        return found

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats | None:
        known = _known(state, x, t, p)
        usable = (state.learned >= p.warm_up) & (known.sum(axis=0) >= p.least)
        if not usable.all() or not np.isnan(p.memory).all():  # a vector changes what the next one is compared with
            return None
        off = completed_along(state, x - state.mean, known, p)
        found = np.stack(t_squared_and_q(state.axes, state.kept, off))
        return np.asarray((smoothed_along(state, found, p) / state.limits).max(axis=0))

    def progress(self, state: Any, t: Floats, p: Any) -> Progress:
        if (state.learned < p.warm_up).any():
            return of_values(state.learned, p.warm_up)
        known = _known(state, state.value, t, p).sum(axis=0).astype(np.float64)
        return of_values(known, p.least, warming_up=False)

    def explain(self, evidence: Evidence[HotellingParams]) -> Explanation:
        named, missing = _named(evidence)
        unknown = UNKNOWN(count=f"{missing}", all=f"{len(evidence.parts)}") if missing else ""
        if len(named) == 1:
            return Explanation(None, None, ALONE(part=named[0], unknown=unknown))
        return Explanation(None, None, TOGETHER(parts=", ".join(named), unknown=unknown))

    def explain_end(self, evidence: Evidence[HotellingParams]) -> Explanation:
        return Explanation(None, None, USUAL(count=f"{len(evidence.parts)}"))


def _known(state: Any, x: Floats, t: Floats, p: Any) -> Known:
    """Whether each signal is known: it has a value that is not too old."""
    return np.asarray(np.isfinite(x) & (age(state, t) <= p.fresh_for))


def _scores(state: Any, rows: Slots, x: Floats, known: Known, p: Any) -> Floats:
    """The scores of some rows after their warm-up; `x` and `known` are those of these rows."""
    off, memory = completed(state, rows, x - state.mean[:, rows], known, p), p.memory[rows]
    limits, found = state.limits[:, rows], np.stack(t_squared_and_q(state.axes[:, rows], state.kept[rows], off))
    score = (smoothed(state, rows, found, p) / limits).max(axis=0)
    whole = ~np.isnan(memory)
    if whole.any():
        whole &= known.all(axis=0)
        go_on(state, np.arange(len(p.memory))[rows][whole], off[:, whole], (found / limits).max(axis=0)[whole], p)
    return np.asarray(score)


def _named(evidence: Evidence[HotellingParams]) -> tuple[list[str], int]:
    """The signals that contribute most to T² or Q, in words, and how many are not known."""
    state, p, row = evidence.state, evidence.p, slice(None)
    known = _known(state, state.value, np.array([evidence.t]), p)
    off = completed(state, row, state.value - state.mean, known, p)
    ratios = np.stack(t_squared_and_q(state.axes, state.kept, off)) / state.limits
    shares = np.maximum(contributions(state.axes, state.kept, off)[int(ratios[:, 0].argmax())][:, 0], 0.0)
    order = np.argsort(-np.where(known[:, 0], shares, -1.0), kind="stable")[:_MOST_NAMED].tolist()
    named = [i for i in order if known[i, 0] and shares[i] >= _NAMED * shares.sum()] or order[:1]
    return [_part(evidence, i) for i in named], int((~known).sum())


def _part(evidence: Evidence[HotellingParams], i: int) -> str:
    signal, state = evidence.parts[i], evidence.state
    value, usual = float(state.value[i, 0]), float(state.mean[i, 0])
    return PART(signal=signal.label, value=quantity(signal, value), usual=signal.show(usual))
