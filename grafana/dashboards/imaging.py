"""The imaging suite: mean humidity by imaging device, highest first; messages; sensors by device, by name; sensors."""

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig

from grafana.layout.dashboard import Cell, Dashboard
from grafana.layout.variables import imaging_device
from grafana.panels.alert_tables import AS_IT_WAS, alert_table, alerts_query
from grafana.panels.builders import bar_gauge_panel, column, stat_panel, steps, table_panel, time_series_panel
from grafana.panels.colours import GOOD
from grafana.panels.limits import limits_text, thresholds
from grafana.panels.transformations import grouped, sort_by, without
from grafana.queries.influxql import RAW, Select, call, field, last_seconds
from grafana.queries.target import Target
from ward.config.config import Config

_NOW = last_seconds(60)  # sums are written every three seconds
_IMAGING = "\"score\"::tag = 'imaging'"  # `score` is also the name of a field
_SUITE = "(\"signal\" = 'humidity' OR \"ward\" = 'imaging')"
_LOGGERS = "\"device_kind\" = 'humidity_logger'"


def dashboard(config: Config) -> Dashboard:
    """Humidity, messages and sensors, now and over time; the results are at most three seconds old."""
    rows = [
        [Cell(_messages(), 6, 5), Cell(_sensors(), 6, 5), Cell(_devices(), 6, 5), Cell(_highest_mean(config), 6, 5)],
        [Cell(_means(config), 12, 26), Cell(_sensors_by_device(), 12, 26)],
        [Cell(_humidity(config), 24, 10)],
        [Cell(_message_rate(), 12, 8), Cell(_sensors_over_time(), 12, 8)],
        [Cell(_alerts(config), 24, 8)],
    ]
    return Dashboard(
        "ward-imaging", "Humidity at imaging devices.", rows, (imaging_device(),),
        headings={0: "Now", 2: "Over time", 4: "Alerts"}, time_from="now-24h", annotations_where=[_SUITE],
    )  # fmt: skip


def _sums(*columns: str) -> Select:
    """The newest sums: one series for each partition of each imaging device, to be added up."""
    query = Select.of(*columns, source="detector_curves", policy=RAW).where(_IMAGING).selected("imaging_device")
    return query.during(_NOW).group("imaging_device", "part")


def _total(stored: str, shown: str) -> Select:
    return Select.of(call("sum", "n", shown), source=_sums(call("last", stored, "n"))).during("")


def _messages() -> stat.Panel:
    description = "All messages of all loggers so far. It must grow every few seconds: if not, see *Pipeline*."
    return stat_panel("Messages", description, Target(_total("count", "Messages"), "table")).unit("locale").decimals(0)


def _sensors() -> stat.Panel:
    description = "Loggers that have ever sent. Fewer than there are: one is off, or sends another imaging device."
    return stat_panel("Sensors", description, Target(_total("sensors", "Sensors"), "table")).unit("locale").decimals(0)


def _devices() -> stat.Panel:
    sensors = Select.of(call("sum", "n", "n"), source=_sums(call("last", "sensors", "n"))).during("")
    query = Select.of(call("count", "n", "Imaging devices"), source=sensors.group("imaging_device")).during("")
    description = "Imaging devices with a logger that has sent. Fewer than there are: the loggers do not send."
    return stat_panel("Imaging devices", description, Target(query, "table"))


def _mean(shown: str) -> Select:
    inner = _sums(call("last", "sum", "s"), call("last", "count", "c"))
    return Select.of(f'sum("s") / sum("c") AS "{shown}"', source=inner).during("").group("imaging_device")


def _highest_mean(config: Config) -> stat.Panel:
    query = Select.of(call("max", "n", "Highest mean"), source=_mean("n")).during("")
    description = (
        f"The highest mean humidity of an imaging device. {limits_text(config, 'humidity')} Above: call building "
        "services."
    )
    panel = stat_panel("Highest mean humidity", description, Target(query, "table"))
    return panel.unit("percent").decimals(1).thresholds(_limits(config))


