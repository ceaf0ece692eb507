"""A course that is unlike several windows of the past, which a command has learned from."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field, field_serializer

from detectors.base.columns import Columns, Floats, RowValues, WideColumn, without_time
from detectors.base.course_vectors import LONGEST_STEP, SMOOTHED, UsualCourses, course_vectors
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.progress import Progress, of_values
from detectors.base.texts import check_hint
from ward.clock import format_span
from ward.config.model_file import MOST_LAGS, ModelFile, with_hash
from ward.config.rule import DetectorParams
from ward.limit_text import quantity
from ward.text_template import TextKind, TextTemplate

UNUSUAL = TextTemplate(
    TextKind.ALERT, "{signal} course unusual in {count} of the last {values} means of {every} (model {model}), {value} "
    "now{check}", signal="Heart rate", count="14", values="30", every="1 min", model="icu-heart-rate 1f0c8a52",
    value="92 /min", check=": check leads",
)  # fmt: skip
USUAL = TextTemplate(
    TextKind.ENDING, "{signal} {value}, course usual again (model {model})", signal="Heart rate", value="82 /min",
    model="icu-heart-rate 1f0c8a52",
)  # fmt: skip

Bools = npt.NDArray[np.bool_]

_MOST_VALUES = 120
_KEPT = MOST_LAGS + SMOOTHED


def example_model(every: str) -> dict[str, Any]:
    """A model of two windows of noise with a standard deviation of 2 and of 2.5, as means of this length."""
    windows = [
        {
            "from": f"2026-11-0{day}T00:00:00Z", "until": f"2026-11-0{day}T06:00:00Z", "vectors": 21_600,
            "centre": [0.0, 0.0], "axes": [[1.06 / spread, 0.0], [0.0, 1.06 / spread]], "limit": 2.15,
        }
        for day, spread in ((1, 1.0), (2, 1.25))
    ]  # fmt: skip
    return {"name": "example"} | with_hash(
        {
            "format": 1, "signal": "heart_rate", "unit": "/min", "every": every, "lags": 2, "quantile": 0.99,
            "windows": windows, "data_hash": 64 * "0", "trained_on": "example", "trained_by": "nobody",
            "trained_at": "2026-11-03T00:00:00Z",
        }
    )  # fmt: skip


class LearnedParams(DetectorParams):
    """The model is a file of the folder `models` in the config folder, which `wardwatch models train` writes. `every`
    must be as in the training."""

    defaults: ClassVar[Mapping[str, Any]] = {"every": "1m", "clear_below": 0.5}

    model: ModelFile = Field(description="the name of the model: of its file without `.json`")
    values: int = Field(30, ge=5, le=_MOST_VALUES, description="how many of the last means count")
    share: float = Field(0.4, gt=0, le=1, description="the share of them that must be unusual")

    @field_serializer("model")
    def _named(self, model: ModelFile) -> str:
        return named(model)


class Learned(Detector[LearnedParams], name="learned"):
    """The share of the last means whose course all windows of a model call unusual: score = unusual/values/share.

    A course is the vector of the last changes, each the difference of two successive means of three values. Its
    distance in a window is the mean of its squared principal components, each divided by its standard deviation in that
    window, √(Σ zⱼ²/k): Hotelling's T² over k. It is unusual in a window where that is more than 99 % of the window's
    own vectors have, and counts only if it is unusual in all windows: what happened in any of them is known. A course
    with two missing means is none; after that it begins anew.

    >>> from detectors.learned import example_model
    >>> from detectors.tapes.example import example
    >>> rule = dict(model=example_model("1m"), values=10, kind="physiological")
    >>> example("learned", "(80 81 79)x10 (80 90 80 70)x5 80x15", every="1m", **rule)
    2280s raised medium: Heart rate course unusual in 4 of the last 10 means of 60 s (model example 3fbe9a13), \
