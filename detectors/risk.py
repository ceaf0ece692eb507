"""An experimental risk score from 0 to 100, from the course of six vital signs and age."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base.columns import Columns, Floats, RowValues
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.progress import Progress, of_values
from detectors.base.score_report import PartReport, ScoreReport
from detectors.base.vector_detector import VectorDetector, age
from detectors.scores import risk_points
from detectors.scores.risk_course import (
    DIASTOLIC,
    HEART_RATE,
    SYSTOLIC,
    VITALS,
    course_columns,
    follow,
    statistics,
)
from detectors.scores.risk_points import AGE, PARTS, RiskPoints
from ward.config.rule import DetectorParams, Scope
from ward.text_template import TextKind, TextTemplate

RISK = TextTemplate(
    TextKind.ALERT, "Risk score {score} of 100 (experimental): {parts}. Assess the patient", score="74",
    parts="respiratory rate 28, rising: +14; age 84: +7; systolic pressure 92: +5",
)  # fmt: skip
NOW = TextTemplate(
    TextKind.NOTE, "Risk score {score} of 100 (experimental): {parts}", score="58", parts="age 84: +7",
)  # fmt: skip
RESPONSE = TextTemplate(TextKind.NOTE, "Experimental: assess the patient; decide nothing by this score alone")
LOWER = TextTemplate(TextKind.ENDING, "Risk score {score} of 100, below {limit} again", score="61", limit="70")
PART = TextTemplate(
    TextKind.NOTE, "{name} {value}{trend}: {points}", name="respiratory rate", value="28", trend=", rising",
    points="+14",
)  # fmt: skip
UNKNOWN = TextTemplate(TextKind.NOTE, "{name} not known: {points}", name="SpO2", points="+2")
RISING, FALLING = TextTemplate(TextKind.NOTE, ", rising"), TextTemplate(TextKind.NOTE, ", falling")
NAMES = (
    "heart rate", "systolic pressure", "diastolic pressure", "SpO2", "temperature", "respiratory rate",
    "pulse pressure", "shock index", "age",
)  # fmt: skip
# Digits that are shown of each part, and the change from the first to the last hour that is called a trend.
_DIGITS = (0, 0, 0, 0, 1, 0, 0, 2, 0)
_TREND = (10.0, 15.0, 10.0, 2.0, 0.5, 3.0, 10.0, 0.15)
_LAST, _CHANGE = 4, 5
_SHOWN = 3
_HOUR = 3600.0
# A score is not shown any more when no vital sign has come for so many seconds.
_SHOWN_FOR = 3 * _HOUR


class RiskParams(DetectorParams):
    """The score that raises an alert, and how many hours must be known before there is a score."""

    defaults: ClassVar[Mapping[str, Any]] = {"every": "1h", "clear_below": 0.9}
    parts: ClassVar[tuple[str, ...] | None] = (*VITALS, AGE)
    output: ClassVar[str] = "risk"
    scopes: ClassVar[tuple[Scope, ...]] = ("bed",)

    limit: float = Field(
        70.0, gt=0, le=100, description="the score at which the condition begins: 50 is an average stay in intensive "
        "care, and 10 points more double the odds of death in hospital",
    )  # fmt: skip
    least: int = Field(6, ge=1, description="how many hours with values there must be before there is a score")


class Risk(VectorDetector[RiskParams], name="risk"):
    """Points for the course of six vital signs and for age, as a share of the limit: score = (50 + Σ points)/limit.

    Of the hourly means of each vital sign, of the pulse pressure and of the shock index count the mean, the standard
    deviation, the lowest, highest and last value, and the change since the first, of the last 24 to 48 hours. Each has
    bands with points; one that is not known has a band of its own. The points are those of a penalised logistic
    regression on 3,996 stays in intensive care: 10 more double the odds of death in hospital. It is experimental: it
    was learned in one hospital from 2001 to 2008, has not been tried on wards, and must not decide anything alone.

    >>> from detectors.tapes.example import example
    >>> ill = {"heart_rate": "80x24 135x24", "temperature": "37x24 35x24", "age": "84 _x47"}
    >>> example("risk", ill, every="30m", limit=60)
    46800s raised medium: Risk score 71 of 100 (experimental): heart rate 135, rising: +8; temperature 35.0, falling: \
