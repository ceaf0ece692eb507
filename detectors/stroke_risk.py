"""A blood pressure that is high for long, with what is known of the patient's risk of a stroke. Experimental."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base.columns import Columns, Floats, RowValues
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.score_report import PartReport, ScoreReport
from detectors.base.vector_detector import VectorDetector, age
from detectors.scores.stroke_profile import (
    AGE,
    HIGHEST,
    OLDEST,
    PARTS,
    SEX,
    SYSTOLIC,
    YOUNGEST,
    Profile,
    chance,
    profile,
)
from ward.config.base_model import Seconds
from ward.config.rule import DetectorParams, Scope
from ward.text_template import TextKind, TextTemplate

HIGH = TextTemplate(
    TextKind.ALERT, "Blood pressure {pressure} mmHg, limit {limits}. {profile}. Look for signs of a stroke",
    pressure="186/104", limits="180/120",
    profile="Stroke risk profile (experimental): at least 9 of 38 points, 4 parts not known",
)  # fmt: skip
LOWER = TextTemplate(
    TextKind.ENDING, "Blood pressure {pressure} mmHg, below {limits} again", pressure="168/96", limits="180/120"
)  # fmt: skip
WHOLE = TextTemplate(
    TextKind.NOTE, "Stroke risk profile (experimental): {points} of {highest} points, {chance}", points="14",
    highest="38", chance="17 % within 10 years",
)  # fmt: skip
AT_LEAST_SHORT = TextTemplate(
    TextKind.NOTE, "Stroke risk profile (experimental): at least {points} of {highest} points, {count} parts not known",
    points="9", highest="38", count="4",
)  # fmt: skip
AT_LEAST_NOW = TextTemplate(
    TextKind.NOTE, "Stroke risk profile (experimental): at least {points} of {highest} points; not known: {unknown}",
    points="9", highest="38", unknown="smoking, diabetes",
)  # fmt: skip
NO_TABLE = TextTemplate(
    TextKind.NOTE, "No stroke risk profile: it is for men of {youngest} to {oldest} years", youngest="54", oldest="85",
)  # fmt: skip
CHANCE = TextTemplate(TextKind.NOTE, "{chance} % within 10 years", chance="17")
LOWEST_CHANCE = TextTemplate(TextKind.NOTE, "3 % or less within 10 years")
HIGHEST_CHANCE = TextTemplate(TextKind.NOTE, "more than 88 % within 10 years")
RESPONSE = TextTemplate(TextKind.NOTE, "Experimental: no treatment follows from it")
NAMES = (
    "systolic pressure", "age", "sex", "treatment of hypertension", "diabetes", "smoking", "cardiovascular disease",
    "atrial fibrillation", "left ventricular hypertrophy",
)  # fmt: skip
# The place of the diastolic pressure in the values, before which the systolic one is; and of what is observed.
_DIASTOLIC, _OBSERVED = 1, 2
# A pressure counts for the time since the one before, for a quarter of an hour at most, and the first one for a minute;
# its course has a memory of a day.
_FIRST, _LONGEST, _MEMORY = 60.0, 900.0, 86400.0


class StrokeRiskParams(DetectorParams):
    """The pressures that raise an alert, and how old they may be."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.97}
    parts: ClassVar[tuple[str, ...] | None] = (PARTS[SYSTOLIC], "diastolic_bp", *PARTS[AGE:])
    output: ClassVar[str] = "stroke_risk"
    scopes: ClassVar[tuple[Scope, ...]] = ("bed",)

    systolic: float = Field(180.0, gt=0, description="the systolic pressure in mmHg that raises an alert")
    diastolic: float = Field(120.0, gt=0, description="the diastolic pressure in mmHg that raises an alert")
    pressure_for: Seconds = Field(3600.0, gt=0, description="how old a blood pressure may be, which a cuff measures")

    @property
    def limit_text(self) -> str:
        return f"{self.systolic:g}/{self.diastolic:g}"


