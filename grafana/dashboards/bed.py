"""One bed over hours to days: curves with limits and alerts, the last readings, and the alerts with their reasons."""

from collections.abc import Iterator, Sequence

from grafana_foundation_sdk.builders import statetimeline, table, timeseries
from grafana_foundation_sdk.builders.common import VizLegendOptions
from grafana_foundation_sdk.models.common import LegendDisplayMode, LegendPlacement
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from grafana.layout.dashboard import Cell, Dashboard
from grafana.layout.variables import HOSPITAL, bed, ward
from grafana.panels.alert_spans import alert_spans
from grafana.panels.alert_tables import AS_IT_WAS, COURSE, alert_table, alerts_query
from grafana.panels.bed_tile import RECENT
from grafana.panels.builders import column, empty_cells, table_panel, time_series_panel, with_limits_in_view
from grafana.panels.colours import GOOD, LOST, NEUTRAL, PRIORITIES, no_data, value_map
from grafana.panels.limits import limits_text, thresholds
from grafana.panels.names import with_names
from grafana.panels.transformations import newest_row, without
from grafana.panels.units import unit
from grafana.queries.influxql import DASHBOARD_TIME, MINUTES, OVERVIEW, RAW, Select, call, field, last_seconds, selected
from grafana.queries.target import Target
from ward.config.config import Config
from ward.config.rule import Rule
from ward.signals import Signal

LAST = 20
_SINCE_ROLLED_HOURS, _SINCE_ROLLED_MINUTES = "time > now() - 3h", "time > now() - 15m"
_GREY = "#6e7680"


