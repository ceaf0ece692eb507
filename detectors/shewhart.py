"""Single values far from the mean, and runs of values on one side of it: a Shewhart chart with runs rules."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from detectors.base import shift_texts
from detectors.base.baseline import BASELINE, BaselineParams, learn, learned
from detectors.base.columns import Columns, Floats
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation
from detectors.base.progress import Progress
from detectors.base.texts import calculated_value, check_hint
from ward.limit_text import quantity
from ward.text_template import TextKind, TextTemplate

FAR = TextTemplate(
    TextKind.ALERT, "{signal} {value}, {distance} SD {side} its {normal} {mean}{check}", signal="Temperature",
    value="37.2 °C", distance="4.0", side="above", normal="usual", mean="36.80 °C", check=": check probe",
)  # fmt: skip
SOME_FAR = TextTemplate(
    TextKind.ALERT, "{signal} {value}, {some} of the last {last} values {distance} SD or more {side} its {normal} "
    "{mean}{check}", signal="Temperature", value="37.1 °C", some="2", last="3", distance="2.1", side="above",
    normal="usual", mean="36.80 °C", check=": check probe",
)  # fmt: skip
ON_ONE_SIDE = TextTemplate(
    TextKind.ALERT, "{signal} {value}, {count} values in a row {side} its {normal} {mean}{check}", signal="Temperature",
    value="36.9 °C", count="8", side="above", normal="usual", mean="36.80 °C", check=": check probe",
)  # fmt: skip
BACK = TextTemplate(
    TextKind.ENDING, "{signal} {value}, scattered around its {normal} {mean} again", signal="Temperature",
    value="36.8 °C", normal="usual", mean="36.80 °C",
)  # fmt: skip

# Of each of the rules 2 and 3: how many of how many values, and the distance in standard deviations.
_SOME = {2: (2, 3, 2.0), 3: (4, 5, 1.0)}
_KEPT = 5
_BEYOND, _RUN = 3.0, 8.0


class ShewhartParams(BaselineParams):
    """With all four rules a series without a shift gives a false alarm every 92 values, with rule 1 alone every 370:
    for a ward take means over `every:`, few rules, or a severity from a higher score, which widens all rules at once
    ({medium: 1.5} begins at 4.5 standard deviations, and at 12 values in a row)."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.9}

    rule_1: bool = Field(True, description="one value more than 3 standard deviations from the mean")
    rule_2: bool = Field(True, description="2 of 3 values in a row more than 2 standard deviations away, on one side")
    rule_3: bool = Field(True, description="4 of 5 values in a row more than 1 standard deviation away, on one side")
    rule_4: bool = Field(True, description="8 values in a row on one side of the mean")

    @model_validator(mode="after")
    def _some_rule(self) -> "ShewhartParams":
        if not (self.rule_1 or self.rule_2 or self.rule_3 or self.rule_4):
            raise ValueError("at least one of rule_1, rule_2, rule_3 and rule_4 must be true")
        return self


