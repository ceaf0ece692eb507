"""The devices: drift, flatlines, gaps, batteries and clocks."""

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.models.dashboard import Threshold

from grafana.layout.dashboard import Cell, Dashboard
from grafana.layout.variables import device, ward
from grafana.panels.alert_tables import ACTIVE_SINCE, HEARTBEAT, alert_table, alerts_query
from grafana.panels.builders import (
    bar_gauge_panel,
    column,
    empty_cells,
    stat_panel,
    steps,
    table_panel,
    time_series_panel,
)
from grafana.panels.colours import EMPTY_CELL, GOOD, HIGH, LOW, MEDIUM, NEUTRAL, NONE_TEXT, value_map
from grafana.panels.names import with_names
from grafana.panels.transformations import sort_by, without
from grafana.queries.influxql import FACTS, RAW, Select, call, field, last_seconds, or_zero
from grafana.queries.target import Target
from ward.config.config import Config

_LAST_HOURS = last_seconds(3 * 3600)  # trends are calculated once an hour
_LAST_DAY = last_seconds(86_400)
_FOUR_WEEKS = "28d"
_WORST = 8  # devices in a list of the worst
_SCORE_LIMIT = [Threshold(color="transparent"), Threshold(color=LOW, value=1)]
_BATTERY = [Threshold(color=HIGH), Threshold(color=MEDIUM, value=10), Threshold(color=GOOD, value=20)]
_COMPLETENESS = [Threshold(color=MEDIUM), Threshold(color=LOW, value=0.9), Threshold(color=GOOD, value=0.98)]
_SENSOR_FAULTS = '"alertname" =~ /^stuck-|^noisy-|^artefacts$/'
_MISSING = '"alertname" =~ /^device-|^signal-missing$|^readings-/'
_CUSUM = "\"score\"::tag = 'cusum'"  # `score` is also the name of a field


def dashboard(config: Config) -> Dashboard:
    """What equipment management looks at in the morning."""
    stats = (_drifting(), _sensor_faults_count(), _missing_count(), _lowest_battery(), _clocks(), _received_today())
    rows = [
        [Cell(panel, 4, 4) for panel in stats],
        [Cell(_trends(config), 24, 8)],
        [
            Cell(_cusum(), 8, 9),
            Cell(_worst_cusum(config), 8, 9),
            Cell(_daily_means("temperature", "Body temperature", "celsius", 2), 8, 9),
        ],
        [Cell(_sensor_faults(config), 12, 8), Cell(_missing(config), 12, 8)],
        [Cell(_lost(config), 8, 9), Cell(_batteries(config), 8, 9), Cell(_clock_skew(config), 8, 9)],
        [Cell(_daily_means("humidity", "Humidity at loggers", "percent", 1), 12, 9), Cell(_completeness(), 12, 9)],
        [Cell(_all_devices(config), 24, 9)],
    ]
    headings = {
        0: "Now",
        1: "Drift over weeks",
        3: "Sensors and connections",
        4: "Gaps, batteries and clocks",
        6: "All devices",
    }
    return Dashboard(
        "ward-fleet", "Each device: drift, flatlines, gaps, battery and clock.", rows, (ward(), device("days")),
        headings=headings, time_from="now-7d", refresh="1m", annotations_enabled=False,
    )  # fmt: skip


def _selected(query: Select) -> Select:
    return query.selected("ward", "device")


def _active_count(title: str, description: str, condition: str) -> stat.Panel:
    active = _selected(alerts_query(field("active", "n")).where(condition)).during(ACTIVE_SINCE)
    limits = [Threshold(color=GOOD), Threshold(color=LOW, value=1)]
    panel = stat_panel(title, description, Target(or_zero("Now", active, HEARTBEAT), "table"))
    return panel.thresholds(steps(limits))


def _drifting() -> stat.Panel:
    inner = _selected(Select.of(call("last", "significant", "n"), source="trends", policy=FACTS)).during(_LAST_HOURS)
    query = Select.of(call("sum", "n", "Drifting"), source=inner.group("device", "signal")).during("")
    limits = [Threshold(color=GOOD), Threshold(color=LOW, value=1)]
    description = (
        "Signals with a significant trend of their daily means. Compare the device with another one; the trend can "
        "also be the patient's. NO DATA: the program `rollups` does not run, or has run for less than five days."
    )
    return stat_panel("Drifting", description, Target(query, "table")).thresholds(steps(limits))


def _sensor_faults_count() -> stat.Panel:
    description = "Sensors that are stuck or noisy now: see *Flatlines, noise and artefacts*; change the probe."
    return _active_count("Sensor faults", description, _SENSOR_FAULTS)


def _missing_count() -> stat.Panel:
    description = "Devices or signals that are missing now: check cable, network and power."
    return _active_count("Missing", description, _MISSING)


