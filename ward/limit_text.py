"""A value and a limit in words: the text of the detector `limits`, and of a screen that has a newer value."""

from ward.signals import Signal
from ward.text_template import TextKind, TextTemplate

BEYOND = TextTemplate(
    TextKind.ALERT, "{signal} {value} {sign} {limit}", signal="SpO2", value="84 %", sign="<", limit="88"
)  # fmt: skip
# The value may be inside its limit while the alert goes on: by less than the hysteresis, or not for long enough.
INSIDE = TextTemplate(
    TextKind.ALERT, "{signal} {value}, again {side} {limit}, not yet ended", signal="SpO2", value="89 %", side="above",
    limit="88",
)  # fmt: skip
ON_LIMIT = TextTemplate(
    TextKind.ALERT, "{signal} {value}, at its limit {limit}, not yet ended", signal="SpO2", value="88 %", limit="88"
)  # fmt: skip


def quantity(signal: Signal, x: float, limit: float | None = None) -> str:
    """A value as the instrument shows it, with its unit; beside a limit with the digits by which it differs.

    >>> signal = Signal(name="spo2", label="SpO2", unit="%", display="%", precision=0)
    >>> quantity(signal, 84.4), quantity(signal, 84.6, 85.0), quantity(signal, 85.04, 85.0)
    ('84 %', '84.6 %', '85.04 %')
    """
    return f"{signal.show_beside(x, limit)} {signal.display}".strip()


def limit_text(signal: Signal, label: str, x: float, limit: float, *, upper: bool, more_digits: int = 0) -> str:
    """A value beyond an upper or a lower limit, on it, or inside it; `label` is what was measured.

    >>> signal = Signal(name="spo2", label="SpO2", unit="%", display="%", precision=0)
    >>> [limit_text(signal, "SpO2", x, 88.0, upper=False) for x in (84.4, 88.3, 88.0)]
    ['SpO2 84 % < 88', 'SpO2 88.3 %, again above 88, not yet ended', 'SpO2 88 %, at its limit 88, not yet ended']
    """
    number, shown = signal.show_beside(x, limit, more_digits), signal.show_limit(limit)
    value = f"{number} {signal.display}".strip()
    if float(number) == float(shown):
        return ON_LIMIT(signal=label, value=value, limit=shown)
    above = float(number) > float(shown)
    if above is upper:
        return BEYOND(signal=label, value=value, sign=">" if above else "<", limit=shown)
    return INSIDE(signal=label, value=value, side="above" if above else "below", limit=shown)
