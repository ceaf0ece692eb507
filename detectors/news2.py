"""The National Early Warning Score 2 of a patient, from monitors and from what people observed."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from pydantic import Field, model_validator

from detectors.base.columns import Floats, RowValues
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.score_report import PartReport, ScoreReport
from detectors.base.vector_detector import VectorDetector
from detectors.scores import news2_chart
from detectors.scores.lower_bound import Known, fresh, held_ratios
from detectors.scores.news2_chart import (
    CONSCIOUSNESS,
    EMERGENCY_FROM,
    HIGHEST,
    OXYGEN,
    SCALE,
    SIGNALS,
    SYSTOLIC,
    TEMPERATURE,
    URGENT_FROM,
    Points,
    interval,
    points,
)
from ward.config.base_model import Seconds
from ward.config.rule import DetectorParams, Scope
from ward.text_template import TextKind, TextTemplate

TOTAL = TextTemplate(
    TextKind.ALERT, "NEWS2 {total} ({parts}). {response}", total="7",
    parts="3 for respiratory rate, 2 for oxygen, 2 for heart rate",
    response="Emergency assessment by the critical care team",
)  # fmt: skip
AT_LEAST = TextTemplate(
    TextKind.ALERT, "NEWS2 at least {total} ({parts}); not known: {unknown}. {response}", total="5",
    parts="3 for respiratory rate, 2 for heart rate", unknown="oxygen, consciousness",
    response="Urgent assessment by a clinician",
)  # fmt: skip
HELD = TextTemplate(
    TextKind.ALERT, "NEWS2 at least {total}, and {limit} or more with what was last known: observe {unknown} again",
    total="4", limit="5", unknown="consciousness",
)  # fmt: skip
LOWER = TextTemplate(TextKind.ENDING, "NEWS2 {total}, no longer {limit} or more", total="3", limit="5")
LOWER_BOUND = TextTemplate(
    TextKind.ENDING, "NEWS2 at least {total}, no longer {limit} or more by what is known; not known: {unknown}",
    total="3", limit="5", unknown="consciousness",
)  # fmt: skip
NO_SINGLE = TextTemplate(TextKind.ENDING, "NEWS2 {total}, no single observation with 3 points any more", total="3")
EMERGENCY = TextTemplate(TextKind.NOTE, "Emergency assessment by the critical care team")
URGENT = TextTemplate(TextKind.NOTE, "Urgent assessment by a clinician")
ROUTINE = TextTemplate(TextKind.NOTE, "Routine observations")
REVIEW = TextTemplate(TextKind.NOTE, "Inform the medical team for a review")
NO_POINTS = TextTemplate(TextKind.NOTE, "no points")
TOTAL_NOW = TextTemplate(TextKind.NOTE, "NEWS2 {total} ({parts})", total="7", parts="2 for heart rate")
AT_LEAST_NOW = TextTemplate(
    TextKind.NOTE, "NEWS2 at least {total} ({parts}); not known: {unknown}", total="5", parts="2 for heart rate",
    unknown="oxygen, consciousness",
)  # fmt: skip
# Not `heart rate 2`, which reads as a heart rate of 2.
POINTS = TextTemplate(TextKind.NOTE, "{points} for {name}", points="3", name="respiratory rate")
AND_MORE = TextTemplate(TextKind.NOTE, "{names} and {count} more", names="oxygen, consciousness", count="3")
MOST_NAMED = 3
LONGEST = 159  # characters of a text: an SMS holds 160
# What the observations are called within a text.
NAMES = (
    "respiratory rate", "SpO2", "oxygen", "systolic pressure", "heart rate", "consciousness", "temperature",
)  # fmt: skip


class News2Params(DetectorParams):
    """The totals from which each severity holds, and how old each observation may be. A total of 5 asks for an urgent
    assessment, one of 7 for an emergency assessment, 3 points in a single observation for a review by the medical
    team."""

    # Between this and 1 a severity is held: what is not known any more ends no alert.
    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.99}
    parts: ClassVar[tuple[str, ...] | None] = news2_chart.SIGNALS
    output: ClassVar[str] = "news2"
    scopes: ClassVar[tuple[Scope, ...]] = ("bed",)

    low: int | None = Field(None, ge=1, le=20, description="the total for LOW severity")
    medium: int | None = Field(5, ge=1, le=20, description="the total for MEDIUM severity")
    high: int | None = Field(7, ge=1, le=20, description="the total for HIGH severity")
    single: bool = Field(True, description="3 points in any single observation have LOW severity")
    vital_for: Seconds = Field(
        300.0, gt=0, description="how old respiratory rate, SpO2 and heart rate may be: a monitor sends them often"
    )
    pressure_for: Seconds = Field(3600.0, gt=0, description="how old a blood pressure may be, which a cuff measures")
    temperature_for: Seconds = Field(14400.0, gt=0, description="how old a temperature may be")
    observed_for: Seconds = Field(
        43200.0, gt=0, description="how old oxygen and consciousness may be, which people observe: the chart asks for "
        "an observation every 12 h at least",
    )  # fmt: skip

    @property
    def limits(self) -> tuple[int | None, int | None, int | None]:
        return self.low, self.medium, self.high

    @model_validator(mode="after")
    def _ordered(self) -> "News2Params":
        given = [limit for limit in self.limits if limit is not None]
        if not given and not self.single:
            raise ValueError("at least one of low, medium, high and single must be given")
        if given != sorted(set(given)):
            raise ValueError("the totals must get higher with severity")
        return self


class News2(VectorDetector[News2Params], name="news2"):
    """The sum of the points of seven observations, 0 to 20, as a share of the total that the rule asks for.

    Respiratory rate, SpO2, oxygen, systolic pressure, heart rate, consciousness and temperature have 0 to 3 points each
    by the chart; SpO2 by scale 1, or by scale 2 only where a clinician has documented it. Without one of the seven, or
    with one that is too old, there is no total: the points that are known are a lower bound, and the text says what is
    not known. Oxygen and consciousness are observed by people, as signals of the catalogue: oxygen in L/min, 0 for air;
    consciousness 0 for alert, 1 for new confusion, 2 to 4 for voice, pain and unresponsive.

    >>> from detectors.tapes.example import example
    >>> example("news2", {"respiratory_rate": "14x2 26x3 14", "heart_rate": "80x2 118x3 80"})
    2s raised medium: NEWS2 at least 5 (3 for respiratory rate, 2 for heart rate); not known: oxygen, \
