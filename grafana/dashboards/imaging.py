"""The imaging suite: mean humidity by machine, highest first; messages; sensors by machine, by name; sensors in all."""

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig

from grafana import palette
from grafana.dashboard import Cell, Dashboard
from grafana.episodes import episodes, listed
from grafana.influxql import RAW, Select, call, field, just
from grafana.limits import spoken, thresholds
from grafana.panels import bars, column, curves, number, rows, steps
from grafana.target import Target
from grafana.transform import ordered, without
from grafana.variables import imaging_device
from ward.config.config import Config

_NOW = just(60)  # sums come every three seconds
_IMAGING = "\"score\"::tag = 'imaging'"  # there is a field of that name too
_SUITE = "(\"signal\" = 'humidity' OR \"ward\" = 'imaging')"
_LOGGERS = "\"device_kind\" = 'humidity_logger'"


def dashboard(config: Config) -> Dashboard:
    """The four analyses, now and over time; a result is three seconds old at most."""
    cells = [
        [Cell(_messages(), 6, 5), Cell(_sensors(), 6, 5), Cell(_machines(), 6, 5), Cell(_dampest(config), 6, 5)],
        [Cell(_means(config), 12, 26), Cell(_names(), 12, 26)],
        [Cell(_over_time(config), 24, 10)],
        [Cell(_rate(), 12, 8), Cell(_counted(), 12, 8)],
        [Cell(_alerts(), 24, 8)],
    ]
    bands = {0: "Now", 2: "Over time", 4: "What was found"}
    return Dashboard(
        "ward-imaging", "Humidity at imaging machines.", cells, (imaging_device(),), bands=bands, since="now-24h",
        spans_of=[_SUITE],
    )  # fmt: skip


def _sums(*shown: str) -> Select:
    """The newest sum of each part of each machine: parts add up."""
    asked = Select.of(*shown, source="scores", policy=RAW).where(_IMAGING).chosen("imaging_device")
    return asked.during(_NOW).group("imaging_device", "part")


def _total(stored: str, shown: str) -> Select:
    return Select.of(call("sum", "n", shown), source=_sums(call("last", stored, "n"))).during("")


def _messages() -> stat.Panel:
    wrong = "All messages of all loggers so far. It must grow every few seconds: else see *Pipeline*."
    return number("Messages", wrong, Target(_total("count", "Messages"), "table")).unit("locale").decimals(0)


def _sensors() -> stat.Panel:
    wrong = "Loggers heard of so far. Fewer than you have: one was never switched on, or names another machine."
    return number("Sensors", wrong, Target(_total("sensors", "Sensors"), "table")).unit("locale").decimals(0)


def _machines() -> stat.Panel:
    each = (
        Select.of(call("sum", "n", "n"), source=_sums(call("last", "sensors", "n"))).during("").group("imaging_device")
    )
    asked = Select.of(call("count", "n", "Machines"), source=each).during("")
    return number(
        "Machines",
        "Machines with a logger that was heard of. Fewer than you have: its loggers are silent.",
        Target(asked, "table"),
    )


def _mean(shown: str) -> Select:
    inner = _sums(call("last", "sum", "s"), call("last", "count", "c"))
    return Select.of(f'sum("s") / sum("c") AS "{shown}"', source=inner).during("").group("imaging_device")


def _dampest(config: Config) -> stat.Panel:
    asked = Select.of(call("max", "n", "Dampest"), source=_mean("n")).during("")
    wrong = f"The highest mean of a machine. {spoken(config, 'humidity')} Above: call building services."
    return number("Dampest room", wrong, Target(asked, "table")).unit("percent").decimals(1).thresholds(_limits(config))


def _limits(config: Config) -> ThresholdsConfig:
    return steps(thresholds(config, "humidity", palette.GOOD))


def _means(config: Config) -> bargauge.Panel:
    asked = Select.of('top("n", "imaging_device", 60) AS "Mean humidity"', source=_mean("n")).during("")
    wrong = f"Mean of all messages of each machine, highest first. {spoken(config, 'humidity')}"
    panel = bars("Mean humidity by machine", wrong, Target(asked, "table"))
    panel = panel.transformations([without("Time"), ordered("Mean humidity")]).unit("percent").decimals(1)
    return panel.min(0).max(100).thresholds(_limits(config))


def _names() -> table.Panel:
    asked = _sums(field("sensors", "Sensors"), field("names", "By name")).newest(1)
    wrong = "The loggers of each machine, by name. A line a partition of the log; one that is missing was never heard."
    panel = rows("Sensors by machine", wrong, Target(asked, "table")).transformations(
        [without("Time"), ordered("Sensors")]
    )
    for name, width in (("Sensors", 80), ("imaging_device", 120), ("part", 60)):
        panel = column(panel, name, width=width)
    return panel


def _over_time(config: Config) -> timeseries.Panel:
    asked = Select.of(call("mean", "humidity"), source="telemetry").where(_LOGGERS).chosen("imaging_device")
    asked = asked.group("imaging_device", every="$__interval", fill="none")
    wrong = (
        f"Mean of the loggers of each machine. {spoken(config, 'humidity')} One machine alone: its room; all together: "
        "the air conditioning. A line that ends: its loggers are silent."
    )
    panel = curves(
        "Humidity over time", wrong, Target(asked, alias="$tag_imaging_device"), limits=thresholds(config, "humidity")
    )
    return panel.unit("percent").decimals(1).interval("10m")


def _parts(shown: str) -> Select:
    asked = Select.of(shown, source="scores", policy=RAW).where(_IMAGING)
    return asked.chosen("imaging_device").group("imaging_device", "part", every="$__interval")


def _rate() -> timeseries.Panel:
    grown = _parts('non_negative_derivative(last("count"), 1m) AS "n"')
    asked = Select.of(call("sum", "n", "Messages a minute"), source=grown).group(every="$__interval", fill="none")
    wrong = "Messages of all loggers a minute. It is even: a step down is a gateway that is gone, 0 is the network."
    return curves("Messages a minute", wrong, Target(asked, alias="$col")).min(0).decimals(1).interval("10m")


def _counted() -> timeseries.Panel:
    asked = Select.of(call("sum", "n", "Sensors"), source=_parts(call("last", "sensors", "n"))).group(
        every="$__interval", fill="none"
    )
    wrong = "Loggers heard of. It only grows, as a logger that is silent is still a logger; see the alerts for those."
    return curves("Sensors", wrong, Target(asked, alias="$col")).min(0).decimals(0).interval("10m")


def _alerts() -> table.Panel:
    asked = episodes().where(_SUITE).newest(200)
    wrong = "Rooms too damp or too dry, loggers silent, stuck or not to be believed. *none*: nothing was found."
    return listed("Alerts of the suite", wrong, asked, "Taken by", "Taken after").no_value("none")