class StrokeRisk(VectorDetector[StrokeRiskParams], name="stroke_risk"):
    """Both blood pressures as a share of their limits, and beside them a profile: score = max(systolic/180,
    diastolic/120).

    Only the pressures raise an alert; hold them with `for`. The profile is a number for the bed page: 0 to 38 points
    for the mean systolic pressure of about a day, age, treatment of hypertension, diabetes, smoking, cardiovascular
    disease, atrial fibrillation and left ventricular hypertrophy, and the share of men with as many points who had a
    stroke within ten years. What is not known is named, and the points are a lower bound then. It is experimental: the
    study measured pressures of people at rest, not of patients in a ward, and a chance within ten years says little
    about this day. It is for men of 54 to 85 years: the women's table could not be compared with its source. How much
    a pressure varies within hours is not scored, since no study has shown that it foretells a stroke.

    >>> from detectors.tapes.example import example
    >>> patient = {"systolic_bp": "150 184x20", "diastolic_bp": "85 96x20", "age": "71", "sex": "1", "diabetes": "1"}
    >>> example("stroke_risk", patient, every="1m", severity="low", **{"for": "10m"})
    660s raised low: Blood pressure 184/96 mmHg, limit 180/120. Stroke risk profile (experimental): at least 15 of 38 \
points, 5 parts not known. Look for signs of a stroke

    Profile: D'Agostino, R. B. et al. (1994), Stroke 25, 40–43. Limits: Whelton, P. K. et al. (2018), 2017 guideline
    for high blood pressure in adults, Hypertension 71, e13–e115 (hypertensive crisis).
    """

    sample: ClassVar[Mapping[str, Any]] = {"systolic": 180, "diastolic": 120, "for": "10m", "severity": "low"}

    @classmethod
    def own_columns(cls, width: int) -> Columns:  # noqa: ARG003 - the parts are always the same
        """The mean systolic pressure of about a day, the seconds that it is of, and when it was last measured."""
        return Columns(mean=np.nan, weight=0.0, until=np.nan)

    def row_of_parts(self, params: StrokeRiskParams, parts: Sequence[SeriesInfo]) -> RowValues:
        return {"systolic": params.systolic, "diastolic": params.diastolic, "fresh_for": params.pressure_for}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        _follow(state, np.where(age(state, t)[SYSTOLIC] <= 0, x[SYSTOLIC], np.nan), t)
        return _shares(state, x, t, p)

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        _follow_along(state, np.where(age(state, t)[SYSTOLIC] <= 0, x[SYSTOLIC], np.nan), t)
        return _shares(state, x, t, p)

    def measured(self, state: Any, x: Floats, score: Floats, p: Any) -> tuple[Floats, Floats]:
        """The points of what is known; the pressures say how bad it is."""
        return _profile(state, x).at_least, score

    def explain(self, evidence: Evidence[StrokeRiskParams]) -> Explanation:
        found = _profile(evidence.state, evidence.state.value)
        text = HIGH(
            pressure=_pressure(evidence.state), limits=evidence.params.limit_text, profile=_short(found)
        )  # fmt: skip
        return Explanation(None, None, text)

    def explain_end(self, evidence: Evidence[StrokeRiskParams]) -> Explanation:
        text = LOWER(pressure=_pressure(evidence.state), limits=evidence.params.limit_text)
        return Explanation(None, None, text)

    def report(self, state: Any, p: Any, params: StrokeRiskParams, t: float) -> ScoreReport | None:
        found = _profile(state, state.value)
        if not found.known[SYSTOLIC, 0]:
            return None
        at_least, whole = float(found.at_least[0]), bool(found.whole[0])
        values, at = _values(state, state.value)[:, 0], np.delete(state.measured_at[:, 0], _DIASTOLIC)
        counted = found.applies[0] & found.known[:, 0] & found.known[SEX, 0]
        parts = (
            PartReport(signal, float(x), float(when), float(points) if there else None)
            for signal, x, when, points, there in zip(PARTS, values, at, found.points[:, 0], counted, strict=True)
        )
        return ScoreReport(
            at_least if whole else None, at_least, HIGHEST, _text_now(found), RESPONSE(), tuple(parts), float("nan")
        )  # fmt: skip


def _shares(state: Any, x: Floats, t: Floats, p: Any) -> Floats:
    """The pressure that is nearer to its limit, or further above it, as a share of that."""
    fresh = age(state, t)[:_OBSERVED] <= p.fresh_for
    shares = np.where(fresh, x[:_OBSERVED] / np.stack((p.systolic, p.diastolic)), np.nan)
    return np.asarray(np.fmax(shares[SYSTOLIC], shares[_DIASTOLIC]))


