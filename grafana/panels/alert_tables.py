"""Queries about alerts, one row for each alert, and the table that shows them: the same on every dashboard."""

from dataclasses import replace

from grafana_foundation_sdk.builders import table

from grafana.panels.builders import column, empty_cells, table_panel
from grafana.panels.colours import SEVERITIES, value_map
from grafana.queries.influxql import FACTS, Select, call, field
from grafana.queries.target import Target

# An active alert is shown however long it has been active, whatever the dashboard's time range.
ACTIVE_SINCE = "time > now() - 92d AND time <= now() + 5s"
_COLUMNS = (
    ("severity", "Severity"), ("bed", "Bed"), ("summary", "Alert"), ("explanation", "Why"),
    ("acknowledged_by", "Acknowledged by"), ("acknowledged_after_s", "Acknowledged after"), ("ended", "Ended"),
    ("duration_s", "Duration"),
)  # fmt: skip
_WIDTHS = {
    "Severity": 110, "Bed": 90, "Acknowledged by": 140, "Acknowledged after": 160, "Ended": 130, "Duration": 100,
    "Alert": 480,
}  # fmt: skip
_EMPTY = {
    "Acknowledged by": "nobody", "Acknowledged after": "unacknowledged", "Ended": "active", "Duration": "active",
}  # fmt: skip


def alerts_query(*columns: str) -> Select:
    """Alerts that began in the dashboard's time range."""
    return Select.of(*columns, source="episodes", policy=FACTS)


def alert_count(shown: str = "Alerts") -> str:
    """The number of alerts: each has the field `severity_rank`."""
    return call("count", "severity_rank", shown)


def alert_table(title: str, description: str, query: Select, *leave_out: str) -> table.Panel:
    """Alerts as rows; `leave_out` are the names of columns that are not shown."""
    columns = [field(stored, shown) for stored, shown in _COLUMNS if shown not in leave_out]
    panel = table_panel(title, description, Target(replace(query, columns=columns), "table"))
    for name, width in _WIDTHS.items():
        panel = column(panel, name, width=width)
    panel = column(panel, "Severity", value_map(SEVERITIES), width=_WIDTHS["Severity"])
    for name, text in _EMPTY.items():
        panel = empty_cells(panel, name, text)
    for name in ("Acknowledged after", "Duration"):
        panel = column(panel, name, unit="s", decimals=0)
    link = {"title": "Dashboard of this bed", "url": "/d/ward-bed?var-bed=${__value.text:percentencode}"}
    return column(panel, "Bed", links=[link])