def _lowest_battery() -> stat.Panel:
    inner = _selected(Select.of(call("last", "battery", "battery"), source="telemetry", policy=RAW))
    inner = inner.during(last_seconds(3600))
    query = Select.of(call("min", "battery", "Lowest battery"), source=inner.group("device")).during("")
    description = "The lowest charge reported in the last hour. Below 20 %: plug it in. NO DATA: no device reports it."
    panel = stat_panel("Lowest battery", description, Target(query, "table"))
    return panel.thresholds(steps(_BATTERY)).unit("percent")


def _clocks() -> stat.Panel:
    description = "Devices with a wrong clock: set it, or their readings are stored under a wrong time."
    return _active_count("Wrong clocks", description, '"alertname" =~ /^clock-/')


def _received_today() -> stat.Panel:
    newest = _selected(Select.of(call("last", "expected"), call("last", "received"), source="days", policy=FACTS))
    newest = newest.during(_LAST_DAY).group("device", "bed")
    query = Select.of('sum("received") / sum("expected") AS "Data received today"', source=newest).during("")
    description = "The share of today's expected readings that were received. Low: see *Completeness by day*."
    panel = stat_panel("Data received today", description, Target(query, "table"))
    return panel.thresholds(steps(_COMPLETENESS)).unit("percentunit").decimals(1)


def _trends(config: Config) -> table.Panel:
    columns = [
        field("level", "Level"), field("per_day", "Per day"), field("error", "± per day"), field("days", "Days used"),
        field("significant", "Significant"), field("limit", "Next limit"), field("days_to_limit", "Days to limit"),
        field("limit_reached_ms", "Date of limit"),
    ]  # fmt: skip
    query = _selected(Select.of(*columns, source="trends", policy=FACTS)).where('"days" >= 5').during(_LAST_HOURS)
    query = query.group("device", "signal").newest(1)
    description = (
        "A straight line through up to four weeks of daily means, significant trends first. *Significant*: the change "
        "per day is more than five times its standard error. Have the device checked before the date of its limit."
    )
    panel = table_panel("Trends", description, Target(query, "table"))
    panel = panel.transformations([sort_by("Significant"), without("Time")])
    panel = column(panel, "Significant", value_map({"0": ("no", NEUTRAL), "1": ("drifting", LOW)}))
    panel = empty_cells(panel, "Days to limit", unit="suffix: d", decimals=0)
    panel = empty_cells(panel, "Next limit", "none")
    panel = empty_cells(panel, "Date of limit", unit="time:YYYY-MM-DD")
    for name in ("Level", "Per day", "± per day"):
        panel = column(panel, name, decimals=3)
    return with_names(panel, config, device="device", signal="signal")


def _cusum() -> timeseries.Panel:
    query = _selected(Select.of('max("score"::field) AS "CUSUM"', source="detector_curves", policy=RAW)).where(_CUSUM)
    query = query.group("signal", every="$__interval", fill="null")
    description = (
        "The cumulative sum of small deviations, of the device where it is highest: an alert is raised at 1. A curve "
        "that rises for days is a drift: select the device that *Nearest to an alert* names. No curve: the baseline "
        "takes five days after the first reading."
    )
    panel = time_series_panel("Highest CUSUM", description, Target(query, alias="$tag_signal"), limits=_SCORE_LIMIT)
    return panel.decimals(2).min(0).interval("10m")


def _worst_cusum(config: Config) -> bargauge.Panel:
    inner = _selected(Select.of('last("score"::field) AS "n"', source="detector_curves", policy=RAW)).where(_CUSUM)
    inner = inner.during(_LAST_HOURS).group("device", "signal")
    query = Select.of(f'top("n", "device", {_WORST}) AS "CUSUM"', source=inner).during("")
    description = (
        f"The {_WORST} devices with the highest CUSUM now: an alert is raised at 1. Compare each with another device."
    )
    panel = bar_gauge_panel("Nearest to an alert", description, Target(query, "table"))
    panel = panel.transformations([without("Time"), sort_by("CUSUM")]).decimals(2).max(1)
    return with_names(
        panel.thresholds(steps([Threshold(color=GOOD), Threshold(color=LOW, value=1)])), config, device="device"
    )


def _daily_means(signal: str, title: str, unit: str, precision: int) -> timeseries.Panel:
    """Of all devices the highest, the middle and the lowest: twenty curves in one panel show none of them."""
    daily = Select.of(call("mean", signal, "n"), source="days", policy=FACTS)
    daily = (daily if signal == "humidity" else _selected(daily)).group("device", every="1d", fill="none")
    columns = call("max", "n", "Highest"), call("median", "n", "Middle"), call("min", "n", "Lowest")
    query = Select.of(*columns, source=daily).group(every="1d", fill="none")
    description = (
        "The daily means of all devices over four weeks: the highest, the middle and the lowest. One that moves away "
        "from the middle: *Trends* names the device. With one device selected all are the same. A missing day: no "
        "data were received."
    )
    panel = time_series_panel(f"{title}: daily means", description, Target(query, alias="$col"))
    return panel.unit(unit).decimals(precision).time_from(_FOUR_WEEKS)


