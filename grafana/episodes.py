"""Questions about alerts, one row an alert, and how their columns are shown: the same on every dashboard."""

from grafana_foundation_sdk.builders import table

from grafana.influxql import FACTS, Select, call, field
from grafana.palette import SEVERITIES, words
from grafana.panels import column, empty, rows
from grafana.target import Target

STANDING = "time > now() - 92d AND time <= now() + 5s"  # what is active is shown, however long it has been
_COLUMNS = (
    ("severity", "Severity"), ("bed", "Bed"), ("words", "Alert"), ("explanation", "Why"), ("by", "Taken by"),
    ("ack_after_s", "Taken after"), ("ended", "Ended"), ("lasted_s", "Lasted"),
)  # fmt: skip
_WIDTHS = {"Severity": 110, "Bed": 90, "Taken by": 130, "Taken after": 110, "Ended": 130, "Lasted": 100, "Alert": 480}
_NOTHING = {"Taken by": "nobody", "Taken after": "not taken", "Ended": "still there", "Lasted": "still there"}


def episodes(*shown: str) -> Select:
    """Alerts that began in the dashboard's time."""
    return Select.of(*shown, source="episodes", policy=FACTS)


def counted(shown: str = "Alerts") -> str:
    """How many alerts: `level` is what each of them has."""
    return call("count", "level", shown)


def listed(title: str, wrong: str, asked: Select, *leave: str) -> table.Panel:
    """Alerts as rows; `leave` names columns of the list that are left out."""
    kept = [field(stored, shown) for stored, shown in _COLUMNS if shown not in leave]
    target = Target(
        Select(kept, asked.source, asked.policy, asked.conditions, asked.span, asked.by, asked.tail), "table"
    )
    panel = rows(title, wrong, target)
    for name, width in _WIDTHS.items():
        panel = column(panel, name, width=width)
    panel = column(panel, "Severity", words(SEVERITIES), width=_WIDTHS["Severity"])
    for name, nothing in _NOTHING.items():
        panel = empty(panel, name, nothing)
    for name in ("Taken after", "Lasted"):
        panel = column(panel, name, unit="s", decimals=0)
    return column(
        panel, "Bed", links=[{"title": "This bed", "url": "/d/ward-bed?var-bed=${__value.text:percentencode}"}]
    )
