"""qSOFA: three signs that a patient with an infection may do badly, from monitors and from what people observed."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
from pydantic import Field

from detectors.base.columns import Floats, RowValues
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.score_report import PartReport, ScoreReport
from detectors.base.vector_detector import VectorDetector
from detectors.scores.lower_bound import Known, fresh, held_ratios
from ward.config.base_model import Seconds
from ward.config.rule import DetectorParams, Scope
from ward.text_template import TextKind, TextTemplate

TOTAL = TextTemplate(
    TextKind.ALERT, "qSOFA {total} of 3 ({parts}). {response}", total="2",
    parts="respiratory rate 24 /min, systolic pressure 96 mmHg",
    response="Could it be an infection? Assess organ function",
)  # fmt: skip
AT_LEAST = TextTemplate(
    TextKind.ALERT, "qSOFA at least {total} of 3 ({parts}); not known: {unknown}. {response}", total="2",
    parts="respiratory rate 24 /min, systolic pressure 96 mmHg", unknown="consciousness",
    response="Could it be an infection? Assess organ function",
)  # fmt: skip
HELD = TextTemplate(
    TextKind.ALERT,
    "qSOFA at least {total} of 3, and {limit} or more with what was last known: observe {unknown} again",
    total="1", limit="2", unknown="consciousness",
)  # fmt: skip
LOWER = TextTemplate(TextKind.ENDING, "qSOFA {total} of 3, no longer {limit} or more", total="1", limit="2")
LOWER_BOUND = TextTemplate(
    TextKind.ENDING, "qSOFA at least {total} of 3, no longer {limit} or more by what is known; not known: {unknown}",
    total="1", limit="2", unknown="consciousness",
)  # fmt: skip
NOW = TextTemplate(TextKind.NOTE, "qSOFA {total} of 3 ({parts})", total="1", parts="respiratory rate 24 /min")
AT_LEAST_NOW = TextTemplate(
    TextKind.NOTE, "qSOFA at least {total} of 3 ({parts}); not known: {unknown}", total="1",
    parts="respiratory rate 24 /min", unknown="consciousness",
)  # fmt: skip
NO_SIGN = TextTemplate(TextKind.NOTE, "none of the signs")
ASSESS = TextTemplate(TextKind.NOTE, "Could it be an infection? Assess organ function")
NO_RESPONSE = TextTemplate(TextKind.NOTE, "Nothing by qSOFA, which is no reason to rule out a sepsis")
RATE = TextTemplate(TextKind.NOTE, "respiratory rate {value} /min", value="24")
PRESSURE = TextTemplate(TextKind.NOTE, "systolic pressure {value} mmHg", value="96")
MENTATION = TextTemplate(TextKind.NOTE, "not alert")
SIGNALS = ("respiratory_rate", "systolic_bp", "consciousness")
RESPIRATION, SYSTOLIC, CONSCIOUSNESS = range(3)
NAMES = ("respiratory rate", "systolic pressure", "consciousness")
FROM_RATE, UP_TO_PRESSURE, HIGHEST = 22.0, 100.0, 3.0


class QsofaParams(DetectorParams):
    """How many of the three signs there must be, and how old each may be."""

    # Between this and 1 an alert is held: what is not known any more ends none.
    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.99}
    parts: ClassVar[tuple[str, ...] | None] = SIGNALS
    output: ClassVar[str] = "qsofa"
    scopes: ClassVar[tuple[Scope, ...]] = ("bed",)

    limit: int = Field(2, ge=1, le=3, description="how many of the three signs; the source says 2")
    vital_for: Seconds = Field(300.0, gt=0, description="how old a respiratory rate may be")
    pressure_for: Seconds = Field(3600.0, gt=0, description="how old a blood pressure may be, which a cuff measures")
    observed_for: Seconds = Field(43200.0, gt=0, description="how old a consciousness may be, which people observe")


class _Signs(NamedTuple):
    """Whether there is each sign, as 0 or 1, (3, n); and whether it is known."""

    points: Floats
    known: Known

    @property
    def at_least(self) -> Floats:
        return np.asarray(self.points.sum(axis=0))


class Qsofa(VectorDetector[QsofaParams], name="qsofa"):
    """The number of signs among three, as a share of what the rule asks for: score = signs/limit.

    The signs are a respiratory rate of 22 /min or more, a systolic pressure of 100 mmHg or less, and a patient who is
    not alert. A value is rounded to whole numbers first, as people read it. Without one of the three, or with one that
    is too old, the number is a lower bound, and the text says what is not known. Here it is evaluated for all
    patients; it was made for those in whom an infection is suspected.

    >>> from detectors.tapes.example import example
    >>> example("qsofa", {"respiratory_rate": "16x2 24x4", "systolic_bp": "118x2 96x2 108x2"})
    2s raised medium: qSOFA at least 2 of 3 (respiratory rate 24 /min, systolic pressure 96 mmHg); not known: \
