"""What each state looks like. Colour never stands alone: each has its word too.

Red, yellow and cyan are those of clinical alarms (IEC 60601-1-8); what cannot be known is violet, which no alarm has,
and *No alert* is quiet: most tiles have no alert most of the time.
"""

from collections.abc import Mapping

from grafana_foundation_sdk.models.dashboard import (
    DashboardSpecialValueMapOptions,
    SpecialValueMap,
    SpecialValueMatch,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

HIGH, MEDIUM, LOW = "#d1001f", "#f2cc0c", "#00c2d1"
TAKEN = "#7a5b00"
LOST = "#a352cc"
NO_DATA = "#6b2fb3"
FINE = "#1f2a24"
EMPTY = "#3a3d42"
GOOD = "#4caf6d"
SPAN = "#aab4c0"  # an alert over a curve: no colour of a severity, which the limits below have
NO_DATA_WORDS = "NO DATA"
TEXT = "text"  # Grafana's name of the colour of its own text
NOTHING = "–"

PRIORITIES: Mapping[str, tuple[str, str]] = {
    "high": ("HIGH", HIGH),
    "medium": ("MEDIUM", MEDIUM),
    "low": ("LOW", LOW),
    "acknowledged": ("TAKEN", TAKEN),
    "signal lost": ("SIGNAL LOST", LOST),
    "no data": (NO_DATA_WORDS, NO_DATA),
    "no alert": ("No alert", FINE),
    "not monitored": ("not monitored", EMPTY),
}
SEVERITIES: Mapping[str, tuple[str, str]] = {name: PRIORITIES[name] for name in ("high", "medium", "low")}


def words(said: Mapping[str, tuple[str, str]]) -> ValueMapping:
    """Values as words in colours."""
    return ValueMap(
        options={
            value: ValueMappingResult(text=text, color=color, index=index)
            for index, (value, (text, color)) in enumerate(said.items())
        }
    )


def no_data(text: str = NO_DATA_WORDS, color: str = NO_DATA) -> ValueMapping:
    """What is not there, as a word and a colour of its own; zero is something else. To Grafana a text is *NaN* too."""
    return SpecialValueMap(
        options=DashboardSpecialValueMapOptions(
            match=SpecialValueMatch.NULL, result=ValueMappingResult(text=text, color=color)
        ),
    )


def nothing(text: str = NOTHING) -> ValueMapping:
    """An empty cell of a table that is rightly empty, in words: Grafana would write `null`."""
    return no_data(text, TEXT)