+7; respiratory rate not known: +5. Assess the patient

    Data: Silva, I. et al. (2012), Predicting in-hospital mortality of ICU patients: the PhysioNet/Computing in
    Cardiology Challenge 2012. Method: Eilers, P. H. C. and Marx, B. D. (1996), Flexible smoothing with B-splines and
    penalties, Statistical Science 11, 89–121.
    """

    sample: ClassVar[Mapping[str, Any]] = {"every": "1h", "limit": 55, "severity": {"low": 1, "medium": 1.2}}

    @classmethod
    def own_columns(cls, width: int) -> Columns:  # noqa: ARG003 - the parts are always the same
        """What is known of the stay, and how many hours had values."""
        columns = Columns(hours=0.0)
        columns.update(course_columns())
        return columns

    def row_of_parts(self, params: RiskParams, parts: Sequence[SeriesInfo]) -> RowValues:
        return {"limit": params.limit, "least": float(params.least)}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        of_now = age(state, t)[:-1] <= 0  # a vital sign without a value in this hour still has the one before
        state.hours = state.hours + of_now.any(axis=0)
        follow(state, np.where(of_now, x[:-1], np.nan), t / _HOUR)
        return np.where(state.hours >= p.least, risk_points.score(_parts(state)) / p.limit, np.nan)

    def progress(self, state: Any, t: Floats, p: Any) -> Progress:
        return of_values(state.hours, p.least)

    def measured(self, state: Any, x: Floats, score: Floats, p: Any) -> tuple[Floats, Floats]:
        """The score from 0 to 100."""
        whole = score * p.limit
        return whole, whole

    def report(self, state: Any, p: Any, params: RiskParams, t: float) -> ScoreReport | None:
        if not state.hours[0] >= params.least or t - state.hour[0] * _HOUR > _SHOWN_FOR:
            return None
        points = _parts(state)
        value, known = float(risk_points.score(points)[0]), statistics(state)[..., 0]
        values, at = [*known[:, _LAST].tolist(), float(state.value[-1, 0])], _measured_at(state)
        parts = (PartReport(*part) for part in zip(PARTS, values, at, points[:, 0].tolist(), strict=True))
        text = NOW(score=f"{value:.0f}", parts="; ".join(_largest(state, points[:, 0])))
        return ScoreReport(value, value, risk_points.TOP, text, RESPONSE(), tuple(parts), float("nan"))

    def explain(self, evidence: Evidence[RiskParams]) -> Explanation:
        parts = _parts(evidence.state)
        value = float(risk_points.score(parts)[0])
        text = RISK(score=f"{value:.0f}", parts="; ".join(_largest(evidence.state, parts[:, 0])))
        return Explanation(value, evidence.params.limit, text)

    def explain_end(self, evidence: Evidence[RiskParams]) -> Explanation:
        value, limit = float(risk_points.score(_parts(evidence.state))[0]), evidence.params.limit
        return Explanation(value, limit, LOWER(score=f"{value:.0f}", limit=f"{limit:.0f}"))


@cache
def _model() -> RiskPoints:
    return risk_points.load()


def _parts(state: Any) -> Floats:
    """The points of each part, (9, n)."""
    return _model().of_parts(statistics(state), state.value[-1])


def _measured_at(state: Any) -> list[float]:
    """When each part was measured, in seconds: of a part that is made of two, the older one."""
    at = state.measured_at[:, 0]
    vitals, years = at[:-1].tolist(), float(at[-1])
    pulse_pressure, shock_index = at[[SYSTOLIC, DIASTOLIC]].min(), at[[HEART_RATE, SYSTOLIC]].min()
    return [*vitals, float(pulse_pressure), float(shock_index), years]


def _largest(state: Any, points: Floats) -> Iterator[str]:
    """The parts with the most points, in words."""
    known = statistics(state)[..., 0]
    for part in np.argsort(-points, kind="stable")[:_SHOWN].tolist():
        is_age = PARTS[part] == AGE
        value = float(state.value[-1, 0]) if is_age else float(known[part, _LAST])
        rounded = round(float(points[part]))
        shown = f"{rounded:+d}".replace("-", "−") if rounded else "0"
        if np.isnan(value):
            yield UNKNOWN(name=NAMES[part], points=shown)
        else:
            trend = "" if is_age else _trend(float(known[part, _CHANGE]), _TREND[part])
            yield PART(name=NAMES[part], value=f"{value:.{_DIGITS[part]}f}", trend=trend, points=shown)


def _trend(change: float, least: float) -> str:
    """Whether a quantity rises or falls; nothing for NaN."""
    if change >= least:
        return RISING()
    return FALLING() if change <= -least else ""
