"""One day of the hospital: patients, vital signs, alerts, and the completeness of the data."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.builders.common import StackingConfig
from grafana_foundation_sdk.models.common import GraphDrawStyle, StackingMode
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, Threshold

from grafana.layout.dashboard import Cell, Dashboard
from grafana.layout.variables import ward
from grafana.panels.alert_tables import HEARTBEAT, alert_count, alerts_query, budget
from grafana.panels.bed_tile import SHORT
from grafana.panels.builders import (
    bar_gauge_panel,
    column,
    empty_cells,
    stat_panel,
    steps,
    table_panel,
    time_series_panel,
)
from grafana.panels.colours import GOOD, LOW, MEDIUM, NEUTRAL, NONE_TEXT, SEVERITIES
from grafana.panels.names import with_names
from grafana.panels.transformations import plus, sort_by, without
from grafana.queries.influxql import FACTS, Select, call, field, or_zero
from grafana.queries.target import Target
from ward.config.config import Config
from ward.signals import Signal

_NO_DATA = "NO DATA: the program `rollups` has not run since that day, or nobody was monitored."
_COUNTS = (
    ("patients", "Patients", "Patients in a bed of the ward."),
    ("admitted", "Admitted", "Patients who were admitted to a bed of the ward."),
    ("discharged", "Discharged", "Patients who were discharged from a bed of the ward."),
    ("beds_monitored", "Beds monitored", "Beds with any vital sign. Fewer than there are beds: see *Completeness*."),
)
_COMPLETENESS = [
    Threshold(color=MEDIUM), Threshold(color=LOW, value=0.9), Threshold(color=GOOD, value=0.98)
]  # fmt: skip
_NEUTRAL = [Threshold(color=NEUTRAL)]
# Pixels of a column with a whole header, by the letters of the name of its vital sign.
_CELL_WIDTHS = {2: 70, 3: 76, 4: 92}
_ROLLED_UP = (("count", "c"), ("min", "low"), ("max", "high"))
_PARTS = (("", "avg"), ("_min", "min"), ("_max", "max"))


def dashboard(config: Config) -> Dashboard:
    """Select a day in the time picker; several days are added up day by day.

    Days are UTC, as the roll-ups are: in the zone of a browser west of it a day would have the date of the one before.
    """
    vitals = list(config.catalogue.vitals())
    rows = [
        [*(Cell(_count(*count), 4, 4) for count in _COUNTS), Cell(_completeness(), 4, 4), Cell(_alerts(config), 4, 4)],
        [Cell(_wards(vitals, config), 24, 6)],
        *_pairs([Cell(_vital(signal), 12, 7) for signal in vitals]),
        [Cell(_severities(), 12, 8), Cell(_per_hour(), 12, 8)],
        [Cell(_top_hours(config), 8, 9), Cell(_top_rules(), 8, 9), Cell(_least_complete(config), 8, 9)],
    ]
    last = 2 + (len(vitals) + 1) // 2
    headings = {0: "The day (UTC)", 2: "Vital signs by hour (UTC)", last: "Alerts and completeness"}
    return Dashboard(
        "ward-day", "Statistics of one day: today or any other. All days and hours here are UTC.", rows, (ward(),),
        headings=headings, time_from="now/d", time_to="now/d", refresh="5m", timezone="utc", annotations_enabled=False,
        with_resolution=False,
    )  # fmt: skip


def _pairs(cells: list[Cell]) -> Iterator[list[Cell]]:
    for first in range(0, len(cells), 2):
        yield cells[first : first + 2]


def _ward_days(*columns: str) -> Select:
    return Select.of(*columns, source="ward_days", policy=FACTS).selected("ward")


def _count(stored: str, title: str, description: str) -> stat.Panel:
    newest = _ward_days(call("last", stored, "n")).group("ward")
    query = Select.of(call("sum", "n", title), source=newest).during("")
    panel = stat_panel(title, f"{description} {_NO_DATA}", Target(query, "table"))
    return panel.decimals(0).thresholds(steps(_NEUTRAL))


def _completeness() -> stat.Panel:
    query = _ward_days('sum("received") / sum("expected") AS "Completeness"')
    description = f"The share of expected readings that were received. Low: see *Least complete* below. {_NO_DATA}"
    panel = stat_panel("Completeness", description, Target(query, "table"))
    return panel.unit("percentunit").decimals(1).thresholds(steps(_COMPLETENESS))


def _alerts(config: Config) -> stat.Panel:
    query = or_zero("Alerts", alerts_query(alert_count("n")).selected("ward"), HEARTBEAT)
    description = (
        f"Alerts that began on that day. Above {budget(config, 24):g} for each bed is too many (`alarm_load.budget`): "
        "see *Rules with most alerts*. NO DATA: the program `alerts` does not run."
    )
    return stat_panel("Alerts", description, Target(query, "table")).decimals(0).thresholds(steps(_NEUTRAL))


def _wards(vitals: list[Signal], config: Config) -> table.Panel:
    columns = [
        field("patients", "Patients"),
        field("beds_monitored", "Beds"),
        field("completeness", "Received"),
    ]
    for signal in vitals:
        columns += [field(f"{signal.name}{end}", f"{_short(signal)} {part}") for end, part in _PARTS]
    description = f"Each ward and day: mean, lowest and highest value of each vital sign. {_NO_DATA}"
    panel = table_panel("Wards", description, Target(_ward_days(*columns).group("ward"), "table"))
    panel = panel.transformations([sort_by("Time")])  # newest first
    panel = column(panel, "Time", unit="time:YYYY-MM-DD", width=95, displayName="Day (UTC)")
    # The widths fit all columns, with their whole headers, on 1920 pixels.
    for name, width in (("Patients", 75), ("Beds", 55)):
        panel = column(panel, name, width=width)
    panel = column(with_names(panel, config, ward="ward"), "ward", minWidth=120)
    panel = column(panel, "Received", unit="percentunit", decimals=0, width=85)
    for signal in vitals:
        for _, part in _PARTS:
            precision = signal.precision + (part == "avg")
            width = _CELL_WIDTHS.get(len(_short(signal)), 92)
            panel = empty_cells(panel, f"{_short(signal)} {part}", decimals=precision, width=width)
    return panel


def _short(signal: Signal) -> str:
    return SHORT.get(signal.name, signal.label)


def _vital(signal: Signal) -> timeseries.Panel:
    weighted = f'"{signal.name}" * "{signal.name}_count" AS "w"'
    parts = [field(f"{signal.name}_{part}", shown) for part, shown in _ROLLED_UP]
    inner = Select.of(weighted, *parts, source="vitals", policy="hours").selected("ward").group("ward")
    columns = 'sum("w") / sum("c") AS "mean"', call("min", "low", "lowest"), call("max", "high", "highest")
    query = Select.of(*columns, source=inner).group("ward", every="1h", fill="none")
    description = (
        f"Mean, lowest and highest {signal.label.lower()} of each ward in each hour. An impossible value is a fault of "
        "a sensor: see *Devices*. NO DATA: the roll-up of the hour is not finished."
    )
    panel = time_series_panel(signal.label, description, Target(query, alias="$tag_ward $col"))
    return panel.decimals(signal.precision).unit(f"suffix: {signal.display}").interval("1h")


def _severities() -> bargauge.Panel:
    query = alerts_query(*(call("sum", name, text) for name, (text, _) in SEVERITIES.items())).selected("ward")
    description = "Alerts that began on that day, by priority. Many HIGH: ask the ward what it needs."
    panel = bar_gauge_panel("Alerts by priority", description, Target(query, "table"))
    panel = panel.transformations([without("Time")])
    for text, colour in SEVERITIES.values():
        panel = panel.override_by_name(text, [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})])
    return panel.decimals(0).min(0)


def _per_hour() -> timeseries.Panel:
    columns = [call("sum", name, text) for name, (text, _) in SEVERITIES.items()]
    query = alerts_query(*columns).selected("ward").group(every="1h", fill="0")
    description = "Alerts that began in each hour. The same hour every day: a ward round, operations, a handover."
    panel = time_series_panel("Alerts per hour", description, Target(query, alias="$col"))
    for text, colour in SEVERITIES.values():
        panel = panel.override_by_name(text, [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})])
    panel = panel.stacking(StackingConfig().mode(StackingMode.NORMAL)).draw_style(GraphDrawStyle.BARS)
    return panel.fill_opacity(80).interval("1h").mappings([])


def _top_hours(config: Config) -> table.Panel:
    inner = alerts_query(alert_count("n")).selected("ward").group("ward", every="1h", fill="none")
    query = Select.of('top("n", 10) AS "Alerts"', field("ward", "Ward"), source=inner)
    description = "A click on an hour shows its alerts, there in the time zone of the browser. *none*: no alert began."
    panel = table_panel("Hours with most alerts", description, Target(query, "table")).no_value(NONE_TEXT)
    panel = panel.transformations([sort_by("Alerts"), plus("Time", 3_600_000, "Until")])
    panel = column(with_names(panel, config, ward="Ward"), "Until", hidden=True)
    # Instants: the same hour in the zone of the browser, which the dashboard *Alerts* has.
    url = "/d/ward-alerts?from=${__value.raw}&to=${__data.fields.Until.numeric}"
    links = [{"title": "Alerts of this hour", "url": url}]
    return column(panel, "Time", unit="time:YYYY-MM-DD HH:mm", displayName="Hour (UTC)", links=links)


def _top_rules() -> bargauge.Panel:
    inner = alerts_query(alert_count("n")).selected("ward").group("alertname")
    query = Select.of('top("n", "alertname", 10) AS "Alerts"', source=inner).during("")
    description = "Before you change limits, test them on stored data: `wardwatch rules backtest`."
    panel = bar_gauge_panel("Rules with most alerts", description, Target(query, "table"))
    return panel.transformations([without("Time"), sort_by("Alerts")]).min(0)


def _least_complete(config: Config) -> bargauge.Panel:
    inner = Select.of(call("mean", "completeness", "n"), source="days", policy=FACTS).selected("ward").group("device")
    query = Select.of('bottom("n", "device", 10) AS "Completeness"', source=inner).during("")
    description = f"The devices with the lowest share of received readings. Check cable, network and power. {_NO_DATA}"
    panel = bar_gauge_panel("Least complete", description, Target(query, "table")).unit("percentunit")
    panel = panel.min(0).max(1).decimals(1).thresholds(steps(_COMPLETENESS))
    panel = panel.transformations([without("Time"), sort_by("Completeness", descending=False)])
    return with_names(panel, config, device="device")