def _follow(state: Any, x: Floats, t: Floats) -> None:
    """Take a systolic pressure into the mean of about a day: each counts for the time since the one before. NaN changes
    nothing; a time before the one before, as of a clock that was set back, counts for no time."""
    gap = np.where(np.isnan(state.until), _FIRST, np.maximum(t - state.until, 0.0))
    there, lasted = x == x, np.minimum(gap, _LONGEST)
    weight = state.weight * np.exp(-gap / _MEMORY) + lasted
    mean = np.where(np.isnan(state.mean), 0.0, state.mean)
    mean = mean + (x - mean) * lasted / np.maximum(weight, 1e-9)
    state.mean, state.weight = np.where(there, mean, state.mean), np.where(there, weight, state.weight)
    state.until = np.where(there, t, state.until)


def _follow_along(state: Any, x: Floats, t: Floats) -> None:
    """`_follow` for values along time (rows, n): the columns become what they are after each."""
    courses = np.empty((3, *x.shape))
    for row in range(len(x)):
        courses[:, row] = _course(x[row], state.mean[row], state.weight[row], state.until[row], t)
    state.mean, state.weight, state.until = courses


def _course(x: Floats, mean: Floats, weight: Floats, until: Floats, t: Floats) -> Floats:
    """Mean, weight and time of one row after each value, (3, n)."""
    there = np.flatnonzero(x == x)
    times = np.concatenate((until, t[there]))
    gap = np.diff(times)
    gap = np.where(np.isnan(gap), _FIRST, np.maximum(gap, 0.0))
    decay, lasted = np.exp(-gap / _MEMORY).tolist(), np.minimum(gap, _LONGEST).tolist()
    now, of = 0.0 if mean[0] != mean[0] else float(mean[0]), float(weight[0])
    after = [(float(mean[0]), of)]
    for value, kept, added in zip(x[there].tolist(), decay, lasted, strict=True):
        of = of * kept + added
        now = now + (value - now) * added / max(of, 1e-9)
        after.append((now, of))
    newest = np.searchsorted(there, np.arange(len(x)), side="right")
    return np.concatenate((np.array(after)[newest].T, times[newest][None]))


def _values(state: Any, x: Floats) -> Floats:
    """What the profile is made of: the mean systolic pressure, and what people observed, as (9, …)."""
    return np.concatenate((np.broadcast_to(state.mean, x.shape[1:])[None], x[_OBSERVED:]))


def _profile(state: Any, x: Floats) -> Profile:
    values = _values(state, x)
    return profile(values, values == values)


def _pressure(state: Any) -> str:
    """Both pressures as people write them."""
    systolic, diastolic = (f"{x:.0f}" if x == x else "–" for x in state.value[:_OBSERVED, 0].tolist())
    return f"{systolic}/{diastolic}"


def _short(found: Profile) -> str:
    """The profile in the text of an alert, which has no room for names."""
    if not found.applies[0] or found.whole[0]:
        return _text_now(found)
    count = int((~found.known[:, 0]).sum())
    return AT_LEAST_SHORT(points=f"{found.at_least[0]:.0f}", highest=f"{HIGHEST:.0f}", count=f"{count}")


def _text_now(found: Profile) -> str:
    """The profile with the names of the parts that are not known."""
    if not found.applies[0]:
        return NO_TABLE(youngest=f"{YOUNGEST}", oldest=f"{OLDEST}")
    shown = {"points": f"{found.at_least[0]:.0f}", "highest": f"{HIGHEST:.0f}"}
    if not found.whole[0]:
        unknown = ", ".join(name for name, there in zip(NAMES, found.known[:, 0], strict=True) if not there)
        return AT_LEAST_NOW(**shown, unknown=unknown)
    known = chance(float(found.at_least[0]))
    if known is None:
        return WHOLE(**shown, chance=HIGHEST_CHANCE() if found.at_least[0] > 1 else LOWEST_CHANCE())
    return WHOLE(**shown, chance=CHANCE(chance=f"{known}"))
