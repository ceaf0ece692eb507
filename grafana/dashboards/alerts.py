"""What was asked of people: what is active, how soon it was taken, and where the noise comes from."""

from math import ceil

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.builders.common import StackingConfig
from grafana_foundation_sdk.models.common import GraphDrawStyle, StackingMode, VisibilityMode
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, Threshold

from grafana import palette
from grafana.dashboard import Cell, Dashboard
from grafana.episodes import STANDING, counted, episodes, listed
from grafana.influxql import OVERVIEW, Select, call, field, just
from grafana.panels import bars, curves, number, steps
from grafana.target import Target
from grafana.tile import FRESH
from grafana.transform import ordered, ratio, without
from grafana.variables import bed, ward
from ward.config.config import Config

HOUR = "1h"
_MOST = 10


def dashboard(config: Config) -> Dashboard:
    """Whether alerts are answered, and which of them should never have been raised."""
    tenth = max(1, ceil(len(config.inventory.beds) / 10))
    rows = [
        [Cell(panel, 4, 4) for panel in (_standing(), _free(), _share(), _taken(), _rate(), _tenth_share(tenth))],
        [Cell(_active(), 24, 9)],
        [Cell(_by_hour(), 12, 8), Cell(_times(), 12, 8)],
        [Cell(_beds(tenth), 12, 8), Cell(_rules(), 12, 8)],
        [Cell(_history(), 24, 12)],
    ]
    return Dashboard(
        "ward-alerts", "Active alerts, their history, and how they were answered.", rows, (ward(), bed()),
        since="now-24h", spans=False, resolved=False,
    )  # fmt: skip


def _standing() -> stat.Panel:
    asked = episodes(call("sum", "active", "Active")).chosen("ward", "bed").during(STANDING)
    wrong = "Alerts that are there now, taken or not. Many at once: look for one cause, see *Pipeline*."
    return number("Active", wrong, Target(asked, "table"))


def _free() -> stat.Panel:
    inner = episodes(field("active", "n")).where('"acknowledged" = 0').chosen("ward", "bed").during(STANDING)
    asked = Select.of(call("sum", "n", "Nobody has taken"), source=inner).during("")
    wrong = "Alerts nobody has acknowledged. Not 0 for long: call somebody."
    limits = [Threshold(color=palette.GOOD), Threshold(color=palette.HIGH, value=1)]
    return number("Nobody has taken", wrong, Target(asked, "table")).thresholds(steps(limits))


def _share() -> stat.Panel:
    asked = episodes(call("mean", "acknowledged", "Taken")).where('"notified" = 1').chosen("ward", "bed")
    wrong = (
        "Of the alerts people were told of, how many somebody acknowledged. Low: they are noise, or nobody sees them."
    )
    return number("Share acknowledged", wrong, Target(asked, "table")).unit("percentunit").decimals(0)


def _taken() -> stat.Panel:
    asked = episodes(call("percentile", "ack_after_s", "Half are taken within", 50))
    asked = asked.where('"acknowledged" = 1').chosen("ward", "bed")
    wrong = "Median time from an alert's beginning to its acknowledgement. Long: too few people, or too many alerts."
    return number("Half are taken within", wrong, Target(asked, "table")).unit("s").decimals(0)


def _rate() -> stat.Panel:
    inner = episodes(counted("n")).chosen("ward", "bed").group(every=HOUR, fill="0")
    hourly = Select.of(call("mean", "n", "An hour"), source=inner).during("")
    beds = Select.of(call("last", "beds", "Beds"), source="overview_wards", policy=OVERVIEW)
    beds = beds.chosen("ward").during(just(FRESH))
    wrong = "More than one in two hours: people stop hearing them, the more the more there were in two hours."
    panel = number("Alerts a bed an hour", wrong, Target(hourly, "table"), Target(beds, "table", "B"))
    return panel.transformations(ratio("An hour", "Beds", "A bed an hour")).decimals(2)


def _tenth_share(tenth: int) -> stat.Panel:
    total = episodes(counted("All")).chosen("ward", "bed")
    loud = Select.of(call("sum", "n", "Loud"), source=_loudest(tenth)).during("")
    wrong = (
        f"Of all alerts, those of the {tenth} noisiest beds. Above half: set limits for these patients, not for all."
    )
    panel = number("Of the noisiest tenth", wrong, Target(loud, "table"), Target(total, "table", "B"))
    return panel.transformations(ratio("Loud", "All", "Of the noisiest tenth")).unit("percentunit").decimals(0)


def _loudest(tenth: int) -> Select:
    inner = episodes(counted("n")).where("\"bed\" != ''").chosen("ward", "bed").group("bed")
    return Select.of(f'top("n", "bed", {tenth}) AS "n"', source=inner).during("")


def _active() -> table.Panel:
    asked = episodes().where('"active" = 1').chosen("ward", "bed").during(STANDING).newest(200)
    wrong = "What is there now, newest first. One that nobody can take away: its signal is lost, see the bed."
    return listed("Active now", wrong, asked, "Ended", "Lasted")


def _history() -> table.Panel:
    asked = episodes().chosen("ward", "bed").newest(500)
    return listed("History", "Alerts that began in this time. *signal lost* or *discharged* is no recovery.", asked)


def _by_hour() -> timeseries.Panel:
    said = [call("sum", name, word) for name, (word, _) in palette.SEVERITIES.items()]
    asked = episodes(*said).chosen("ward", "bed").group(every=HOUR, fill="0")
    wrong = "Alerts that began in each hour. A step up after an edit of config: look at *Noisiest rules*."
    panel = curves("Alerts an hour", wrong, Target(asked, alias="$col")).stacking(
        StackingConfig().mode(StackingMode.NORMAL)
    )
    for word, colour in palette.SEVERITIES.values():
        panel = panel.override_by_name(word, [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})])
    return panel.draw_style(GraphDrawStyle.BARS).fill_opacity(80).interval(HOUR)


def _times() -> timeseries.Panel:
    said = [
        call("percentile", "ack_after_s", "Half within", 50),
        call("percentile", "ack_after_s", "9 of 10 within", 90),
    ]
    asked = episodes(*said).where('"acknowledged" = 1').chosen("ward", "bed").group(every=HOUR, fill="null")
    wrong = "From the beginning of an alert to its acknowledgement, by the hour it began. A gap: nobody took any."
    panel = curves("Time to acknowledge", wrong, Target(asked, alias="$col")).unit("s").decimals(0).axis_soft_min(0)
    return panel.show_points(VisibilityMode.ALWAYS).interval(HOUR)


def _beds(tenth: int) -> bargauge.Panel:
    wrong = f"The {tenth} of all beds with most alerts. Ask whether their limits suit these patients: `overrides`."
    asked = _loudest(tenth)
    panel = bars("The noisiest tenth of the beds", wrong, Target(asked, "table"))
    return panel.transformations([without("Time"), ordered("n")])


def _rules() -> bargauge.Panel:
    inner = episodes(counted("n")).chosen("ward", "bed").group("alertname")
    asked = Select.of(f'top("n", "alertname", {_MOST}) AS "Alerts"', source=inner).during("")
    wrong = "Try other limits on the past before you change them: `wardwatch rules backtest --compare`."
    return bars("Noisiest rules", wrong, Target(asked, "table")).transformations([without("Time"), ordered("Alerts")])