def _limits(config: Config) -> ThresholdsConfig:
    return steps(thresholds(config, "humidity", GOOD))


def _means(config: Config) -> bargauge.Panel:
    query = Select.of('top("n", "imaging_device", 60) AS "Mean humidity"', source=_mean("n")).during("")
    description = f"Mean of all messages of each imaging device, highest first. {limits_text(config, 'humidity')}"
    panel = bar_gauge_panel("Mean humidity by imaging device", description, Target(query, "table"))
    panel = panel.transformations([without("Time"), sort_by("Mean humidity")]).unit("percent").decimals(1)
    return panel.min(0).max(100).thresholds(_limits(config))


def _sensors_by_device() -> table.Panel:
    query = _sums(field("sensors", "Sensors"), field("names", "Names")).newest(1)
    description = "The loggers of each imaging device, by name. A missing logger has never sent."
    panel = table_panel("Sensors by imaging device", description, Target(query, "table"))
    # One row for each imaging device: the log has its loggers in several partitions.
    panel = panel.transformations([*grouped("imaging_device", Sensors="sum", Names="allValues"), sort_by("Sensors")])
    for name, width in (("Sensors", 80), ("imaging_device", 140)):
        panel = column(panel, name, width=width)
    return panel


def _humidity(config: Config) -> timeseries.Panel:
    """Fifty curves in one panel show none of them: the highest, the middle and the lowest, of one device its own."""
    means = Select.of(call("mean", "humidity", "n"), source="telemetry").where(_LOGGERS).selected("imaging_device")
    means = means.group("imaging_device", every="$__interval", fill="none")
    columns = call("max", "n", "Highest"), call("median", "n", "Middle"), call("min", "n", "Lowest")
    query = Select.of(*columns, source=means).group(every="$__interval", fill="none")
    description = (
        f"The highest, the middle and the lowest mean of all imaging devices. {limits_text(config, 'humidity')} One "
        "moves away from the middle: the room of a device, which *Mean humidity by imaging device* names; all "
        "together: the air conditioning. With one device selected all are the same. A gap: no logger sent."
    )
    target, limits = Target(query, alias="$col"), thresholds(config, "humidity")
    panel = time_series_panel("Humidity over time", description, target, limits=limits)
    return panel.unit("percent").decimals(1).interval("10m")


def _partitions(column_: str) -> Select:
    query = Select.of(column_, source="detector_curves", policy=RAW).where(_IMAGING).selected("imaging_device")
    return query.group("imaging_device", "part", every="$__interval")


def _message_rate() -> timeseries.Panel:
    inner = _partitions('non_negative_derivative(last("count"), 1m) AS "n"')
    query = Select.of(call("sum", "n", "Messages per minute"), source=inner).group(every="$__interval", fill="none")
    description = "Messages of all loggers. The rate is constant: a step down is a gateway that failed, 0 the network."
    panel = time_series_panel("Messages per minute", description, Target(query, alias="$col"))
    return panel.min(0).decimals(1).interval("10m")


def _sensors_over_time() -> timeseries.Panel:
    inner = _partitions(call("last", "sensors", "n"))
    query = Select.of(call("sum", "n", "Sensors"), source=inner).group(every="$__interval", fill="none")
    description = "Loggers that have ever sent. It never falls; the alerts show the loggers that stopped sending."
    panel = time_series_panel("Sensors over time", description, Target(query, alias="$col"))
    return panel.min(0).decimals(0).interval("10m")


def _alerts(config: Config) -> table.Panel:
    query = alerts_query().where(_SUITE).newest(200)
    description = "Humidity too high or too low; loggers silent, stuck or implausible. *none*: there was no alert."
    return alert_table(
        "Alerts of the imaging suite", description, query, config, *AS_IT_WAS, "Acknowledged by", "Acknowledged after"
    )
