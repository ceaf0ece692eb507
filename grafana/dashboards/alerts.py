"""Alerts: which are active, how soon they were acknowledged, and which beds and rules raise the most."""

from math import ceil

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.builders.common import StackingConfig
from grafana_foundation_sdk.models.common import GraphDrawStyle, StackingMode, VisibilityMode
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, Threshold

from grafana.layout.dashboard import Cell, Dashboard
from grafana.layout.variables import bed, ward
from grafana.panels.alert_tables import (
    ACTIVE_SINCE,
    AS_IT_IS,
    AS_IT_WAS,
    COURSE,
    HEARTBEAT,
    alert_count,
    alert_table,
    alerts_query,
    budget,
)
from grafana.panels.bed_tile import RECENT
from grafana.panels.builders import bar_gauge_panel, or_not_applicable, stat_panel, steps, time_series_panel
from grafana.panels.colours import GOOD, HIGH, SEVERITIES
from grafana.panels.names import with_names
from grafana.panels.transformations import ratio, sort_by, without
from grafana.queries.influxql import OVERVIEW, Select, call, field, last_seconds, or_zero
from grafana.queries.target import Target
from ward.config.config import Config

HOUR = "1h"
_TOP = 10


def dashboard(config: Config) -> Dashboard:
    """Whether alerts are acknowledged, and which of them are probably unnecessary."""
    tenth = max(1, ceil(len(config.inventory.beds) / 10))
    stats = (
        _active_count(), _unacknowledged(), _share_acknowledged(), _median_time(), _per_bed_and_hour(config),
        _share_of_top_beds(tenth),
    )  # fmt: skip
    rows = [
        [Cell(panel, 4, 4) for panel in stats],
        [Cell(_active(config), 24, 9)],
        [Cell(_per_hour(), 12, 8), Cell(_time_to_acknowledge(), 12, 8)],
        [Cell(_top_beds(tenth, config), 12, 8), Cell(_top_rules(), 12, 8)],
        [Cell(_history(config), 24, 12)],
    ]
    return Dashboard(
        "ward-alerts", "Active alerts, their history, and how soon they were acknowledged.", rows, (ward(), bed()),
        time_from="now-24h", annotations_enabled=False, with_resolution=False,
    )  # fmt: skip


def _active_count() -> stat.Panel:
    query = or_zero("Active", _active_ones(), HEARTBEAT)
    description = "Active alerts, acknowledged or not. Many at once: look for one cause, see *Pipeline*."
    return stat_panel("Active", description, Target(query, "table"))


def _unacknowledged() -> stat.Panel:
    query = or_zero("Unacknowledged", _active_ones().where('"acknowledged" = 0'), HEARTBEAT)
    description = "Active alerts that nobody has acknowledged. Above 0 for long: call somebody."
    limits = [Threshold(color=GOOD), Threshold(color=HIGH, value=1)]
    return stat_panel("Unacknowledged", description, Target(query, "table")).thresholds(steps(limits))


def _active_ones() -> Select:
    return alerts_query(field("active", "n")).selected("ward", "bed").during(ACTIVE_SINCE)


def _share_acknowledged() -> stat.Panel:
    query = alerts_query(call("mean", "acknowledged", "Acknowledged")).where('"notified" = 1').selected("ward", "bed")
    description = (
        "The share of notified alerts that somebody acknowledged. Low: they are noise, or nobody sees them. –: none "
        "was notified."
    )
    panel = stat_panel("Share acknowledged", description, Target(query, "table")).unit("percentunit").decimals(0)
    return or_not_applicable(panel)


def _median_time() -> stat.Panel:
    title = "Median time to acknowledge"
    query = alerts_query(call("percentile", "acknowledged_after_s", title, 50))
    query = query.where('"acknowledged" = 1').selected("ward", "bed")
    description = (
        "From the beginning of an alert to its acknowledgement. Long: too few people, or too many alerts. –: none was."
    )
    return or_not_applicable(stat_panel(title, description, Target(query, "table")).unit("s").decimals(0))


