"""The wall: a tile a bed, worst first, read from three metres; and above it what nobody has taken yet."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import stat
from grafana_foundation_sdk.models.common import BigValueTextMode, VizOrientation
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, Threshold

from grafana.dashboard import Cell, Dashboard
from grafana.influxql import OVERVIEW, Select, field, just
from grafana.palette import FINE, HIGH, LOST, MEDIUM, NO_DATA
from grafana.panels import number, steps
from grafana.target import Shared, Target
from grafana.tile import FRESH, places, tile
from grafana.transform import only_of
from grafana.variables import overview_ward
from ward.config.config import Config
from ward.signals import Signal

ACROSS, DOWN = 4, 5
_TILE = (
    "One bed. Red, yellow and cyan with HIGH, MEDIUM or LOW: somebody must go, and say so by acknowledging. Violet and "
    "SIGNAL LOST: a probe or a cable, the patient is not watched. NO DATA on all tiles: the screen is blind, look at "
    "the patients and at the monitors themselves, then at *Pipeline*. Numbers in violet are older than 15 s."
)
_COUNTS = (
    ("unacknowledged", "Nobody has taken", HIGH, "Alerts nobody has acknowledged. Not 0 for long: someone must go."),
    ("high", "HIGH", HIGH, "Alerts of HIGH severity that nobody has acknowledged: go now."),
    ("medium", "MEDIUM", MEDIUM, "Alerts of MEDIUM severity that nobody has acknowledged: go soon."),
    ("lost", "Signal lost", LOST, "Beds with a signal that should come and does not: look at probe and cable."),
    ("no_data", "No data", NO_DATA, "Beds that send nothing at all: look at the monitor and its network."),
)


SOURCE_PANEL = 1  # the number of the first panel: it asks for everything, the others show what it got


def dashboard(config: Config) -> Dashboard:
    """Twenty places: 4 across and 5 down at 1920 × 1080 without menus, one below the other on a phone."""
    vitals = config.catalogue.vitals()
    head = [Cell(_system(vitals), 6, 3), Cell(_counts(), 18, 3)]
    tiles = [Cell(tile(place + 1, vitals, _TILE, SOURCE_PANEL), 24 // ACROSS, 5) for place in range(ACROSS * DOWN)]
    rows = [head, *(tiles[first : first + ACROSS] for first in range(0, len(tiles), ACROSS))]
    return Dashboard(
        "ward-overview", "A tile a bed, worst first. Advisory: never the only alarm.", rows, (overview_ward(),),
        since="now-5m", spans=False, resolved=False,
    )  # fmt: skip


def _system(vitals: Sequence[Signal]) -> stat.Panel:
    said = [field(column, title) for column, title, _, _ in _COUNTS]
    counts = Select.of(field("words", "System"), *said, source="overview_wards", policy=OVERVIEW)
    counts = counts.chosen("ward").during(just(FRESH)).newest(1)
    wrong = (
        "When this was so, and what Wardwatch says of itself. A time that stands still, or NO DATA: it is blind, "
        "and so is everybody who looks at this wall. Advisory: never the only alarm."
    )
    panel = number("Ward: ${ward:text}", wrong, Target(places(vitals), "table"), Target(counts, "table", "B"),
                   fields="/^(Time|System)$/")  # fmt: skip
    panel = panel.transformations([only_of("B")]).orientation(VizOrientation.HORIZONTAL)
    panel = panel.text_mode(BigValueTextMode.VALUE).thresholds(steps([Threshold(color=FINE)]))
    return panel.override_by_name("Time", [DynamicConfigValue("unit", "time:HH:mm:ss")])


def _counts() -> stat.Panel:
    wrong = " ".join(f"*{title}*: {words}" for _, title, _, words in _COUNTS)
    shown = "|".join(title for _, title, _, _ in _COUNTS)
    panel = number("", wrong, Shared(SOURCE_PANEL), fields=f"/^({shown})$/").transformations([only_of("B")])
    panel = panel.text_mode(BigValueTextMode.VALUE_AND_NAME).orientation(VizOrientation.VERTICAL)
    for _, title, colour, _ in _COUNTS:
        limits = steps([Threshold(color=FINE), Threshold(color=colour, value=1)]).build()
        panel = panel.override_by_name(title, [DynamicConfigValue("thresholds", limits)])
    return panel
