"""Parts of the texts that people read: values with units, what to check, and the status of a device."""

from typing import Any

from detectors.base.derived_signals import ONLINE, SKEW
from detectors.base.evidence import Evidence
from ward.clock import format_span
from ward.finding import Kind, Severity
from ward.signals import Signal
from ward.text_template import TextKind, TextTemplate

# What to check first where a signal is not to be trusted.
_CHECK = {
    "heart_rate": "leads", "respiratory_rate": "leads", "spo2": "probe", "temperature": "probe",
    "systolic_bp": "cuff or line", "diastolic_bp": "cuff or line",
}  # fmt: skip
# What else to check where it is unsteady.
_CHECK_UNSTEADY = {"heart_rate": "rhythm", "respiratory_rate": "breathing"}

MEAN = TextTemplate(TextKind.NOTE, "{signal} (mean of {span})", signal="SpO2", span="5 min")
BAND = TextTemplate(TextKind.NOTE, "{low} to {high}", low="74.1", high="85.6 /min")
CHECK = TextTemplate(TextKind.NOTE, ": check {what}", what="probe")
CONNECTED = TextTemplate(TextKind.ALERT, "{device} connected", device="Bedside monitor")
DISCONNECTED = TextTemplate(TextKind.ALERT, "{device} disconnected", device="Bedside monitor")
CONNECTED_AGAIN = TextTemplate(TextKind.ENDING, "{device} connected again", device="Bedside monitor")
DISCONNECTED_AGAIN = TextTemplate(TextKind.ENDING, "{device} disconnected, as it should be", device="Bedside monitor")
CLOCK_SLOW = TextTemplate(TextKind.ALERT, "{device} clock {span} slow", device="Bedside monitor", span="10 min")
CLOCK_FAST = TextTemplate(TextKind.ALERT, "{device} clock {span} fast", device="Bedside monitor", span="10 min")
CLOCK_CORRECT = TextTemplate(TextKind.ENDING, "{device} clock correct again", device="Bedside monitor")


def calculated_value(signal: Signal, x: float) -> str:
    """A calculated value, with one digit more than the instrument shows.

    >>> calculated_value(Signal(name="temperature", label="Temperature", unit="Cel", display="°C", precision=1), 36.849)
    '36.85 °C'
    """
    return f"{x:.{signal.precision + 1}f} {signal.display}".strip()


def band(signal: Signal, low: float, high: float) -> str:
    """A calculated band, with one digit more than the instrument shows.

    >>> band(Signal(name="heart_rate", label="Heart rate", unit="/min", display="/min", precision=0), 74.12, 85.6)
    '74.1 to 85.6 /min'
    """
    return BAND(low=f"{low:.{signal.precision + 1}f}", high=calculated_value(signal, high))


def measured_label(evidence: Evidence[Any]) -> str:
    """The label of what was measured, the signal or means of it: `SpO2 (mean of 5 min)`."""
    every, label = evidence.decision.every, evidence.signal.label
    return MEAN(signal=label, span=format_span(every)) if every else label


def threshold(evidence: Evidence[Any]) -> float:
    """The score from which the severity in question holds; the lowest one where the rule does not use that severity."""
    severity = evidence.decision.severity
    return severity.get(Severity.of_rank(evidence.level), min(severity.values()))


def check_hint(evidence: Evidence[Any], *, unsteady: bool = False) -> str:
    """What to check, after a text about equipment: `: check probe`; nothing after a text about a patient.

    A value that is unsteady may be so in the patient: `: check leads, rhythm`.
    """
    if evidence.kind is Kind.PHYSIOLOGICAL:
        return ""
    what, also = _CHECK.get(evidence.signal.name, "sensor"), _CHECK_UNSTEADY.get(evidence.signal.name, "")
    return CHECK(what=f"{what}, {also}" if unsteady and also else what)


def device_status(evidence: Evidence[Any]) -> str:
    """The text for a signal that is about the device itself, such as `Bedside monitor clock 10 min slow`; else
    empty."""
    if evidence.signal.name == ONLINE:
        return (CONNECTED if evidence.x >= 0.5 else DISCONNECTED)(device=evidence.device)
    if evidence.signal.name == SKEW:
        text = CLOCK_SLOW if evidence.x > 0 else CLOCK_FAST
        return text(device=evidence.device, span=format_span(abs(evidence.x)))
    return ""


def device_status_end(evidence: Evidence[Any]) -> str:
    """The same when it is over, such as `Bedside monitor connected again`."""
    if evidence.signal.name == ONLINE:
        return (CONNECTED_AGAIN if evidence.x >= 0.5 else DISCONNECTED_AGAIN)(device=evidence.device)
    return CLOCK_CORRECT(device=evidence.device) if evidence.signal.name == SKEW else ""
