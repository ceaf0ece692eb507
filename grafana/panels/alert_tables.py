"""Queries about alerts, one row for each alert, and the table that shows them: the same on every dashboard."""

from dataclasses import replace

from grafana_foundation_sdk.builders import table

from grafana.panels.builders import column, empty_cells, table_panel
from grafana.panels.colours import GRAFANA_TEXT, NONE_TEXT, SEVERITIES, empty_cell, of_range, value_map
from grafana.panels.names import with_names
from grafana.queries.influxql import FACTS, RAW, Select, call, field, last_seconds, name
from grafana.queries.target import Target
from ward.config.config import Config

# An active alert is shown however long it has been active, whatever the dashboard's time range.
ACTIVE_SINCE = "time > now() - 92d AND time <= now() + 5s"
# The program `alerts` writes a point with each heartbeat: without it the number of alerts is not known.
HEARTBEAT = Select.of('last("rank")', source="active_alerts", policy=RAW).where(wardwatch_alert="none")
HEARTBEAT = HEARTBEAT.during(last_seconds(60))
_COLUMNS = (
    ("severity", "Severity"), ("last_severity", "Now"), ("bed", "Bed"), ("summary", "Alert"),
    ("peak_text", "At its worst"), ("course", "Course"),
    ("acknowledged_by", "Acknowledged by"), ("acknowledged_after_s", "Acknowledged after"), ("ended", "Ended"),
    ("duration_s", "Duration"),
)  # fmt: skip
_WIDTHS = {
    "Severity": 110, "Bed": 140, "Acknowledged by": 140, "Acknowledged after": 160, "Ended": 130, "Duration": 100,
    "Course": 260,
}  # fmt: skip
# Of an active alert its words of now count, of the past those at its worst and the course of its severities.
AS_IT_IS, AS_IT_WAS = ("At its worst", "Course", "Ended", "Duration"), ("Now", "Alert")
COURSE = "Each alert at its worst; *Course* has its severities, each with the seconds after the beginning."
_EMPTY = {
    "Acknowledged by": "nobody", "Acknowledged after": "unacknowledged", "Ended": "active", "Duration": "active",
}  # fmt: skip


def alerts_query(*columns: str) -> Select:
    """Alerts that began in the dashboard's time range."""
    return Select.of(*columns, source="episodes", policy=FACTS)


def alert_count(shown: str = "Alerts") -> str:
    """The number of alerts: each has the field `severity_rank`."""
    return call("count", "severity_rank", shown)


def budget(config: Config, hours: float) -> float:
    """How many alerts a bed may have in so many hours: the config has the number for a shift of 12 h."""
    return config.alerting.alarm_load.budget * hours / 12


def alert_table(title: str, description: str, query: Select, config: Config, *leave_out: str) -> table.Panel:
    """Alerts as rows; `leave_out` are the names of columns that are not shown.

    *Severity* is the highest that the alert had, *Now* the one it has.
    """
    columns = [_column(stored, shown) for stored, shown in _COLUMNS if shown not in leave_out]
    panel = table_panel(title, description, Target(replace(query, columns=columns), "table"))
    for shown, width in _WIDTHS.items():
        panel = column(panel, shown, width=width)
    for shown in ("Severity", "Now"):
        panel = column(panel, shown, value_map(SEVERITIES), width=_WIDTHS["Severity"])
    for shown, text in _EMPTY.items():
        panel = empty_cells(panel, shown, text)
    for shown in ("Acknowledged after", "Duration"):
        panel = column(panel, shown, unit="s", decimals=0)
    panel = column(
        panel,
        "Acknowledged after",
        mappings=[of_range(0, 0, GRAFANA_TEXT, _EMPTY["Acknowledged after"]), empty_cell(_EMPTY["Acknowledged after"])],
    )
    url = "/d/ward-bed?var-bed=${__value.raw:percentencode}&${__url_time_range}"
    panel = panel.no_value(NONE_TEXT)
    return column(with_names(panel, config, bed="Bed"), "Bed", links=[{"title": "Dashboard of this bed", "url": url}])


def _column(stored: str, shown: str) -> str:
    """A column; who acknowledged how soon is no more true once the acknowledgement was taken back."""
    if stored == "acknowledged_after_s":
        return f"{name(stored)} * {name('acknowledged')} AS {name(shown)}"
    return field(stored, shown)