class Shewhart(Detector[ShewhartParams], name="shewhart"):
    """How near the newest values are to breaking one of four rules; the score is the highest of those in use.

    With z = (x − mean)/sd: rule 1 is |z|/3; rule 2 the second largest z of the last 3, on either side, divided by 2;
    rule 3 the fourth largest of the last 5; rule 4 the number of values in a row on one side, divided by 8. Each is 1
    where its rule holds.

    >>> from detectors.tapes.example import example
    >>> rule = dict(signal="temperature", target=36.8, sd=0.1)
    >>> example("shewhart", "36.8x5 37.2 36.8 36.7", **rule)
    5s raised medium: Temperature 37.2 °C, 4.0 SD above its target 36.80 °C: check probe
    6s cleared recovered: Temperature 36.8 °C, scattered around its target 36.80 °C again
    >>> example("shewhart", "36.8x5 36.9x8", **rule, rule_3=False)
    12s raised medium: Temperature 36.9 °C, 8 values in a row above its target 36.80 °C: check probe

    Shewhart, W. A. (1931), Economic Control of Quality of Manufactured Product; rules and run lengths: Champ, C. W. and
    Woodall, W. H. (1987), Exact results for Shewhart control charts with supplementary runs rules, Technometrics 29,
    393–399.
    """

    # The last five distances z, the newest at the end; and how many values in a row are above the mean, or as a
    # negative number below it.
    columns = Columns(recent=(0.0, _KEPT), run=0.0, **BASELINE)
    sample: ClassVar[Mapping[str, Any]] = {"every": "1h", "calibrate_values": 48, "sd_floor": 0.05, "rule_3": False}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        calibration = learn(state, x, t, p)
        if calibration is None:
            return self._score(state, (x - state.mean) / state.sd, p)
        score = self._score(state, np.where(calibration.known, (x - state.mean) / state.sd, 0.0), p)
        return np.where(calibration.known, score, np.nan)

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats | None:
        if not state.sd.min() > 0:  # still learning
            return None
        z = (x - state.mean) / state.sd
        with_past = np.concatenate((state.recent[1:, :, 0].T, z), axis=1)
        windows = np.lib.stride_tricks.sliding_window_view(with_past, _KEPT, axis=1)
        state.recent = np.ascontiguousarray(windows.transpose(2, 0, 1))
        state.run = _runs(state.run, z)
        return np.asarray(_scores(state, p).max(axis=0))

    def _score(self, state: Any, z: Floats, p: Any) -> Floats:
        state.recent = np.concatenate((state.recent[1:], z[None]))
        side = np.sign(z)
        state.run = np.where(side * state.run > 0, state.run + side, side)
        return np.asarray(_scores(state, p).max(axis=0))

    def progress(self, state: Any, t: Floats, p: Any) -> Progress:
        return learned(state, t, p)

    def curves(self, state: Any, p: Any) -> Mapping[str, Floats]:
        score = _scores(state, p).max(axis=0)
        return {"score": np.where(np.isnan(state.sd), np.nan, score), "target": state.mean, "sd": state.sd}

    def explain(self, evidence: Evidence[ShewhartParams]) -> Explanation:
        state, signal = evidence.state, evidence.signal
        rule = 1 + int(_scores(state, evidence.p)[:, 0].argmax())
        recent = state.recent[:, 0]
        signed = _signed(rule, recent, float(state.run[0]))
        some, last, _ = _SOME.get(rule, (0, 0, 0.0))
        text = {1: FAR, 4: ON_ONE_SIDE}.get(rule, SOME_FAR)(
            signal=signal.label, value=quantity(signal, evidence.x), side="above" if signed > 0 else "below",
            distance=f"{abs(signed):.1f}", some=some, last=last, count=f"{abs(signed):.0f}",
            normal=evidence.params.normal, mean=calculated_value(signal, float(state.mean[0])),
            check=check_hint(evidence),
        )  # fmt: skip
        return Explanation(evidence.x, None, text)

    def explain_end(self, evidence: Evidence[ShewhartParams]) -> Explanation:
        text = shift_texts.back(evidence, float(evidence.state.mean[0]), evidence.params.normal, BACK)
        return Explanation(evidence.x, None, text)


def _scores(state: Any, p: Any) -> Floats:
    """The score of each of the four rules, (4, …); 0 for one that is not in use."""
    recent = state.recent
    found = [np.abs(recent[-1]) / _BEYOND]
    for some, last, distance in _SOME.values():
        ordered = np.sort(recent[-last:], axis=0)
        found.append(np.maximum(ordered[last - some], -ordered[some - 1]) / distance)
    found.append(np.abs(state.run) / _RUN)
    used = (p.rule_1, p.rule_2, p.rule_3, p.rule_4)
    return np.stack([np.where(on > 0, score, 0.0) for on, score in zip(used, found, strict=True)])


def _signed(rule: int, recent: Floats, run: float) -> float:
    """What a rule measures, negative below the mean: a distance in standard deviations, or a number of values."""
    if rule == 1:
        return float(recent[-1])
    if rule == 4:
        return run
    some, last, _ = _SOME[rule]
    ordered = np.sort(recent[-last:])
    up, down = float(ordered[last - some]), float(ordered[some - 1])
    return up if up >= -down else down


def _runs(run: Floats, z: Floats) -> Floats:
    """The run after each value (rows, n), from that before them (rows, 1): `_score` along time."""
    side, places = np.sign(z), np.arange(z.shape[1])
    before = np.concatenate((np.sign(run), side[:, :-1]), axis=1)
    changed: npt.NDArray[np.bool_] = (side != before) | (side == 0)
    begun = np.maximum.accumulate(np.where(changed, places, -1), axis=1)
    length = np.where(begun >= 0, places - begun + 1.0, np.abs(run) + (places + 1.0))
    return np.asarray(side * length)
