"""The texts about a shift of the mean, for the detectors that estimate one."""

from typing import Any

from detectors.base.evidence import Evidence
from detectors.base.texts import calculated_value, check_hint
from ward.clock import format_span
from ward.limit_text import quantity
from ward.text_template import TextKind, TextTemplate

FOR_SPAN = TextTemplate(TextKind.NOTE, "for {span}", span="3 h")
OVER_VALUES = TextTemplate(TextKind.NOTE, "over {count} values", count="12")
SHIFTED = TextTemplate(
    TextKind.ALERT, "{signal} is {shift} {side} its {normal} {mean} {time}{check}", signal="Temperature",
    shift="0.20 °C", side="above", normal="usual", mean="36.80 °C", time="for 3 h", check=": check probe",
)  # fmt: skip
BACK = TextTemplate(
    TextKind.ENDING, "{signal} {value}, back at its {normal} {mean}", signal="Temperature", value="36.8 °C",
    normal="usual", mean="36.80 °C",
)  # fmt: skip


def shifted(evidence: Evidence[Any], shift: float, mean: float, count: float, normal: str) -> str:
    """`Temperature is 0.20 °C above its usual 36.80 °C over 12 values: check probe`. With `every:` the time instead.

    Args:
        shift, mean: in the unit of the signal.
        count: for how many values it has been so.
        normal: what the mean is called, `usual` or `target`.
    """
    signal, every = evidence.signal, evidence.decision.every
    time = FOR_SPAN(span=format_span(count * every)) if every else OVER_VALUES(count=f"{count:.0f}")
    return SHIFTED(
        signal=signal.label, shift=calculated_value(signal, abs(shift)), side="above" if shift > 0 else "below",
        normal=normal, mean=calculated_value(signal, mean), time=time, check=check_hint(evidence),
    )  # fmt: skip


def back(evidence: Evidence[Any], mean: float, normal: str, text: TextTemplate = BACK) -> str:
    """`Temperature 36.8 °C, back at its usual 36.80 °C`, or another text with the same fields."""
    signal = evidence.signal
    value, shown = quantity(signal, evidence.x), calculated_value(signal, mean)
    return text(signal=signal.label, value=value, normal=normal, mean=shown)