def _alert_table(title: str, description: str, condition: str, config: Config) -> table.Panel:
    query = _selected(alerts_query().where(condition)).newest(200)
    return alert_table(
        title,
        description,
        query,
        config,
        "Now",
        "At its worst",
        "Course",
        "Bed",
        "Acknowledged by",
        "Acknowledged after",
    )


def _sensor_faults(config: Config) -> table.Panel:
    description = "The same value for too long, or values that differ too much: change the probe."
    return _alert_table("Flatlines, noise and artefacts", description, _SENSOR_FAULTS, config)


def _missing(config: Config) -> table.Panel:
    description = "Data that were not received, and for how long. Check cable, network and power, in this order."
    return _alert_table("Missing devices and signals", description, _MISSING, config)


def _lost(config: Config) -> table.Panel:
    columns = [call("sum", "lost_readings", "Lost"), call("sum", "duplicate_readings", "Duplicates")]
    query = _selected(Select.of(*columns, source="telemetry", policy=RAW)).group("device")
    description = (
        "Readings that a device counted but never delivered, and readings that it sent again. Many of one device: "
        "check its network. *none*: no device counted any."
    )
    panel = table_panel("Lost and duplicate readings", description, Target(query, "table")).no_value(NONE_TEXT)
    for name in ("Lost", "Duplicates"):
        panel = empty_cells(panel, name, "0", decimals=0)
    return with_names(panel.transformations([without("Time"), sort_by("Lost")]), config, device="device")


def _batteries(config: Config) -> bargauge.Panel:
    inner = _selected(Select.of(call("last", "battery", "n"), source="telemetry", policy=RAW))
    inner = inner.during(_LAST_DAY).group("device")
    query = Select.of(f'bottom("n", "device", {_WORST}) AS "%"', source=inner).during("")
    panel = bar_gauge_panel("Batteries", "The lowest of the last day. Below 20 %: plug it in.", Target(query, "table"))
    panel = panel.transformations([without("Time"), sort_by("%", descending=False)])
    panel = panel.unit("percent").min(0).max(100).thresholds(steps(_BATTERY))
    return with_names(panel, config, device="device")


def _clock_skew(config: Config) -> table.Panel:
    query = _selected(Select.of(call("last", "clock_skew", "Slow by"), source="telemetry", policy=RAW))
    query = query.group("device")
    description = (
        "Clocks that were wrong in this time, the slowest first; below 0: fast. Set them. –: all clocks are right."
    )
    panel = table_panel("Clock skew", description, Target(query, "table")).no_value(EMPTY_CELL)
    panel = column(panel, "Slow by", unit="s", decimals=1)
    return with_names(panel.transformations([without("Time"), sort_by("Slow by")]), config, device="device")


def _completeness() -> timeseries.Panel:
    daily = _selected(Select.of(call("mean", "completeness", "n"), source="days", policy=FACTS))
    daily = daily.group("device", every="1d", fill="none")
    columns = call("max", "n", "Highest"), call("median", "n", "Middle"), call("min", "n", "Lowest")
    query = Select.of(*columns, source=daily).group(every="1d", fill="none")
    description = (
        "The share of expected readings received each day: of the devices with most, in the middle and with least. The "
        "lowest alone is low: *All devices today* begins with that device; all are: see *Pipeline*."
    )
    panel = time_series_panel("Completeness by day", description, Target(query, alias="$col"))
    return panel.unit("percentunit").decimals(0).max(1).time_from(_FOUR_WEEKS)


def _all_devices(config: Config) -> table.Panel:
    columns = [
        field("received", "Received today"), field("expected", "Expected so far"),
        field("completeness", "Completeness"),
    ]  # fmt: skip
    query = _selected(Select.of(*columns, source="days", policy=FACTS)).during(_LAST_DAY)
    query = query.group("device", "device_kind", "bed", "imaging_device").newest(1)
    description = "Every device of the inventory that has a place today. 0 %: nothing was received from it."
    panel = table_panel("All devices today", description, Target(query, "table"), count=True)
    panel = column(panel, "Completeness", unit="percentunit", decimals=1)
    for name in ("bed", "imaging_device"):
        panel = empty_cells(panel, name)
    panel = panel.transformations([without("Time"), sort_by("Completeness", descending=False)])
    return with_names(panel, config, bed="bed", device="device", device_kind="device_kind")
