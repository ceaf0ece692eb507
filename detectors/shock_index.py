"""The shock index: heart rate over systolic pressure, its level and its rise."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from pydantic import Field, model_validator

from detectors.base.columns import Columns, Floats, RowValues
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.score_report import PartReport, ScoreReport
from detectors.base.vector_detector import VectorDetector
from detectors.scores.lower_bound import fresh
from detectors.scores.shock_course import follow_along
from ward.clock import format_span
from ward.config.base_model import Seconds
from ward.config.rule import DetectorParams, Scope
from ward.text_template import TextKind, TextTemplate

LEVEL = TextTemplate(
    TextKind.ALERT, "Shock index {index} ({parts}), limit {limit}. {response}", index="1.06",
    parts="heart rate 106 /min, systolic pressure 100 mmHg", limit="1.00",
    response="Assess for blood or fluid loss and sepsis",
)  # fmt: skip
RISING = TextTemplate(
    TextKind.ALERT, "Shock index rose by {rise} within {within} to {index} ({parts}). {response}", rise="0.33",
    within="60 min", index="0.88", parts="heart rate 98 /min, systolic pressure 112 mmHg",
    response="Assess for blood or fluid loss and sepsis",
)  # fmt: skip
LOWER = TextTemplate(
    TextKind.ENDING, "Shock index {index}, below {limit} and no longer rising", index="0.71", limit="0.90"
)  # fmt: skip
NOW = TextTemplate(
    TextKind.NOTE, "Shock index {index}: {parts}", index="0.62", parts="heart rate 74 /min, systolic pressure 119 mmHg"
)
RISEN = TextTemplate(
    TextKind.NOTE, "Shock index {index}, {rise} more than the lowest within {within}: {parts}", index="0.88",
    rise="0.33", within="60 min", parts="heart rate 98 /min, systolic pressure 112 mmHg",
)  # fmt: skip
REFUSED = TextTemplate(TextKind.NOTE, "Shock index not known, without a new value of {unknown}", unknown="heart rate")
ASSESS = TextTemplate(TextKind.NOTE, "Assess for blood or fluid loss and sepsis")
NOTHING = TextTemplate(TextKind.NOTE, "Nothing by the shock index")
PARTS = TextTemplate(
    TextKind.NOTE, "heart rate {rate} /min, systolic pressure {pressure} mmHg", rate="74", pressure="119"
)
SIGNALS = ("heart_rate", "systolic_bp")
NAMES = ("heart rate", "systolic pressure")
# A heart rate of 300 /min at a pressure of 30 mmHg: both are the ends of what is plausible.
HIGHEST = 10.0
# The past is kept as the means of so many parts of `within`.
_PARTS = 12


class ShockIndexParams(DetectorParams):
    """The index from which each severity holds, how much it may rise, and how old both values may be."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.95}
    parts: ClassVar[tuple[str, ...] | None] = SIGNALS
    output: ClassVar[str] = "shock_index"
    scopes: ClassVar[tuple[Scope, ...]] = ("bed",)

    low: float | None = Field(0.9, gt=0, description="the index for LOW severity")
    medium: float | None = Field(1.0, gt=0, description="the index for MEDIUM severity")
    high: float | None = Field(None, gt=0, description="the index for HIGH severity")
    rise: float = Field(0.3, gt=0, description="a rise by so much within `within` has LOW severity, and MEDIUM "
                        "together with an index of `low`")  # fmt: skip
    within: Seconds = Field(3600.0, gt=0, description="the time in which a rise counts, from the lowest mean of 1/12")
    vital_for: Seconds = Field(300.0, gt=0, description="how old a heart rate may be")
    pressure_for: Seconds = Field(900.0, gt=0, description="how old a blood pressure may be: with an older one there "
                                  "is no index")  # fmt: skip

    @property
    def limits(self) -> tuple[float | None, float | None, float | None]:
        return self.low, self.medium, self.high

    @model_validator(mode="after")
    def _ordered(self) -> "ShockIndexParams":
        given = [limit for limit in self.limits if limit is not None]
        if given != sorted(set(given)):
            raise ValueError("the index must get higher with severity")
        return self