def dashboard(config: Config) -> Dashboard:
    """Opened from the overview or from an alert."""
    vitals = config.catalogue.vitals()
    curves = [Cell(_curve(config, signal), 8, 8) for signal in vitals]
    lists = [Cell(_last_readings(config, signal), 24 // len(vitals), 12) for signal in vitals]
    rows = [
        [Cell(_now(), 24, 4)],
        *_threes(curves),
        *_threes([Cell(_score(config, rule), 8, 7) for rule in _score_rules(config)]),
        [Cell(_spans(), 24, 6)],
        [Cell(_alerts(config), 24, 8)],
        lists,
        [Cell(_device(config), 24, 5)],
    ]
    return Dashboard(
        "ward-bed", "One bed over hours to days: select it above.", rows, (ward(), bed()), annotations_enabled=False
    )


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
    limits = thresholds(config, signal.name)
    panel = time_series_panel(
        signal.label,
        f"{limits_text(config, signal.name)} The curve shows the default limits. A gap: nothing was measured, see "
        "*Device*. Grey: the lowest and highest value in each time bucket. The last 15 minutes are readings, whatever "
        "the time range.",
        Target(_curve_query(signal), alias="$tag_bed $col"),
        limits=limits,
    )
    thin = [
        DynamicConfigValue("custom.lineWidth", 1), DynamicConfigValue("custom.showPoints", "never"),
        DynamicConfigValue("color", {"mode": "fixed", "fixedColor": _GREY}),
        DynamicConfigValue("custom.hideFrom", {"legend": True, "tooltip": False, "viz": False}),
    ]  # fmt: skip
    panel = panel.override_by_regexp("/(Lowest|Highest)$/", thin)
    panel = _with_names_only(panel)
    return with_limits_in_view(panel, limits).unit(unit(signal.display)).decimals(signal.precision).interval("5s")


def _with_names_only(panel: timeseries.Panel) -> timeseries.Panel:
    """No numbers in the legend: *Last* and *Min* of a month would be those of the means of hours."""
    legend = VizLegendOptions().show_legend(True).placement(LegendPlacement.BOTTOM).calcs([])
    return panel.legend(legend.display_mode(LegendDisplayMode.LIST))


def _curve_query(signal: Signal) -> Select:
    """Roll-ups where the time range needs them, and readings from the end of the roll-ups on.

    A minute is rolled up two minutes after it, an hour after its end: alone they show *97 %* beside an alert of 80 %.
    """
    name = signal.name
    readings = field(name, "mean"), field(name, "low"), field(name, "high")
    lowest, highest = field(f"{name}_min", "low"), field(f"{name}_max", "high")
    stored = Select.of(*readings, source=signal.measurement)
    extremes = Select.of(lowest, highest, source=signal.measurement)
    minutes = Select.of(field(name, "mean"), lowest, highest, source=signal.measurement, policy=MINUTES)
    newest = Select.of(*readings, source=signal.measurement, policy=RAW)
    parts = stored, extremes, minutes.where(_SINCE_ROLLED_HOURS), newest.where(_SINCE_ROLLED_MINUTES)
    whole = tuple(part.selected("ward", "bed").group("bed") for part in parts)
    # The mean last: it is drawn over the others.
    columns = call("min", "low", "Lowest"), call("max", "high", "Highest"), call("mean", "mean", signal.label)
    return Select.of(*columns, source=whole).group("bed", every="$__interval", fill="null")


def _score_rules(config: Config) -> Sequence[Rule]:
    """A rule of each score that patients are given."""
    rules = {rule.params.output: rule for rule in config.rules if rule.scope == "bed" and rule.params.output}
    return list(rules.values())


def _score(config: Config, rule: Rule) -> timeseries.Panel:
    """A score over time; dashed where parts of it are not known."""
    signal = config.catalogue.known(rule.params.output)
    least = f"{signal.label} at least"
    columns = call("max", "at_least", least), call("max", "value", signal.label)
    query = Select.of(*columns, source="scores", policy=RAW).where(score=signal.name).selected("ward", "bed")
    panel = time_series_panel(
        signal.label,
        "The highest in each time bucket. Dashed: parts of it are not known, so it is at least so much; the page of "
        "the bed says which. Only dashed: observe the patient. A gap: nothing was known.",
        Target(query.group("bed", every="$__interval", fill="null"), alias="$tag_bed $col"),
    )
    dashed = [
        DynamicConfigValue("custom.lineStyle", {"fill": "dash", "dash": [4, 6]}),
        DynamicConfigValue("custom.lineWidth", 1),
        DynamicConfigValue("color", {"mode": "fixed", "fixedColor": _GREY}),
    ]  # fmt: skip
    panel = panel.override_by_regexp("/at least$/", dashed)
    return _with_names_only(panel).decimals(signal.precision).unit("none").axis_soft_min(0).interval("1m")


def _last_readings(config: Config, signal: Signal) -> table.Panel:
    shown = signal.display or signal.label
    query = Select.of(field("bed", "Bed"), field(signal.name, shown), source=signal.measurement, policy=RAW)
    query = query.selected("ward", "bed").where(f'"{signal.name}" >= {_below_all_values(signal)}').newest(LAST)
    description = "The newest readings, not means. If they are old: see *Device*."
    panel = table_panel(f"Last {LAST}: {signal.label}", description, Target(query, "table"))
    panel = column(column(panel, "Time", unit="time:HH:mm:ss", width=85), "Bed", width=105)
    return column(with_names(panel, config, bed="Bed"), shown, decimals=signal.precision, minWidth=50)


def _below_all_values(signal: Signal) -> float:
    """Less than any value of the signal: a condition that leaves out readings without this signal."""
    return min(-1e9, signal.low)


def _spans() -> statetimeline.Panel:
    description = (
        "When each alert was active, in the colour of its severity: in a wide time range the highest of each step."
    )
    return alert_spans("Alerts over time", description, "ward", "bed")


def _alerts(config: Config) -> table.Panel:
    query = alerts_query().selected("ward", "bed").newest(100)
    description = f"{COURSE} Who acknowledged it and how it ended: *signal lost* is not a recovery."
    return alert_table("Alerts that began in this time", description, query, config, *AS_IT_WAS)


def _device(config: Config) -> table.Panel:
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
    panel = column(column(panel, "Battery", unit="percent"), "Clock skew", unit="s", decimals=1)
    return with_names(panel, config, device="device", device_kind="device_kind")