70 /min now
    3600s cleared recovered: Heart rate 80 /min, course usual again (model example 3fbe9a13)

    Distance: Jolliffe, I. T. (2002), Principal Component Analysis, 10.1. That all windows must agree is Netdata's rule
    against false alarms; it has k-means in the place of principal components. Those need no start values and know which
    changes follow each other; on unknown series distances by principal components do better than by k-means (Liu, Q.
    and Paparrizos, J. (2024), The Elephant in the Room, NeurIPS).
    """

    columns = Columns(
        recent=(np.nan, _KEPT), run=0.0, last=np.nan, count=0.0, place=0.0, unusual=WideColumn(0.0, _MOST_VALUES)
    )  # fmt: skip
    sample: ClassVar[Mapping[str, Any]] = {"model": example_model("1s"), "every": "1s", "values": 10}

    def __init__(self) -> None:
        # What rows of one model share: it is made from their parameters, which have its number.
        self._numbers: dict[str, int] = {}
        self._courses: list[UsualCourses] = []

    def row(self, params: LearnedParams, series: SeriesInfo) -> RowValues:
        model = params.model
        number = self._numbers.setdefault(model.hash, len(self._courses))
        if number == len(self._courses):
            self._courses.append(UsualCourses.of(model.windows))
        return {
            "model": float(number), "lags": float(model.lags), "every": model.every, "values": float(params.values),
            "share": params.share,
        }  # fmt: skip

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        scores, columns = self._score_rows(state, x[:, None], t[:, None], p)
        for name, column in columns.items():
            setattr(state, name, column[..., -1])
        return scores[:, 0]

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        scores, columns = self._score_rows(without_time(state), x, np.broadcast_to(t, x.shape), without_time(p))
        for name, column in columns.items():
            setattr(state, name, column)
        return scores

    def progress(self, state: Any, t: Floats, p: Any) -> Progress:
        return of_values(state.run, p.lags + SMOOTHED, warming_up=False)

    def explain(self, evidence: Evidence[LearnedParams]) -> Explanation:
        params, signal = evidence.params, evidence.signal
        text = UNUSUAL(
            signal=signal.label, count=f"{evidence.state.count[0]:.0f}", values=f"{params.values}",
            every=format_span(evidence.decision.every or params.model.every), model=named(params.model),
            value=quantity(signal, evidence.x), check=check_hint(evidence),
        )  # fmt: skip
        return Explanation(evidence.x, None, text)

    def explain_end(self, evidence: Evidence[LearnedParams]) -> Explanation:
        value, model = quantity(evidence.signal, evidence.x), named(evidence.params.model)
        return Explanation(evidence.x, None, USUAL(signal=evidence.signal.label, value=value, model=model))

    def _score_rows(self, state: Any, x: Floats, t: Floats, p: Any) -> tuple[Floats, dict[str, Floats]]:
        """The scores of many values of each row, (rows, n), and the columns: after each value, or after the last one
        with an axis of one."""
        values = np.concatenate((state.recent.T, x), axis=1)
        run = _runs(np.concatenate((state.last[:, None], t), axis=1), state.run, LONGEST_STEP * p.every)
        known = run >= (p.lags + SMOOTHED)[:, None]
        unusual = np.zeros(x.shape, dtype=np.bool_)
        for number in np.unique(p.model).tolist():
            rows = np.flatnonzero(p.model == number)
            lags = int(p.lags[rows[0]])
            vectors = course_vectors(values[rows, _KEPT - lags - SMOOTHED + 1 :], lags)
            unusual[rows] = self._courses[int(number)].unusual(vectors)
        count, place = _count(state, unusual, known, p)
        scores = np.where(known, count / (p.values * p.share)[:, None], np.nan)
        kept = values[:, -_KEPT:].T[..., None]
        return scores, {"recent": kept, "run": run, "last": t[:, -1:], "count": count, "place": place[:, None]}


def named(model: ModelFile) -> str:
    """The name of a model with the beginning of its hash."""
    return f"{model.name} {model.short_hash}".strip()


def _runs(t: Floats, before: Floats, longest: Floats) -> Floats:
    """How many successive values there are up to each, (rows, n); `t` has the time of the value before as well, and
    `before` is how many there were up to that one."""
    step = np.diff(t, axis=1)
    joined = (step > 0) & (step <= longest[:, None])  # False for NaN
    index = np.arange(step.shape[1])
    begin = np.maximum.accumulate(np.where(joined, -1, index), axis=1)
    return np.where(begin < 0, before[:, None] + index + 1, index - begin + 1.0)


def _count(state: Any, unusual: Bools, known: Bools, p: Any) -> tuple[Floats, Floats]:
    """How many of the last values were unusual after each, (rows, n), and where the next one has its place. Changes
    their column in place; what has no course has no place there."""
    slots = np.arange(len(state.unusual))[state.slots]
    count, place, counts = state.count, state.place, np.empty(unusual.shape)
    for i in range(unusual.shape[1]):
        at = place.astype(np.intp)
        before = state.unusual[slots, at]
        after = np.where(known[:, i], unusual[:, i], before)
        state.unusual[slots, at] = after
        count = count + after - before
        place = np.where(known[:, i], (place + 1) % p.values, place)
        counts[:, i] = count
    return counts, place
