"""The colour and the text of each state. A state never has a colour alone: it has a text too.

Red, yellow and cyan are the colours of clinical alarms (IEC 60601-1-8). Unknown states are violet, which no alarm is.
*No alert* is dark: most beds have none most of the time.
"""

from collections.abc import Mapping

from grafana_foundation_sdk.models.dashboard import (
    DashboardRangeMapOptions,
    DashboardSpecialValueMapOptions,
    RangeMap,
    SpecialValueMap,
    SpecialValueMatch,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

HIGH, MEDIUM, LOW = "#d1001f", "#f2cc0c", "#00c2d1"
ACKNOWLEDGED = "#7a5b00"
LOST = "#9a46c4"
LOST_TEXT = "#ebcbf9"  # the same as a text on a dark ground
NO_DATA = "#6b2fb3"
NOT_EVALUATED = "#a8327f"
NO_ALERT = "#1f2a24"
NEUTRAL = "#3a3d42"
GOOD = "#4caf6d"
ANNOTATION = "#aab4c0"  # an alert over a curve: not the colour of a severity, which the limits have
NO_DATA_TEXT = "NO DATA"
NONE_TEXT = "none"  # of a table without rows, where that is what there was; unknown is NO DATA
CLEAR = "transparent"
GRAFANA_TEXT = "text"  # Grafana's name for the colour of its own text
EMPTY_CELL = "–"

PRIORITIES: Mapping[str, tuple[str, str]] = {
    "high": ("HIGH", HIGH),
    "medium": ("MEDIUM", MEDIUM),
    "low": ("LOW", LOW),
    "acknowledged": ("ACKNOWLEDGED", ACKNOWLEDGED),
    "not evaluated": ("NOT EVALUATED", NOT_EVALUATED),
    "signal lost": ("SIGNAL LOST", LOST),
    "no data": (NO_DATA_TEXT, NO_DATA),
    "no alert": ("No alert", NO_ALERT),
    "not monitored": ("not monitored", NEUTRAL),
}
SEVERITIES: Mapping[str, tuple[str, str]] = {name: PRIORITIES[name] for name in ("high", "medium", "low")}


def value_map(states: Mapping[str, tuple[str, str]]) -> ValueMapping:
    """Values as texts in colours."""
    return ValueMap(
        options={
            value: ValueMappingResult(text=text, color=color, index=index)
            for index, (value, (text, color)) in enumerate(states.items())
        }
    )


def no_data(text: str = NO_DATA_TEXT, color: str = NO_DATA) -> ValueMapping:
    """A missing value as a text in a colour. Grafana counts texts as *NaN*, so only null is matched."""
    return SpecialValueMap(
        options=DashboardSpecialValueMapOptions(
            match=SpecialValueMatch.NULL, result=ValueMappingResult(text=text, color=color)
        ),
    )


def null(color: str) -> ValueMapping:
    """A missing value in a colour, without a text."""
    return no_data(" ", color)


def of_range(low: float, high: float, colour: str, text: str | None = None) -> ValueMapping:
    """The values from `low` to `high` in a colour, and as a text."""
    result = ValueMappingResult(color=colour, text=text)
    return RangeMap(options=DashboardRangeMapOptions(from_val=low, to=high, result=result))


def empty_cell(text: str = EMPTY_CELL) -> ValueMapping:
    """A table cell that may be empty, as a text: Grafana would show `null`."""
    return no_data(text, GRAFANA_TEXT)
