"""One bed over hours to days: curves with limits and alerts, the last readings, what was found and why."""

from collections.abc import Iterator, Sequence

from grafana_foundation_sdk.builders import table, timeseries
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from grafana import palette
from grafana.dashboard import Cell, Dashboard
from grafana.episodes import episodes, listed
from grafana.influxql import DASHBOARD_TIME, OVERVIEW, RAW, Select, call, chosen, field, just
from grafana.limits import spoken, thresholds
from grafana.panels import column, curves, empty, in_sight, rows
from grafana.target import Target
from grafana.tile import FRESH
from grafana.transform import latest, without
from grafana.units import unit
from grafana.variables import WHOLE, bed, ward
from ward.config.config import Config
from ward.signals import Signal

LAST = 20


def dashboard(config: Config) -> Dashboard:
    """Opened from the overview or from an alert."""
    vitals = config.catalogue.vitals()
    drawn = [Cell(_curve(config, signal), 8, 8) for signal in vitals]
    lists = [Cell(_last(signal), 24 // len(vitals), 12) for signal in vitals]
    rows_ = [[Cell(_now(), 24, 4)], *_threes(drawn), [Cell(_alerts(), 24, 8)], lists, [Cell(_device(), 24, 5)]]
    return Dashboard(
        "ward-bed", "One bed over hours to days: choose it above.", rows_, (ward(), bed()), since="now-6h"
    )  # fmt: skip


def _threes(cells: Sequence[Cell]) -> Iterator[Sequence[Cell]]:
    for first in range(0, len(cells), 3):
        yield cells[first : first + 3]


def _now() -> table.Panel:
    columns = field("bed_name", "Bed"), field("priority", "State"), field("words", "In words"), field("since_s", "For")
    asked = Select.of(*columns, field("unacknowledged", "Nobody has taken"), source="overview", policy=OVERVIEW)
    asked = asked.chosen("bed").where(ward=WHOLE).during(just(FRESH)).group("place").newest(1)
    panel = rows(
        "Now", "The bed as the wall shows it. Empty: nothing has been written for 10 s, look at the patient.",
        Target(asked, "table"),
    ).transformations(latest("Bed", "State", "In words", "For", "Nobody has taken"))  # fmt: skip
    panel = column(panel, "State", palette.words(palette.PRIORITIES), width=200)
    return column(column(column(panel, "For", unit="s", width=110), "Bed", width=160), "Nobody has taken", width=150)


def _curve(config: Config, signal: Signal) -> timeseries.Panel:
    """The mean of each bucket of time, and the lowest and highest in it: a mean alone hides a short fall."""
    name = signal.name
    asked = Select.of(  # the mean last: drawn over the others
        call("min", name, "Lowest"), call("max", name, "Highest"), call("mean", name, signal.label),
        source=signal.measurement,
    ).chosen("ward", "bed").group("bed", every="$__interval", fill="null")  # fmt: skip
    limits = thresholds(config, name)
    panel = curves(
        signal.label,
        f"{spoken(config, name)} Limits are drawn for everyone. A gap: nothing was measured, see *Device*. "
        "Grey: lowest and highest in each point of a curve; beyond 6 h of means by minute or hour.",
        Target(asked, alias="$tag_bed $col"),
        limits=limits,
    )
    faint = [
        DynamicConfigValue("custom.lineWidth", 1), DynamicConfigValue("custom.showPoints", "never"),
        DynamicConfigValue("color", {"mode": "fixed", "fixedColor": "#6e7680"}),
        DynamicConfigValue("custom.hideFrom", {"legend": True, "tooltip": False, "viz": False}),
    ]  # fmt: skip
    panel = panel.override_by_regexp("/(Lowest|Highest)$/", faint)
    return in_sight(panel, limits).unit(unit(signal.display)).decimals(signal.precision).interval("5s")


def _last(signal: Signal) -> table.Panel:
    asked = Select.of(field("bed", "Bed"), field(signal.name, signal.display or signal.label),
                      source=signal.measurement, policy=RAW)  # fmt: skip
    asked = asked.chosen("ward", "bed").where(f'"{signal.name}" >= {_least(signal)}').newest(LAST)
    panel = rows(
        f"Last {LAST}: {signal.label}", "The newest single readings, none of them a mean. Old ones: see *Device*.",
        Target(asked, "table"),
    )  # fmt: skip
    panel = column(column(panel, "Time", unit="time:HH:mm:ss", width=85), "Bed", width=85)
    return column(panel, signal.display or signal.label, decimals=signal.precision, minWidth=50)


def _least(signal: Signal) -> float:
    """Below everything there can be: a reading without this signal is not one of its last twenty."""
    return min(-1e9, signal.low)


def _alerts() -> table.Panel:
    asked = episodes().chosen("ward", "bed").newest(100)
    return listed(
        "Alerts that began in this time", "Each with why it was raised and how it ended. *signal lost* is no recovery.",
        asked,
    )  # fmt: skip


def _device() -> table.Panel:
    known = (
        call("last", "online", "Connected"), call("last", "battery", "Battery"), call("sum", "lost_readings", "Lost"),
        call("sum", "duplicate_readings", "Repeated"), call("last", "clock_skew", "Clock differs by"),
    )  # fmt: skip
    asked = Select.of(*known, source="telemetry", policy=RAW).where(chosen("ward"), chosen("bed"))
    asked = asked.during(DASHBOARD_TIME).group("device", "device_kind")
    panel = rows(
        "Device", "Off line: its network or its plug. Battery low: plug it in. Readings lost: its link is poor. "
        "A clock that differs: set it, or its readings are told late.",
        Target(asked, "table"),
    ).with_transformation(without("Time"))  # fmt: skip
    state = {"1": ("connected", palette.GOOD), "0": ("OFF LINE", palette.LOST)}
    panel = column(panel, "Connected", palette.words(state), palette.no_data("not told in this time", palette.EMPTY))
    for name in ("Lost", "Repeated", "Clock differs by"):
        panel = empty(panel, name, "none")
    return column(column(panel, "Battery", unit="percent"), "Clock differs by", unit="s", decimals=1)
