"""One bed over hours to days: curves with limits and alerts, the last readings, and the alerts with their reasons."""

from collections.abc import Iterator, Sequence

from grafana_foundation_sdk.builders import table, timeseries
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from grafana.layout.dashboard import Cell, Dashboard
from grafana.layout.variables import HOSPITAL, bed, ward
from grafana.panels.alert_tables import alert_table, alerts_query
from grafana.panels.bed_tile import RECENT
from grafana.panels.builders import column, empty_cells, table_panel, time_series_panel, with_limits_in_view
from grafana.panels.colours import GOOD, LOST, NEUTRAL, PRIORITIES, no_data, value_map
from grafana.panels.limits import limits_text, thresholds
from grafana.panels.transformations import newest_row, without
from grafana.panels.units import unit
from grafana.queries.influxql import DASHBOARD_TIME, OVERVIEW, RAW, Select, call, field, last_seconds, selected
from grafana.queries.target import Target
from ward.config.config import Config
from ward.signals import Signal

LAST = 20
_GREY = "#6e7680"


def dashboard(config: Config) -> Dashboard:
    """Opened from the overview or from an alert."""
    vitals = config.catalogue.vitals()
    curves = [Cell(_curve(config, signal), 8, 8) for signal in vitals]
    lists = [Cell(_last_readings(signal), 24 // len(vitals), 12) for signal in vitals]
    rows = [[Cell(_now(), 24, 4)], *_threes(curves), [Cell(_alerts(), 24, 8)], lists, [Cell(_device(), 24, 5)]]
    return Dashboard("ward-bed", "One bed over hours to days: select it above.", rows, (ward(), bed()))


def _threes(cells: Sequence[Cell]) -> Iterator[Sequence[Cell]]:
    for first in range(0, len(cells), 3):
        yield cells[first : first + 3]


def _now() -> table.Panel:
    columns = (
        field("bed_name", "Bed"), field("priority", "State"), field("summary", "Alert"), field("since_s", "For"),
        field("unacknowledged", "Unacknowledged"),
    )  # fmt: skip
    query = Select.of(*columns, source="overview", policy=OVERVIEW).selected("bed").where(ward=HOSPITAL)
    query = query.during(last_seconds(RECENT)).group("place").newest(1)
    description = "The bed as on the ward overview. Empty: nothing was written for 10 s; look at the patient."
    panel = table_panel("Now", description, Target(query, "table"))
    panel = panel.transformations(newest_row("Bed", "State", "Alert", "For", "Unacknowledged"))
    panel = column(panel, "State", value_map(PRIORITIES), width=200)
    return column(column(column(panel, "For", unit="s", width=110), "Bed", width=160), "Unacknowledged", width=150)


def _curve(config: Config, signal: Signal) -> timeseries.Panel:
    """The mean of each time bucket, with its lowest and highest value: the mean alone hides a short fall."""
    name = signal.name
    query = Select.of(  # the mean last: it is drawn over the others
        call("min", name, "Lowest"), call("max", name, "Highest"), call("mean", name, signal.label),
        source=signal.measurement,
    ).selected("ward", "bed").group("bed", every="$__interval", fill="null")  # fmt: skip
    limits = thresholds(config, name)
    panel = time_series_panel(
        signal.label,
        f"{limits_text(config, name)} The curve shows the default limits. A gap: nothing was measured, see *Device*. "
        "Grey: the lowest and highest value in each time bucket; beyond 6 h the values are means by minute or hour.",
        Target(query, alias="$tag_bed $col"),
        limits=limits,
    )
    thin = [
        DynamicConfigValue("custom.lineWidth", 1), DynamicConfigValue("custom.showPoints", "never"),
        DynamicConfigValue("color", {"mode": "fixed", "fixedColor": _GREY}),
        DynamicConfigValue("custom.hideFrom", {"legend": True, "tooltip": False, "viz": False}),
    ]  # fmt: skip
    panel = panel.override_by_regexp("/(Lowest|Highest)$/", thin)
    return with_limits_in_view(panel, limits).unit(unit(signal.display)).decimals(signal.precision).interval("5s")


def _last_readings(signal: Signal) -> table.Panel:
    shown = signal.display or signal.label
    query = Select.of(field("bed", "Bed"), field(signal.name, shown), source=signal.measurement, policy=RAW)
    query = query.selected("ward", "bed").where(f'"{signal.name}" >= {_below_all_values(signal)}').newest(LAST)
    description = "The newest readings, not means. If they are old: see *Device*."
    panel = table_panel(f"Last {LAST}: {signal.label}", description, Target(query, "table"))
    panel = column(column(panel, "Time", unit="time:HH:mm:ss", width=85), "Bed", width=85)
    return column(panel, shown, decimals=signal.precision, minWidth=50)


def _below_all_values(signal: Signal) -> float:
    """Less than any value of the signal: a condition that leaves out readings without this signal."""
    return min(-1e9, signal.low)


def _alerts() -> table.Panel:
    query = alerts_query().selected("ward", "bed").newest(100)
    description = "Why each alert was raised and how it ended. *signal lost* is not a recovery."
    return alert_table("Alerts that began in this time", description, query)


def _device() -> table.Panel:
    columns = (
        call("last", "online", "Connected"), call("last", "battery", "Battery"), call("sum", "lost_readings", "Lost"),
        call("sum", "duplicate_readings", "Duplicates"), call("last", "clock_skew", "Clock skew"),
    )  # fmt: skip
    query = Select.of(*columns, source="telemetry", policy=RAW).where(selected("ward"), selected("bed"))
    query = query.during(DASHBOARD_TIME).group("device", "device_kind")
    description = (
        "OFFLINE: check its network and power. Low battery: plug it in. Lost readings: its connection is poor. Clock "
        "skew: set its clock, or its readings are late."
    )
    panel = table_panel("Device", description, Target(query, "table")).with_transformation(without("Time"))
    states = {"1": ("connected", GOOD), "0": ("OFFLINE", LOST)}
    panel = column(panel, "Connected", value_map(states), no_data("not reported in this time", NEUTRAL))
    for name in ("Lost", "Duplicates", "Clock skew"):
        panel = empty_cells(panel, name, "none")
    return column(column(panel, "Battery", unit="percent"), "Clock skew", unit="s", decimals=1)
