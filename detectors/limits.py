"""The newest value is above or below a limit."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from detectors.base.columns import Floats, RowValues
from detectors.base.derived_signals import ONLINE
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.texts import device_status, device_status_end, measured_label
from ward.config.rule import DetectorParams
from ward.limit_text import limit_text, quantity
from ward.text_template import TextKind, TextTemplate

BACK = TextTemplate(
    TextKind.ENDING, "{signal} {value}, back {side} {limit}", signal="SpO2", value="95 %", side="above", limit="90"
)  # fmt: skip


class LimitsParams(DetectorParams):
    """One side of one signal, with a limit for each severity in use."""

    # A score of 0 is one hysteresis inside the limit: there it is cleared.
    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.0}

    side: Literal["high", "low"] = Field(description="whether values above or below the limits are wrong")
    low: float | None = Field(None, description="the limit for LOW severity, in the signal's unit")
    medium: float | None = Field(None, description="the limit for MEDIUM severity")
    high: float | None = Field(None, description="the limit for HIGH severity")
    hysteresis: float = Field(
        0.0, ge=0, description="the distance inside the limit at which the alert clears, in the signal's unit"
    )

    @property
    def sign(self) -> float:
        return 1.0 if self.side == "high" else -1.0

    @property
    def limits(self) -> tuple[float | None, float | None, float | None]:
        return self.low, self.medium, self.high

    @model_validator(mode="after")
    def _ordered(self) -> "LimitsParams":
        given = [limit for limit in self.limits if limit is not None]
        if not given:
            raise ValueError("at least one of low, medium and high must be given")
        if given != sorted(given, reverse=self.side == "low"):
            raise ValueError(
                f"limits of the {self.side} side must get {'higher' if self.side == 'high' else 'lower'} with severity"
            )
        return self


class Limits(Detector[LimitsParams], name="limits"):
    """The distance beyond a limit, in units of the hysteresis: 1 on the limit, 0 where it is cleared.

    score = 1 + s·(x − L)/h with the sign s = +1 (high) or −1 (low), limit L and hysteresis h. A value *on* the limit
    is inside. Without a hysteresis any value beyond the limit counts, and any other value clears.

    >>> from detectors.tapes.example import example
    >>> example("limits", "95x2 88x2 91 93", signal="spo2", side="low", medium=90, hysteresis=2)
    2s raised medium: SpO2 88 % < 90
    5s cleared recovered: SpO2 93 %, back above 92
    """

    sample: ClassVar[Mapping[str, Any]] = {"side": "low", "medium": 90, "high": 85, "hysteresis": 2, "for": "15s"}

    def row(self, params: LimitsParams, series: SeriesInfo) -> RowValues:
        """`bands` are the limits of LOW, MEDIUM and HIGH, `first` the one a value meets first; all times the sign."""
        bands = [float("nan") if limit is None else params.sign * limit for limit in params.limits]
        first = min(band for band in bands if band == band)
        return {"sign": params.sign, "first": first, "bands": bands, "per": 1 / max(params.hysteresis, 1e-9)}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        return _score(p.sign * x - p.first, p.per)

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        return self.update(state, x, t, p)

    def threshold_ratios(self, score: Floats, state: Any, x: Floats, t: Floats, p: Any, thresholds: Floats) -> Floats:
        return _score(p.sign * x - p.bands, p.per)

    def explain(self, evidence: Evidence[LimitsParams]) -> Explanation:
        limit = _limit(evidence)
        if status := device_status(evidence):
            return _of_status(evidence, limit, status)
        label, x = measured_label(evidence), evidence.x
        text = limit_text(evidence.signal, label, x, limit, upper=evidence.params.side == "high")
        return Explanation(x, limit, text)

    def explain_end(self, evidence: Evidence[LimitsParams]) -> Explanation:
        # At the end no severity holds any more: the value is back inside the limit that it met first.
        limit, params, signal = _first_limit(evidence.params), evidence.params, evidence.signal
        if status := device_status_end(evidence):
            return _of_status(evidence, limit, status)
        inside = limit - params.sign * params.hysteresis * (1 - evidence.decision.clear_below)
        back = "below" if params.side == "high" else "above"
        value, shown = quantity(signal, evidence.x, inside), signal.show_limit(inside)
        text = BACK(signal=measured_label(evidence), value=value, side=back, limit=shown)
        return Explanation(evidence.x, limit, text)


def _of_status(evidence: Evidence[LimitsParams], limit: float, text: str) -> Explanation:
    """A clock difference is a value; connected or not is none, for 0 and 0.5 say nothing to people."""
    if evidence.signal.name == ONLINE:
        return Explanation(None, None, text)
    return Explanation(evidence.x, limit, text)


def _limit(evidence: Evidence[LimitsParams]) -> float:
    """The limit of the severity in question; the first one where the rule gives severities thresholds of its own."""
    limit = evidence.params.limits[evidence.level - 1]
    return _first_limit(evidence.params) if limit is None else limit


def _first_limit(params: LimitsParams) -> float:
    """The limit of the lowest severity in use."""
    return next(limit for limit in params.limits if limit is not None)


def _score(distance: Floats, per: Floats) -> Floats:
    """1 + distance/hysteresis; a value on the limit itself is just inside."""
    score = distance * per
    score += 1
    return np.where(distance > 0, score, np.minimum(score, 1 - 1e-12))