class ShockIndex(VectorDetector[ShockIndexParams], name="shock_index"):
    """Heart rate over systolic pressure, as a share of a limit, or its rise as a share of what it may rise.

    score = max(index/limit, (index − lowest mean of the past)/rise), and both together are MEDIUM. Heart rate and
    pressure may each be within their limits: 104 /min at 108 mmHg is an index of 0.96; about 0.5 to 0.7 is usual in
    healthy adults. The past are the means of each twelfth of `within`. With a heart rate or a pressure that is too old
    there is no index.

    >>> from detectors.tapes.example import example
    >>> bleeding = {"heart_rate": "70x20 98x10", "systolic_bp": "125x20 112x10"}
    >>> example("shock_index", bleeding, every="1m", severity="low", **{"for": "2m"})
    1320s raised low: Shock index rose by 0.31 within 60 min to 0.88 (heart rate 98 /min, systolic pressure 112 mmHg). \
Assess for blood or fluid loss and sepsis

    Levels: Mutschler, M. et al. (2013), The Shock Index revisited, Critical Care 17, R172 (classes from 0.6, 1.0 and
    1.4). 0.9 and a rise of 0.3: Kim, M. J. et al. (2019), Usefulness of shock index to predict outcomes of trauma
    patient, Journal of Trauma and Injury 32, 17–25. All are of injured patients on their way to a hospital.
    """

    sample: ClassVar[Mapping[str, Any]] = {"every": "1m", "medium": 1.0, "for": "2m", "keep_firing_for": "10m"}

    @classmethod
    def own_columns(cls, width: int) -> Columns:  # noqa: ARG003 - the parts are always the same
        """The index and its rise; the mean of the current twelfth, its number, and those before with theirs."""
        past = (np.nan, _PARTS)
        return Columns(index=np.nan, rise=np.nan, total=0.0, count=0.0, current=np.nan, means=past, numbers=past)

    def row_of_parts(self, params: ShockIndexParams, parts: Sequence[SeriesInfo]) -> RowValues:
        limits = [float("inf") if limit is None else limit for limit in params.limits]
        return {
            "fresh_for": (params.vital_for, params.pressure_for), "limits": limits, "rise": params.rise,
            "each": params.within / _PARTS,
        }  # fmt: skip

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        known = fresh(state, x, t, p.fresh_for).all(axis=0)
        state.index = np.where(known, _index(x), np.nan)
        number = np.floor(t / p.each)
        _close(state, known & (number != state.current), number)
        past = (state.numbers < number) & (state.numbers >= number - _PARTS)
        lowest = np.where(past, state.means, np.inf).min(axis=0)
        state.rise = np.where(np.isfinite(lowest), state.index - lowest, np.nan)
        state.total, state.count = state.total + np.where(known, state.index, 0.0), state.count + known
        return np.asarray(_ratios(state, p).max(axis=0))

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        known = fresh(state, x, t, p.fresh_for).all(axis=0)
        state.index = np.where(known, _index(x), np.nan)
        follow_along(state, np.floor(t / p.each), _PARTS)
        return np.asarray(_ratios(state, p).max(axis=0))

    def threshold_ratios(self, score: Floats, state: Any, x: Floats, t: Floats, p: Any, thresholds: Floats) -> Floats:
        used = np.isfinite(p.limits)
        used[1] |= used[0]
        used[0] = True
        return np.where(used, _ratios(state, p), np.nan)

    def measured(self, state: Any, x: Floats, score: Floats, p: Any) -> tuple[Floats, Floats]:
        """The index."""
        return state.index, state.index

    def explain(self, evidence: Evidence[ShockIndexParams]) -> Explanation:
        state, params = evidence.state, evidence.params
        index, limit = float(state.index[0]), params.limits[evidence.level - 1]
        shown = {"index": f"{index:.2f}", "parts": _parts(state), "response": ASSESS()}
        if limit is not None and index >= limit:
            return Explanation(index, limit, LEVEL(**shown, limit=f"{limit:.2f}"))
        rise, within = f"{state.rise[0]:.2f}", format_span(params.within)
        return Explanation(index, None, RISING(**shown, rise=rise, within=within))

    def explain_end(self, evidence: Evidence[ShockIndexParams]) -> Explanation:
        index = float(evidence.state.index[0])
        limit = min((limit for limit in evidence.params.limits if limit is not None), default=HIGHEST)
        return Explanation(index, limit, LOWER(index=f"{index:.2f}", limit=f"{limit:.2f}"))

    def report(self, state: Any, p: Any, params: ShockIndexParams, t: float) -> ScoreReport | None:
        value, at = state.value[:, 0], state.measured_at[:, 0]
        if not (value == value).any():
            return None
        known = fresh(state, state.value, np.array([t]), p.fresh_for)[:, 0]
        old = (value == value) & ~known
        parts = tuple(
            PartReport(signal, x, when, None, too_old)
            for signal, x, when, too_old in zip(SIGNALS, value.tolist(), at.tolist(), old.tolist(), strict=True)
        )
        nan = float("nan")
        if not known.all():
            unknown = ", ".join(name for name, there in zip(NAMES, known, strict=True) if not there)
            return ScoreReport(None, 0.0, HIGHEST, REFUSED(unknown=unknown), NOTHING(), parts, nan)
        index, response = float(_index(state.value)[0]), ASSESS() if (_ratios(state, p) >= 1).any() else NOTHING()
        return ScoreReport(index, index, HIGHEST, _text_now(state, index, params), response, parts, nan)


def _index(x: Floats) -> Floats:
    return np.asarray(x[0] / np.maximum(x[1], 1.0))


def _close(state: Any, ended: Any, number: Floats) -> None:
    """Where a twelfth has ended, keep its mean, and begin the next one with its `number`."""
    here = ended & (state.count > 0) & (np.arange(_PARTS).reshape(-1, *(1,) * number.ndim) == state.current % _PARTS)
    state.means = np.where(here, state.total / np.maximum(state.count, 1.0), state.means)
    state.numbers = np.where(here, state.current, state.numbers)
    state.total, state.count = np.where(ended, 0.0, state.total), np.where(ended, 0.0, state.count)
    state.current = np.where(ended, number, state.current)


def _ratios(state: Any, p: Any) -> Floats:
    """For each severity the index as a share of its limit, (3, n); a rise is LOW, and MEDIUM together with the index of
    LOW."""
    ratios, rise = state.index / p.limits, state.rise / p.rise
    ratios[1] = np.fmax(ratios[1], np.minimum(ratios[0], rise))
    ratios[0] = np.fmax(ratios[0], rise)
    return np.asarray(ratios)


def _parts(state: Any) -> str:
    """Heart rate and pressure in words."""
    rate, pressure = state.value[:, 0]
    return PARTS(rate=f"{rate:.0f}", pressure=f"{pressure:.0f}")


def _text_now(state: Any, index: float, params: ShockIndexParams) -> str:
    """The index in words, with its rise where that is half of what raises an alert, or more."""
    rise, shown = float(state.rise[0]), {"index": f"{index:.2f}", "parts": _parts(state)}
    if rise >= params.rise / 2:
        return RISEN(**shown, rise=f"{rise:.2f}", within=format_span(params.within))
    return NOW(**shown)
