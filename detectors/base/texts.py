"""Parts of the texts that people read: values with units, what to check, and the status of a device."""

from typing import Any

from detectors.base.derived_signals import ONLINE, SKEW
from detectors.base.evidence import Evidence
from ward.clock import format_span
from ward.finding import Kind, Severity
from ward.signals import Signal

# What to check first where a signal is not to be trusted.
_CHECK = {
    "heart_rate": "leads", "respiratory_rate": "leads", "spo2": "probe", "temperature": "probe",
    "systolic_bp": "cuff or line", "diastolic_bp": "cuff or line",
}  # fmt: skip

_MOST_DIGITS = 6


def quantity(signal: Signal, x: float) -> str:
    """A value as the instrument shows it, with its unit.

    >>> quantity(Signal(name="spo2", label="SpO2", unit="%", display="%", precision=0), 84.4)
    '84 %'
    """
    return f"{signal.show(x)} {signal.display}".strip()


def calculated_value(signal: Signal, x: float) -> str:
    """A calculated value, with one digit more than the instrument shows.

    >>> calculated_value(Signal(name="temperature", label="Temperature", unit="Cel", display="°C", precision=1), 36.849)
    '36.85 °C'
    """
    return f"{x:.{signal.precision + 1}f} {signal.display}".strip()


def beyond(signal: Signal, x: float, limit: float) -> str:
    """A value beyond a limit, with its unit and so many digits that the two differ: `45 < 45` reads as an error.

    >>> signal = Signal(name="heart_rate", label="Heart rate", unit="/min", display="/min", precision=0)
    >>> beyond(signal, 44.6, 45.0), beyond(signal, 44.99, 45.0), beyond(signal, 40.0, 45.0)
    ('44.6 /min', '44.99 /min', '40 /min')
    """
    digits = range(signal.precision, _MOST_DIGITS)
    shown = next((text for n in digits if float(text := f"{x:.{n}f}") != limit), f"{x:.{_MOST_DIGITS}f}")
    return f"{shown} {signal.display}".strip()


def measured_label(evidence: Evidence[Any]) -> str:
    """The label of what was measured, the signal or means of it: `SpO2 (mean of 5 min)`."""
    every = evidence.decision.every
    return f"{evidence.signal.label} (mean of {format_span(every)})" if every else evidence.signal.label


def threshold(evidence: Evidence[Any]) -> float:
    """The score from which the severity in question holds; the lowest one where the rule does not use that severity."""
    severity = evidence.decision.severity
    return severity.get(Severity.of_rank(evidence.level), min(severity.values()))


def check_hint(evidence: Evidence[Any]) -> str:
    """What to check, after a text about equipment: `: check probe`; nothing after a text about a patient."""
    if evidence.kind is Kind.PHYSIOLOGICAL:
        return ""
    return f": check {_CHECK.get(evidence.signal.name, 'sensor')}"


def device_status(evidence: Evidence[Any]) -> str:
    """The text for a signal that is about the device itself, such as `Bedside monitor clock 10 min slow`; else
    empty."""
    if evidence.signal.name == ONLINE:
        return f"{evidence.device} {'connected' if evidence.x >= 0.5 else 'disconnected'}"
    if evidence.signal.name == SKEW:
        return f"{evidence.device} clock {format_span(abs(evidence.x))} {'slow' if evidence.x > 0 else 'fast'}"
    return ""


def device_status_end(evidence: Evidence[Any]) -> str:
    """The same when it is over, such as `Bedside monitor connected again`."""
    if evidence.signal.name == ONLINE:
        return f"{evidence.device} {'connected' if evidence.x >= 0.5 else 'disconnected'} again"
    return f"{evidence.device} clock correct again" if evidence.signal.name == SKEW else ""