def _per_bed_and_hour(config: Config) -> stat.Panel:
    inner = alerts_query(alert_count("n")).selected("ward", "bed").group(every=HOUR, fill="0")
    hourly = Select.of(call("mean", "n", "n"), source=inner).during("")
    hourly = or_zero("Per hour", hourly, HEARTBEAT)
    beds = Select.of(call("last", "beds", "Beds"), source="overview_wards", policy=OVERVIEW)
    beds = beds.selected("ward").during(last_seconds(RECENT))
    description = (
        f"Above {budget(config, 1):g}: people respond to alerts less the more alerts they get. Look at *Rules with "
        "most alerts*. That is the budget of the ward, `alarm_load.budget`."
    )
    panel = stat_panel("Alerts per bed and hour", description, Target(hourly, "table"), Target(beds, "table", "B"))
    return panel.transformations(ratio("Per hour", "Beds", "Per bed and hour")).decimals(2)


def _share_of_top_beds(tenth: int) -> stat.Panel:
    total = alerts_query(alert_count("All beds")).selected("ward", "bed")
    top = Select.of(call("sum", "n", "Top beds"), source=_most_alerts(tenth)).during("")
    title = "Share of the top 10 % of beds"
    description = (
        f"The share of all alerts that come from the {tenth} beds with most. Above half: set limits for these "
        "patients, not for all. –: there was no alert."
    )
    panel = stat_panel(title, description, Target(top, "table"), Target(total, "table", "B"))
    panel = panel.transformations(ratio("Top beds", "All beds", title)).unit("percentunit").decimals(0)
    return or_not_applicable(panel)


def _most_alerts(beds: int) -> Select:
    inner = alerts_query(alert_count("n")).where("\"bed\" != ''").selected("ward", "bed").group("bed")
    return Select.of(f'top("n", "bed", {beds}) AS "n"', source=inner).during("")


def _active(config: Config) -> table.Panel:
    query = alerts_query().where('"active" = 1').selected("ward", "bed").during(ACTIVE_SINCE).newest(200)
    description = (
        "Active alerts, newest first, with their highest severity and that of now. One that does not end although the "
        "patient is well: its signal is lost."
    )
    panel = alert_table("Active now", description, query, config, *AS_IT_IS)
    return panel.no_value("none if Active is 0, else unknown")  # the query of a table does not say which


def _history(config: Config) -> table.Panel:
    query = alerts_query().selected("ward", "bed").newest(500)
    description = f"Alerts that began in this time. {COURSE} *signal lost* and *discharged* are not a recovery."
    return alert_table("History", description, query, config, *AS_IT_WAS)


def _per_hour() -> timeseries.Panel:
    columns = [call("sum", name, text) for name, (text, _) in SEVERITIES.items()]
    query = alerts_query(*columns).selected("ward", "bed").group(every=HOUR, fill="0")
    description = "Alerts that began in each hour. A step up after a change of config: see *Rules with most alerts*."
    panel = time_series_panel("Alerts per hour", description, Target(query, alias="$col"))
    panel = panel.stacking(StackingConfig().mode(StackingMode.NORMAL))
    for text, colour in SEVERITIES.values():
        panel = panel.override_by_name(text, [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})])
    return panel.draw_style(GraphDrawStyle.BARS).fill_opacity(80).interval(HOUR)


def _time_to_acknowledge() -> timeseries.Panel:
    percentiles = {"Median": 50, "90th percentile": 90}
    columns = [call("percentile", "acknowledged_after_s", shown, of) for shown, of in percentiles.items()]
    query = alerts_query(*columns).where('"acknowledged" = 1').selected("ward", "bed")
    query = query.group(every=HOUR, fill="null")
    description = (
        "From the beginning of an alert to its acknowledgement, by the hour in which the alert began. A gap: none was "
        "acknowledged."
    )
    panel = time_series_panel("Time to acknowledge", description, Target(query, alias="$col"))
    return panel.unit("s").decimals(0).axis_soft_min(0).show_points(VisibilityMode.ALWAYS).interval(HOUR)


def _top_beds(tenth: int, config: Config) -> bargauge.Panel:
    description = f"The {tenth} beds with most alerts. Check whether the limits suit these patients: `overrides`."
    panel = bar_gauge_panel("Beds with most alerts", description, Target(_most_alerts(tenth), "table"))
    return with_names(panel.transformations([without("Time"), sort_by("n")]), config, bed="bed")


def _top_rules() -> bargauge.Panel:
    inner = alerts_query(alert_count("n")).selected("ward", "bed").group("alertname")
    query = Select.of(f'top("n", "alertname", {_TOP}) AS "Alerts"', source=inner).during("")
    description = "Before you change limits, test them on stored data: `wardwatch rules backtest --compare`."
    panel = bar_gauge_panel("Rules with most alerts", description, Target(query, "table"))
    return panel.transformations([without("Time"), sort_by("Alerts")])
