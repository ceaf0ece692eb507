"""The devices: which of them stray, stand still, fall silent, run down or have a wrong clock."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.builders.common import VizLegendOptions
from grafana_foundation_sdk.models.common import LegendDisplayMode, LegendPlacement
from grafana_foundation_sdk.models.dashboard import Threshold

from grafana import palette
from grafana.dashboard import Cell, Dashboard
from grafana.episodes import STANDING, episodes, listed
from grafana.influxql import FACTS, RAW, Select, call, field, just
from grafana.panels import bars, column, curves, empty, number, rows, steps
from grafana.target import Target
from grafana.transform import ordered, without
from grafana.variables import device, ward
from ward.config.config import Config

_HOURLY = just(3 * 3600)  # trends are made once an hour
_FOUR_WEEKS = "28d"
_LIMIT = [Threshold(color="transparent"), Threshold(color=palette.LOW, value=1)]
_CHARGE = [
    Threshold(color=palette.HIGH), Threshold(color=palette.MEDIUM, value=10), Threshold(color=palette.GOOD, value=20),
]  # fmt: skip
_STUCK = '"alertname" =~ /^stuck-|^noisy-|^artefacts$/'
_CUSUM = "\"score\"::tag = 'cusum'"  # there is a field of that name too
_GONE = '"alertname" =~ /^device-|^signal-missing$|^readings-/'


def dashboard(_: Config) -> Dashboard:
    """What the people of equipment management look at in the morning."""
    cells = [
        [Cell(panel, 4, 4) for panel in (_straying(), _standing(), _silent(), _batteries(), _clocks(), _whole())],
        [Cell(_trends(), 24, 8)],
        [Cell(_cusum(), 12, 9), Cell(_daily("temperature", "Body temperature", "celsius", 2), 12, 9)],
        [Cell(_still(), 12, 8), Cell(_away(), 12, 8)],
        [Cell(_lost(), 8, 9), Cell(_charge(), 8, 9), Cell(_skew(), 8, 9)],
        [Cell(_daily("humidity", "Humidity at loggers", "percent", 1), 12, 9), Cell(_complete(), 12, 9)],
        [Cell(_heard(), 24, 9)],
    ]
    bands = {
        0: "This morning",
        1: "Drift over weeks",
        3: "Sensors and links",
        4: "Gaps, batteries and clocks",
        6: "All",
    }
    return Dashboard(
        "ward-fleet", "Each device: drift, flatlines, gaps, battery and clock.", cells, (ward(), device("days")),
        bands=bands, since="now-7d", refresh="1m", spans=False,
    )  # fmt: skip


def _mine(asked: Select) -> Select:
    return asked.chosen("ward", "device")


def _count(title: str, wrong: str, asked: Select) -> stat.Panel:
    limits = [Threshold(color=palette.GOOD), Threshold(color=palette.LOW, value=1)]
    panel = number(title, f"{wrong} *none*: there never was such an alert.", Target(asked, "table"))
    return panel.thresholds(steps(limits)).mappings([palette.no_data("none", palette.GOOD)]).no_value("none")


def _straying() -> stat.Panel:
    inner = _mine(Select.of(call("last", "significant", "n"), source="trends", policy=FACTS)).during(_HOURLY)
    inner = inner.group("device", "signal")
    asked = Select.of(call("sum", "n", "Straying"), source=inner).during("")
    limits = [Threshold(color=palette.GOOD), Threshold(color=palette.LOW, value=1)]
    wrong = (
        "Signals whose daily means go one way, beyond chance. Compare the device with another one; a patient who gets "
        "better or worse strays too. NO DATA: the program `rollups` does not run, or has not run for five days."
    )
    return number("Straying", wrong, Target(asked, "table")).thresholds(steps(limits))


def _active(condition: str) -> Select:
    return _mine(episodes(call("sum", "active", "Now")).where(condition)).during(STANDING)


def _standing() -> stat.Panel:
    return _count(
        "Not to be trusted", "Sensors stuck or noisy now: see the list below, change the probe.", _active(_STUCK)
    )


def _silent() -> stat.Panel:
    return _count("Silent or away", "Devices or signals missing now: look at cable, network and plug.", _active(_GONE))


def _batteries() -> stat.Panel:
    inner = _mine(Select.of(call("last", "battery", "battery"), source="telemetry", policy=RAW)).during(just(3600))
    asked = Select.of(call("min", "battery", "Lowest"), source=inner.group("device")).during("")
    wrong = "The emptiest battery heard of within the hour. Below 20 %: find the plug. NO DATA: no device tells."
    return number("Emptiest battery", wrong, Target(asked, "table")).thresholds(steps(_CHARGE)).unit("percent")


def _clocks() -> stat.Panel:
    return _count(
        "Clocks wrong", "Devices whose clock is off: set it, or their readings are filed under another time.",
        _active('"alertname" =~ /^clock-/'),
    )  # fmt: skip


def _whole() -> stat.Panel:
    newest = _mine(Select.of(call("last", "expected"), call("last", "received"), source="days", policy=FACTS))
    newest = newest.during(just(86_400)).group("device", "bed")
    asked = Select.of('sum("received") / sum("expected") AS "Came today"', source=newest).during("")
    limits = [
        Threshold(color=palette.MEDIUM),
        Threshold(color=palette.LOW, value=0.9),
        Threshold(color=palette.GOOD, value=0.98),
    ]
    wrong = "Of the readings that should have come today, how many did. Low: see *Completeness* for the devices."
    return number("Came today", wrong, Target(asked, "table")).thresholds(steps(limits)).unit("percentunit").decimals(1)


def _trends() -> table.Panel:
    shown = [
        field("level", "Is at"), field("per_day", "A day"), field("error", "± a day"), field("days", "Through days"),
        field("significant", "No chance"), field("limit", "Limit ahead"), field("crosses_in_d", "There in"),
        field("crosses_ms", "On"),
    ]  # fmt: skip
    asked = _mine(Select.of(*shown, source="trends", policy=FACTS)).where('"days" >= 5').during(_HOURLY)
    asked = asked.group("device", "signal").newest(1)
    wrong = (
        "A straight line through up to four weeks of daily means, the surest first. *No chance*: the change is beyond "
        "five of its errors. Have the device compared before the day it would cross its limit."
    )
    panel = rows("Where devices are going", wrong, Target(asked, "table"))
    panel = panel.transformations([ordered("No chance"), without("Time")])
    panel = column(
        panel, "No chance", palette.words({"0": ("may be chance", palette.EMPTY), "1": ("drifts", palette.LOW)})
    )
    panel = empty(panel, "There in", unit="suffix: d", decimals=0)
    panel = empty(panel, "Limit ahead", "none")
    panel = empty(panel, "On", unit="dateTimeAsIso")
    for name in ("Is at", "A day", "± a day"):
        panel = column(panel, name, decimals=3)
    return panel


def _many(title: str, wrong: str, *targets: Target, limits: Sequence[Threshold] = ()) -> timeseries.Panel:
    """Curves of so many devices that their names are all a legend has room for."""
    names = VizLegendOptions().show_legend(True).placement(LegendPlacement.RIGHT).display_mode(LegendDisplayMode.LIST)
    return curves(title, wrong, *targets, limits=limits).legend(names.calcs([]))


def _cusum() -> timeseries.Panel:
    asked = _mine(Select.of('max("score"::field) AS "CUSUM"', source="scores", policy=RAW)).where(_CUSUM)
    asked = asked.group("device", "signal", every="$__interval", fill="null")
    wrong = (
        "How far the sum of small deviations has come: at 1 it is an alert. One that climbs for days is a drift; all "
        "at once are a change in the ward. Nothing: it still learns, five days after a device is first heard."
    )
    panel = _many("CUSUM of each device", wrong, Target(asked, alias="$tag_device $tag_signal"), limits=_LIMIT)
    return panel.decimals(2).min(0).interval("10m")


def _daily(signal: str, title: str, unit: str, precision: int) -> timeseries.Panel:
    asked = Select.of(call("mean", signal), source="days", policy=FACTS)
    asked = (asked if signal == "humidity" else _mine(asked)).group("device", every="1d", fill="none")
    wrong = (
        "Each device's mean of each day, four weeks of them. A line that leaves the others by itself is its device; "
        "a day that is missing, nothing came."
    )
    panel = _many(f"{title}, day by day", wrong, Target(asked, alias="$tag_device")).unit(unit).decimals(precision)
    return panel.time_from(_FOUR_WEEKS)


def _listed(title: str, wrong: str, condition: str) -> table.Panel:
    asked = _mine(episodes().where(condition)).newest(200)
    return listed(title, wrong, asked, "Why", "Taken by", "Taken after")


def _still() -> table.Panel:
    return _listed(
        "Flatlines, noise and artefacts", "The same value for too long, or too unlike: change the probe.", _STUCK
    )


def _away() -> table.Panel:
    return _listed(
        "Gaps and silences", "What did not come, and for how long: cable, network, plug, in this order.", _GONE
    )


def _ranked(title: str, wrong: str, inner: Select, shown: str, last: bool = False) -> bargauge.Panel:
    ranked = "bottom" if last else "top"
    asked = Select.of(f'{ranked}("n", "device", 12) AS "{shown}"', source=inner).during("")
    return bars(title, wrong, Target(asked, "table")).transformations(
        [without("Time"), ordered(shown, descending=not last)]
    )


def _lost() -> table.Panel:
    shown = [call("sum", "lost_readings", "Lost"), call("sum", "duplicate_readings", "Repeated")]
    asked = _mine(Select.of(*shown, source="telemetry", policy=RAW)).group("device")
    wrong = (
        "Readings that devices counted and never delivered, and those they sent again. Many of one: its network. NO "
        "DATA: none was, which is as it should be."
    )
    panel = rows("Lost and repeated", wrong, Target(asked, "table"))
    for shown_as in ("Lost", "Repeated"):
        panel = empty(panel, shown_as, "0", decimals=0)
    return panel.transformations([without("Time"), ordered("Lost")])


def _charge() -> bargauge.Panel:
    inner = _mine(Select.of(call("last", "battery", "n"), source="telemetry", policy=RAW)).during(just(86_400))
    panel = _ranked(
        "Battery",
        "The emptiest first, of the last day. Below 20 %: find the plug.",
        inner.group("device"),
        "%",
        last=True,
    )
    return panel.unit("percent").min(0).max(100).thresholds(steps(_CHARGE))


def _skew() -> timeseries.Panel:
    asked = _mine(Select.of(call("mean", "clock_skew"), source="telemetry")).group(
        "device", every="$__interval", fill="none"
    )
    wrong = (
        "By how many seconds a device's clock is behind (above 0) or ahead. A line that rises is a clock that is slow: "
        "set it. NO DATA: all clocks are right."
    )
    return curves("Clock skew", wrong, Target(asked, alias="$tag_device")).unit("s").decimals(1)


def _complete() -> timeseries.Panel:
    asked = _mine(Select.of(call("mean", "completeness"), source="days", policy=FACTS)).group(
        "device", every="1d", fill="none"
    )
    wrong = "Of what should have come each day, how much did. One device low: its network; all of them: see *Pipeline*."
    panel = _many("Completeness, day by day", wrong, Target(asked, alias="$tag_device")).unit("percentunit").max(1)
    return panel.time_from(_FOUR_WEEKS)


def _heard() -> table.Panel:
    asked = Select.of(
        field("received", "Came today"), field("expected", "Expected by now"), field("completeness", "Complete"),
        source="days", policy=FACTS,
    )  # fmt: skip
    asked = _mine(asked).during(just(86_400)).group("device", "device_kind", "bed", "imaging_device").newest(1)
    wrong = "Every device of the inventory that is anywhere today. 0 %: it has not said a word."
    panel = rows("All devices today", wrong, Target(asked, "table"), count=True)
    panel = column(panel, "Complete", unit="percentunit", decimals=1)
    for shown_as in ("bed", "imaging_device"):
        panel = empty(panel, shown_as)
    return panel.transformations([without("Time"), ordered("Complete", descending=False)])
