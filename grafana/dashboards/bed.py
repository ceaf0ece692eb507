"""One bed over hours to days: curves with limits and alerts, the last readings, what was found and why."""

from collections.abc import Iterator

from grafana.dashboard import Cell, Dashboard
from grafana.influxql import Select, call
from grafana.limits import spoken, thresholds
from grafana.panels import curves
from grafana.target import Target
from grafana.units import unit
from grafana.variables import bed, ward
from ward.config.config import Config
from ward.signals import Signal


def dashboard(config: Config) -> Dashboard:
    """Opened from a tile of the overview, or from an alert."""
    panels = [Cell(_curve(config, signal), 12, 8) for signal in config.catalogue.vitals()]
    return Dashboard(
        "ward-bed", "One bed over hours to days.", list(_pairs(panels)), (ward(), bed()),
    )  # fmt: skip


def _pairs(cells: list[Cell]) -> Iterator[list[Cell]]:
    for first in range(0, len(cells), 2):
        yield cells[first : first + 2]


def _curve(config: Config, signal: Signal) -> object:
    asked = Select.of(call("mean", signal.name, signal.label), source=signal.measurement)
    asked = asked.chosen("ward", "bed").group("bed", every="$__interval", fill="null")
    panel = curves(
        signal.label,
        f"{spoken(config, signal.name)} A gap: nothing was measured, see *Device*.",
        Target(asked, alias="$tag_bed"),
        limits=thresholds(config, signal.name),
    )
    return panel.unit(unit(signal.display)).decimals(signal.precision).interval("5s")
