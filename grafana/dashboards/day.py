"""A day of the hospital, any day: who was watched, what was measured, what was found, how much of it came."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.builders.common import StackingConfig
from grafana_foundation_sdk.models.common import GraphDrawStyle, StackingMode
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, Threshold

from grafana import palette
from grafana.dashboard import Cell, Dashboard
from grafana.episodes import episodes
from grafana.influxql import FACTS, Select, call, field
from grafana.panels import bars, column, curves, empty, number, rows, steps
from grafana.target import Target
from grafana.tile import SHORT
from grafana.transform import ordered, without
from grafana.variables import ward
from ward.config.config import Config
from ward.signals import Signal

_FEWER = "NO DATA: the program `rollups` did not run since that day, or nobody was watched."
_COUNTS = (
    ("patients", "Patients watched", "Patients who lay in a bed of the ward."),
    ("admitted", "Admitted", "Patients who came to a bed of the ward."),
    ("discharged", "Discharged", "Patients who left a bed of the ward."),
    ("watched", "Beds watched", "Beds that any vital sign came from. Fewer than there are: look at *Completeness*."),
)


def dashboard(config: Config) -> Dashboard:
    """Pick a day in the time picker: days are those of UTC, as they are made. Several days are added up by day."""
    vitals = list(config.catalogue.vitals())
    cells = [
        [*(Cell(_count(*count), 4, 4) for count in _COUNTS), Cell(_complete(), 4, 4), Cell(_alerts(), 4, 4)],
        [Cell(_wards(vitals), 24, 6)],
        *_pairs([Cell(_vital(signal), 12, 7) for signal in vitals]),
        [Cell(_severities(), 12, 8), Cell(_by_hour(), 12, 8)],
        [Cell(_worst_hours(), 8, 9), Cell(_rules(), 8, 9), Cell(_incomplete(), 8, 9)],
    ]
    bands = {0: "The day", 2: "What was measured, hour by hour", 2 + (len(vitals) + 1) // 2: "What was found"}
    return Dashboard(
        "ward-day", "Statistics of a day, today's or any other's.", cells, (ward(),), bands=bands, since="now/d",
        until="now/d", refresh="5m", zone="utc", spans=False, resolved=False,
    )  # fmt: skip


def _pairs(cells: list[Cell]) -> Iterator[list[Cell]]:
    for first in range(0, len(cells), 2):
        yield cells[first : first + 2]


def _days(*shown: str) -> Select:
    return Select.of(*shown, source="ward_days", policy=FACTS).chosen("ward")


def _count(stored: str, shown: str, wrong: str) -> stat.Panel:
    newest = _days(call("last", stored, "n")).group("ward")
    asked = Select.of(call("sum", "n", shown), source=newest).during("")
    return number(shown, f"{wrong} {_FEWER}", Target(asked, "table")).decimals(0).thresholds(steps(_QUIET))


_COMPLETE = [
    Threshold(color=palette.MEDIUM), Threshold(color=palette.LOW, value=0.9), Threshold(color=palette.GOOD, value=0.98)
]  # fmt: skip
_QUIET = [Threshold(color=palette.EMPTY)]


def _complete() -> stat.Panel:
    asked = _days('sum("received") / sum("expected") AS "Complete"')
    wrong = f"Of the readings that should have come, how many did. Low: see which devices below. {_FEWER}"
    return (
        number("Completeness", wrong, Target(asked, "table"))
        .unit("percentunit")
        .decimals(1)
        .thresholds(steps(_COMPLETE))
    )


def _alerts() -> stat.Panel:
    asked = episodes(call("count", "level", "Alerts")).chosen("ward")
    wrong = "Alerts that began that day. Above twelve a bed, people stop hearing them: see *Noisiest rules*."
    return number("Alerts", wrong, Target(asked, "table")).decimals(0).thresholds(steps(_QUIET))


def _wards(vitals: list[Signal]) -> table.Panel:
    shown = [field("patients", "Patients"), field("watched", "Beds watched"), field("completeness", "Complete")]
    for signal in vitals:
        shown += [field(f"{signal.name}{end}", f"{_short(signal)} {word}") for end, word in _PARTS]
    wrong = f"Each ward and day: mean, least and most of each vital sign, over all readings. {_FEWER}"
    panel = rows("Wards", wrong, Target(_days(*shown).group("ward"), "table"))
    panel = column(panel, "Time", unit="time:YYYY-MM-DD", width=100)
    # All of it is to be seen at 1920 pixels.
    for name, width in (("ward", 100), ("Patients", 80), ("Beds watched", 110)):
        panel = column(panel, name, width=width)
    panel = column(panel, "Complete", unit="percentunit", decimals=1, width=90)
    for signal in vitals:
        for _, word in _PARTS:
            precision = signal.precision + (word == "ø")
            panel = empty(panel, f"{_short(signal)} {word}", decimals=precision, width=75)
    return panel


_ROLLED = (("count", "c"), ("min", "low"), ("max", "high"))
_PARTS = (("", "ø"), ("_min", "min"), ("_max", "max"))


def _short(signal: Signal) -> str:
    return SHORT.get(signal.name, signal.label)


def _vital(signal: Signal) -> timeseries.Panel:
    weighed = f'"{signal.name}" * "{signal.name}_count" AS "w"'
    inner = Select.of(
        weighed, *(field(f"{signal.name}_{part}", shown) for part, shown in _ROLLED), source="vitals", policy="hours"
    )
    by = inner.chosen("ward").group("ward")
    asked = Select.of(
        'sum("w") / sum("c") AS "mean"', call("min", "low", "least"), call("max", "high", "most"), source=by
    ).group("ward", every="1h", fill="none")
    wrong = (
        f"Mean, least and most {signal.label.lower()} of each ward, hour by hour. A most or least that no patient can "
        "have is a sensor: see *Devices and drift*. NO DATA: no hour is made yet."
    )
    panel = curves(signal.label, wrong, Target(asked, alias="$tag_ward $col")).decimals(signal.precision)
    return panel.unit(f"suffix: {signal.display}").interval("1h")


def _severities() -> bargauge.Panel:
    asked = episodes(*(call("sum", name, word) for name, (word, _) in palette.SEVERITIES.items())).chosen("ward")
    wrong = "Alerts that began that day, by how soon somebody had to come. Many HIGH: ask the ward what it needs."
    panel = bars("Alerts by severity", wrong, Target(asked, "table")).transformations([without("Time")])
    for word, colour in palette.SEVERITIES.values():
        panel = panel.override_by_name(word, [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})])
    return panel.decimals(0).min(0)


def _by_hour() -> timeseries.Panel:
    said = [call("sum", name, word) for name, (word, _) in palette.SEVERITIES.items()]
    asked = episodes(*said).chosen("ward").group(every="1h", fill="0")
    wrong = "Alerts that began in each hour. The same hour every day: a round, a theatre list, a handover."
    panel = curves("Alerts an hour", wrong, Target(asked, alias="$col"))
    for word, colour in palette.SEVERITIES.values():
        panel = panel.override_by_name(word, [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})])
    panel = panel.stacking(StackingConfig().mode(StackingMode.NORMAL)).draw_style(GraphDrawStyle.BARS)
    return panel.fill_opacity(80).interval("1h").mappings([])


def _worst_hours() -> table.Panel:
    inner = episodes(call("count", "level", "n")).chosen("ward").group("ward", every="1h", fill="none")
    asked = Select.of('top("n", 10) AS "Alerts"', field("ward", "Ward"), source=inner)
    wrong = "The hours with most alerts. Look at what happened then: *Alerts*, with that hour in the time picker."
    panel = rows("Worst hours", wrong, Target(asked, "table")).transformations([ordered("Alerts")])
    return empty(column(panel, "Time", unit="dateTimeAsIso"), "Ward", "none")


def _rules() -> bargauge.Panel:
    inner = episodes(call("count", "level", "n")).chosen("ward").group("alertname")
    asked = Select.of('top("n", "alertname", 10) AS "Alerts"', source=inner).during("")
    wrong = "Which rules these alerts came from. Try other limits on the past first: `wardwatch rules backtest`."
    panel = bars("Noisiest rules", wrong, Target(asked, "table"))
    return panel.transformations([without("Time"), ordered("Alerts")]).min(0)


def _incomplete() -> bargauge.Panel:
    inner = Select.of(call("mean", "completeness", "n"), source="days", policy=FACTS).chosen("ward").group("device")
    asked = Select.of('bottom("n", "device", 10) AS "Complete"', source=inner).during("")
    wrong = f"The devices of which least came of what should have. Look at cable, network and plug. {_FEWER}"
    panel = (
        bars("Least complete", wrong, Target(asked, "table"))
        .unit("percentunit")
        .min(0)
        .max(1)
        .decimals(1)
        .thresholds(steps(_COMPLETE))
    )
    return panel.transformations([without("Time"), ordered("Complete", descending=False)])
