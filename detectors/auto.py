"""Anything unusual in a series that nobody described, by its own past."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base.columns import Columns, Floats
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation
from detectors.base.own_past.memory import COLUMN, Memory
from detectors.base.own_past.parts import ERROR, FIRST_LEVEL, FIRST_SPREAD, FLAT, PAIRS, SHAPE
from detectors.base.own_past.scoring import judge
from detectors.base.progress import Progress, of_values
from detectors.base.texts import calculated_value, check_hint
from ward.config.rule import DetectorParams
from ward.limit_text import quantity
from ward.text_template import TextKind, TextTemplate

UNEXPECTED = TextTemplate(
    TextKind.ALERT, "{signal} {value}, expected about {expected}{check}", signal="Heart rate", value="122 /min",
    expected="80.4 /min", check=": check leads",
)  # fmt: skip
MOVED = TextTemplate(
    TextKind.ALERT, "{signal} {moved} more than usual, {value} now{check}", signal="Heart rate", moved="rose",
    value="96 /min", check=": check leads",
)  # fmt: skip
OTHER_LEVEL = TextTemplate(
    TextKind.ALERT, "{signal} {side} its usual level, {value} now{check}", signal="Heart rate", side="above",
    value="96 /min", check=": check leads",
)  # fmt: skip
VARIES = TextTemplate(
    TextKind.ALERT, "{signal} varies {more} than usual, {value} now{check}", signal="Heart rate", more="more",
    value="96 /min", check=": check leads, rhythm",
)  # fmt: skip
UNLIKE = TextTemplate(
    TextKind.ALERT, "{signal} course unlike all before, {value} now{check}", signal="Heart rate", value="96 /min",
    check=": check leads",
)  # fmt: skip
UNCHANGED = TextTemplate(
    TextKind.ALERT, "{signal} unchanged at {value} for longer than usual{check}", signal="SpO2", value="97 %",
    check=": check probe",
)  # fmt: skip
USUAL = TextTemplate(TextKind.ENDING, "{signal} {value}, as usual again", signal="Heart rate", value="82 /min")


USUAL_WARMUP = 40


class AutoParams(DetectorParams):
    """Nothing about the series needs to be known. It should be normal for most of the warm-up."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.6}

    warmup: int = Field(
        USUAL_WARMUP, ge=20, le=1000, description="how many values are learned from before the first score"
    )
    adapt_after: int = Field(
        128, ge=64, le=1000, description="after how many values on another level that is the usual level"
    )


class Auto(Detector[AutoParams], name="auto"):
    """How strange the newest values are, by the past of the same series: the highest ratio of any part to its limit.

    In a warm-up, and then now and then, it learns from the last 1024 values: the time between two values, the season,
    whether the series keeps a level, a forecast from the last four values, the size of its errors and how heavy their
    tails are, and the smallest change that the sensor shows. What is strange is then measured in parts: the error of
    the forecast; steps, the mean of the last 4, 16 and 64 values minus that of as many before; the distance of the
    mean of 16 and 64 values from the level, where there is one; the size of the last 16 and 64 errors, both ways; the
    distance of the newest 24 values to the nearest window of the past; and how often the same value came in a row.

    The limit of a part is where its own past says that it goes once in 500,000 values: Gumbel's distribution is
    fitted to the highest values of up to 64 blocks. A part has no limit, and no score, before its blocks are enough.
    One strong part is an alert; weak ones do not add up. Limits widen by 15 % with each alert of late. Strange values
    enter the past only as the most that is usual, but a level that stays for `adapt_after` values is the new usual
    one, and so is whatever else stays for twice as many. No score uses anything later than itself.

    >>> from detectors.tapes.example import example
    >>> example("auto", "(80 82 81 79 80 78)x20 95x10", signal="heart_rate")
    120s raised medium: Heart rate 95 /min, expected about 80.0 /min: check leads

    Limits: Coles, S. (2001), An Introduction to Statistical Modeling of Extreme Values, 3.1. Nearest window: Yeh, C.-C.
    M. et al. (2016), Matrix Profile I, IEEE ICDM. Plain methods after the season is known do best on unknown series:
    Liu, Q. and Paparrizos, J. (2024), The Elephant in the Room: Towards a Reliable Time-Series Anomaly Detection
    Benchmark, NeurIPS.
    """

    columns = Columns(part=-1.0, expected=np.nan, memory=COLUMN)
    sample: ClassVar[Mapping[str, Any]] = {"warmup": 40}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        scores, part, expected = _judge_rows(state, x[:, None], t[:, None], p.warmup, p.adapt_after)
        state.part, state.expected = part[:, 0], expected[:, 0]
        return scores[:, 0]

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        times = np.broadcast_to(t, x.shape)
        scores, state.part, state.expected = _judge_rows(state, x, times, p.warmup[:, 0], p.adapt_after[:, 0])
        return scores

    def progress(self, state: Any, t: Floats, p: Any) -> Progress:
        have = state.memory[state.slots, 0]
        # After the warm-up at least one part needs enough blocks: one value more, until there is a score.
        return of_values(have, np.where(state.part < 0, np.maximum(p.warmup, have) + 1, 0.0))

    def curves(self, state: Any, p: Any) -> Mapping[str, Floats]:
        return {"mean": state.expected}

    def explain(self, evidence: Evidence[AutoParams]) -> Explanation:
        signal, column = evidence.signal, int(evidence.state.part[0])
        part, up, value = column % PAIRS, column < PAIRS, quantity(signal, evidence.x)
        check = check_hint(evidence, unsteady=column < 2 * PAIRS and part >= FIRST_SPREAD and up)
        fields = {"signal": signal.label, "value": value, "check": check}
        if column == SHAPE:
            text = UNLIKE(**fields)
        elif column == FLAT:
            text = UNCHANGED(**fields)
        elif part == ERROR:
            text = UNEXPECTED(**fields, expected=calculated_value(signal, float(evidence.state.expected[0])))
        elif part < FIRST_LEVEL:
            text = MOVED(**fields, moved="rose" if up else "fell")
        elif part < FIRST_SPREAD:
            text = OTHER_LEVEL(**fields, side="above" if up else "below")
        else:
            text = VARIES(**fields, more="more" if up else "less")
        return Explanation(evidence.x, None, text)

    def explain_end(self, evidence: Evidence[AutoParams]) -> Explanation:
        text = USUAL(signal=evidence.signal.label, value=quantity(evidence.signal, evidence.x))
        return Explanation(evidence.x, None, text)


def _judge_rows(state: Any, x: Floats, t: Floats, warmup: Floats, adapt_after: Floats) -> tuple[Floats, Floats, Floats]:
    """The scores of many values of each row, (rows, n), the column of the strangest part of each, and what each was
    expected to be."""
    scores, part, expected = np.empty(x.shape), np.empty(x.shape), np.empty(x.shape)
    slots = np.arange(len(state.memory))[state.slots]
    for row, slot in enumerate(slots.tolist()):
        memory = Memory(state.memory[slot])
        learned, adapted = float(warmup[row]), float(adapt_after[row])
        judged = [
            judge(memory, *value, learned, adapted) for value in zip(x[row].tolist(), t[row].tolist(), strict=True)
        ]
        scores[row], part[row], expected[row] = np.array(judged).reshape(-1, 3).T
        memory.save()
    return scores, part, expected