consciousness and 3 more. Urgent assessment by a clinician
    5s cleared recovered: NEWS2 at least 0, no longer 5 or more by what is known; not known: oxygen, consciousness \
and 3 more

    Royal College of Physicians (2017), National Early Warning Score (NEWS) 2: standardising the assessment of
    acute-illness severity in the NHS. Not for patients under 16 years, nor in pregnancy.
    """

    sample: ClassVar[Mapping[str, Any]] = {"medium": 5, "high": 7, "for": "1m", "keep_firing_for": "5m"}

    def row_of_parts(self, params: News2Params, parts: Sequence[SeriesInfo]) -> RowValues:
        fresh_for = [params.vital_for] * len(parts)
        fresh_for[SYSTOLIC], fresh_for[TEMPERATURE] = params.pressure_for, params.temperature_for
        fresh_for[OXYGEN] = fresh_for[CONSCIOUSNESS] = params.observed_for
        fresh_for[SCALE] = float("inf")  # a documented decision holds until there is another
        limits = [float("inf") if limit is None else float(limit) for limit in params.limits]
        return {"fresh_for": fresh_for, "limits": limits, "single": float(params.single)}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        return np.asarray(_ratios(x, fresh(state, x, t, p.fresh_for), p).max(axis=0))

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        return self.update(state, x, t, p)

    def threshold_ratios(self, score: Floats, state: Any, x: Floats, t: Floats, p: Any, thresholds: Floats) -> Floats:
        ratios = _ratios(x, fresh(state, x, t, p.fresh_for), p)
        used = np.isfinite(p.limits)
        used[0] |= p.single > 0
        return np.where(used, ratios, np.nan)

    def measured(self, state: Any, x: Floats, score: Floats, p: Any) -> tuple[Floats, Floats]:
        """The total of what is known."""
        at_least = points(x, x == x).at_least
        return at_least, at_least

    def explain(self, evidence: Evidence[News2Params]) -> Explanation:
        found = _found(evidence.state, evidence.p, evidence.t)
        limit = evidence.params.limits[evidence.level - 1]
        text = _alert(found, limit, MOST_NAMED)
        if len(text) > LONGEST:
            text = _alert(found, limit, MOST_NAMED - 1)
        return Explanation(float(found.at_least[0]), limit, text)

    def explain_end(self, evidence: Evidence[News2Params]) -> Explanation:
        found = _found(evidence.state, evidence.p, evidence.t)
        total, _, unknown = _texts(found)
        limit = min((limit for limit in evidence.params.limits if limit is not None), default=None)
        if limit is None:
            text = NO_SINGLE(total=total)
        elif unknown:
            text = LOWER_BOUND(total=total, limit=f"{limit}", unknown=unknown)
        else:
            text = LOWER(total=total, limit=f"{limit}")
        return Explanation(float(found.at_least[0]), limit, text)

    def report(self, state: Any, p: Any, params: News2Params, t: float) -> ScoreReport | None:
        found = _found(state, p, t)
        if not found.known.any():
            return None
        total, parts, unknown = _texts(found)
        at_least, observed = float(found.at_least[0]), state.measured_at[[OXYGEN, CONSCIOUSNESS], 0]
        shown = {"total": total, "parts": parts or NO_POINTS()}
        text = AT_LEAST_NOW(**shown, unknown=unknown) if unknown else TOTAL_NOW(**shown)
        reports = (
            PartReport(
                signal, float(value), float(at), float(points) if known else None, not known and bool(value == value)
            )
            for signal, value, at, points, known in zip(
                SIGNALS, state.value[:, 0], state.measured_at[:, 0], found.points[:, 0], found.known[:, 0], strict=False
            )
        )
        return ScoreReport(
            None if unknown else at_least, at_least, HIGHEST, text, _response(at_least, bool(found.single_three[0])),
            tuple(reports), float(observed.min()) + min(interval(found), params.observed_for),
        )  # fmt: skip


def _ratios(x: Floats, known: Known, p: Any) -> Floats:
    """For each severity what is known as a share of its total, (3, n): NaN where nothing is known."""
    found, there = points(x, known), x == x
    last = points(x, there).at_least if (there & ~known).any() else found.at_least
    ratios = held_ratios(found.at_least, last, p.limits)
    ratios[0] = np.maximum(ratios[0], found.single_three & (p.single > 0))
    return np.where(found.known.any(axis=0), ratios, np.nan)


def _found(state: Any, p: Any, t: float) -> Points:
    """The points of one row at an instant."""
    return points(state.value, fresh(state, state.value, np.array([t]), p.fresh_for))


def _alert(found: Points, limit: int | None, most: int) -> str:
    """The text of an alert, in which at most so many parts are named."""
    total, parts, unknown = _texts(found, most)
    response = _response(float(found.at_least[0]), bool(found.single_three[0]))
    if limit is not None and found.at_least[0] < limit and not found.single_three[0]:
        return HELD(total=total, limit=f"{limit}", unknown=unknown)
    if unknown:
        return AT_LEAST(total=total, parts=parts, unknown=unknown, response=response)
    return TOTAL(total=total, parts=parts, response=response)


def _texts(found: Points, most: int = MOST_NAMED) -> tuple[str, str, str]:
    """The total, the observations with points, the most first, and those that are not known, first what people
    observe."""
    each = [(float(p), bool(k), name) for p, k, name in zip(found.points[:, 0], found.known[:, 0], NAMES, strict=True)]
    parts = [POINTS(points=f"{p:.0f}", name=name) for p, _, name in sorted(each, key=lambda one: -one[0]) if p]
    observed = sorted(range(len(each)), key=lambda part: part not in (OXYGEN, CONSCIOUSNESS))
    unknown = [each[i][2] for i in observed if not each[i][1]]
    return f"{found.at_least[0]:.0f}", _first(parts, most), _first(unknown, most)


def _first(names: Sequence[str], most: int) -> str:
    """The first of some names, and how many more there are: a message has room for few."""
    if len(names) <= most:
        return ", ".join(names)
    return AND_MORE(names=", ".join(names[: most - 1]), count=f"{len(names) - most + 1}")


def _response(total: float, single_three: bool) -> str:
    """What the chart asks for."""
    if total >= EMERGENCY_FROM:
        return EMERGENCY()
    if total >= URGENT_FROM:
        return URGENT()
    return REVIEW() if single_three else ROUTINE()