consciousness. Could it be an infection? Assess organ function
    4s cleared recovered: qSOFA at least 1 of 3, no longer 2 or more by what is known; not known: consciousness

    Seymour, C. W. et al. (2016), Assessment of clinical criteria for sepsis, JAMA 315, 762–774. Evans, L. et al.
    (2021), Surviving Sepsis Campaign, Intensive Care Medicine 47, 1181–1247, advise against it as the only screening.
    """

    sample: ClassVar[Mapping[str, Any]] = {"for": "2m", "keep_firing_for": "5m", "severity": "low"}

    def row_of_parts(self, params: QsofaParams, parts: Sequence[SeriesInfo]) -> RowValues:
        fresh_for = (params.vital_for, params.pressure_for, params.observed_for)
        return {"fresh_for": fresh_for, "limit": float(params.limit)}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        now, last = _signs(x, fresh(state, x, t, p.fresh_for)), _signs(x, x == x)
        return np.where(now.known.any(axis=0), held_ratios(now.at_least, last.at_least, p.limit), np.nan)

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        return self.update(state, x, t, p)

    def measured(self, state: Any, x: Floats, score: Floats, p: Any) -> tuple[Floats, Floats]:
        """The number of signs by what was last known."""
        at_least = _signs(x, x == x).at_least
        return at_least, at_least

    def explain(self, evidence: Evidence[QsofaParams]) -> Explanation:
        signs = _found(evidence.state, evidence.p, evidence.t)
        total, parts, unknown = _texts(signs, evidence.state.value[:, 0])
        limit = evidence.params.limit
        if signs.at_least[0] < limit:
            text = HELD(total=total, limit=f"{limit}", unknown=unknown)
        elif unknown:
            text = AT_LEAST(total=total, parts=parts, unknown=unknown, response=ASSESS())
        else:
            text = TOTAL(total=total, parts=parts, response=ASSESS())
        return Explanation(float(signs.at_least[0]), float(limit), text)

    def explain_end(self, evidence: Evidence[QsofaParams]) -> Explanation:
        signs, limit = _found(evidence.state, evidence.p, evidence.t), evidence.params.limit
        total, _, unknown = _texts(signs, evidence.state.value[:, 0])
        text = LOWER_BOUND(total=total, limit=f"{limit}", unknown=unknown) if unknown else LOWER(
            total=total, limit=f"{limit}"
        )  # fmt: skip
        return Explanation(float(signs.at_least[0]), float(limit), text)

    def report(self, state: Any, p: Any, params: QsofaParams, t: float) -> ScoreReport | None:
        signs = _found(state, p, t)
        if not signs.known.any():
            return None
        at_least = float(signs.at_least[0])
        total, parts, unknown = _texts(signs, state.value[:, 0])
        shown = {"total": total, "parts": parts or NO_SIGN()}
        text = AT_LEAST_NOW(**shown, unknown=unknown) if unknown else NOW(**shown)
        reports = (
            PartReport(signal, float(x), float(at), float(sign) if known else None, not known and bool(x == x))
            for signal, x, at, sign, known in zip(
                SIGNALS, state.value[:, 0], state.measured_at[:, 0], signs.points[:, 0], signs.known[:, 0], strict=True
            )
        )
        return ScoreReport(
            None if unknown else at_least, at_least, HIGHEST, text,
            ASSESS() if at_least >= params.limit else NO_RESPONSE(), tuple(reports),
            float(state.measured_at[CONSCIOUSNESS, 0]) + params.observed_for,
        )  # fmt: skip


def _signs(x: Floats, known: Known) -> _Signs:
    """The signs by values (3, n) of which some are `known`."""
    rate, pressure = np.floor(x[RESPIRATION] + 0.5) >= FROM_RATE, np.ceil(x[SYSTOLIC] - 0.5) <= UP_TO_PRESSURE
    return _Signs(np.where(known, np.stack((rate, pressure, x[CONSCIOUSNESS] > 0)), False).astype(np.float64), known)


def _found(state: Any, p: Any, t: float) -> _Signs:
    """The signs of one row at an instant."""
    return _signs(state.value, fresh(state, state.value, np.array([t]), p.fresh_for))


def _texts(signs: _Signs, x: Floats) -> tuple[str, str, str]:
    """The number of signs, what they are, and what is not known."""
    words = (RATE(value=f"{x[RESPIRATION]:.0f}"), PRESSURE(value=f"{x[SYSTOLIC]:.0f}"), MENTATION())
    parts = ", ".join(word for word, there in zip(words, signs.points[:, 0], strict=True) if there)
    unknown = ", ".join(name for name, known in zip(NAMES, signs.known[:, 0], strict=True) if not known)
    return f"{signs.at_least[0]:.0f}", parts, unknown
