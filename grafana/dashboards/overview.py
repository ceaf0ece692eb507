"""The ward overview: a tile for each bed, worst first, readable from three metres; above it the counts of alerts."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import stat
from grafana_foundation_sdk.models.common import BigValueTextMode, VizOrientation
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, Threshold

from grafana.layout.dashboard import Cell, Dashboard
from grafana.layout.variables import overview_ward
from grafana.panels.bed_tile import RECENT, bed_tile, places
from grafana.panels.builders import stat_panel, steps
from grafana.panels.colours import HIGH, LOST, MEDIUM, NO_ALERT, NO_DATA, NOT_EVALUATED
from grafana.panels.transformations import only_query
from grafana.queries.influxql import OVERVIEW, Select, field, last_seconds
from grafana.queries.target import SharedTarget, Target
from ward.config.config import Config
from ward.signals import Signal

ACROSS, DOWN = 4, 5
_TILE = (
    "One bed. Red, yellow or cyan with HIGH, MEDIUM or LOW: an unacknowledged alert; go to the patient and acknowledge "
    "it. Violet and SIGNAL LOST: a probe or a cable; the patient is not monitored. NOT EVALUATED: values come, but no "
    "alert is raised; watch the patient. NO DATA on all tiles: this screen has no data; look at the patients and at "
    "the monitors themselves, then at *Pipeline*. Violet numbers are older than 15 s."
)
_COUNTS = (
    ("unacknowledged", "Unacknowledged", HIGH, "Alerts that nobody has acknowledged. Above 0: somebody must go."),
    ("high", "HIGH", HIGH, "Unacknowledged alerts of HIGH priority: go now."),
    ("medium", "MEDIUM", MEDIUM, "Unacknowledged alerts of MEDIUM priority: go soon."),
    (
        "not_evaluated",
        "Not evaluated",
        NOT_EVALUATED,
        "Beds whose readings the detectors do not evaluate now: an alert may be missing.",
    ),
    ("lost", "Signal lost", LOST, "Beds with a missing signal: look at probe and cable."),
    ("no_data", "No data", NO_DATA, "Beds without any data: look at the monitor and its network."),
)


SOURCE_PANEL = 1  # the id of the first panel: it sends both queries, the other panels show its results


def dashboard(config: Config) -> Dashboard:
    """Twenty places: 4 across and 5 down at 1920 × 1080 without menus, one below the other on a phone."""
    vitals = config.catalogue.vitals()
    head = [Cell(_system(vitals), 6, 3), Cell(_counts(), 18, 3)]
    width = 24 // ACROSS
    tiles = [Cell(bed_tile(place + 1, vitals, _TILE, SOURCE_PANEL), width, 5) for place in range(ACROSS * DOWN)]
    rows = [head, *(tiles[first : first + ACROSS] for first in range(0, len(tiles), ACROSS))]
    return Dashboard(
        "ward-overview", "A tile for each bed, worst first. Advisory: never the only alarm.", rows,
        (overview_ward(),), time_from="now-5m", annotations_enabled=False, with_resolution=False,
    )  # fmt: skip


def _system(vitals: Sequence[Signal]) -> stat.Panel:
    columns = [field(column, title) for column, title, _, _ in _COUNTS]
    counts = Select.of(field("summary", "System"), *columns, source="overview_wards", policy=OVERVIEW)
    counts = counts.selected("ward").during(last_seconds(RECENT)).newest(1)
    description = (
        "The time of the data, and the state of Wardwatch. A time that does not advance, or NO DATA: this screen has "
        "no current data; look at the patients. Advisory: never the only alarm."
    )
    targets = Target(places(vitals), "table"), Target(counts, "table", "B")
    panel = stat_panel("Ward: ${ward:text}", description, *targets, fields="/^(Time|System)$/")
    panel = panel.transformations([only_query("B")]).orientation(VizOrientation.HORIZONTAL)
    panel = panel.text_mode(BigValueTextMode.VALUE).thresholds(steps([Threshold(color=NO_ALERT)]))
    return panel.override_by_name("Time", [DynamicConfigValue("unit", "time:HH:mm:ss")])


def _counts() -> stat.Panel:
    description = " ".join(f"*{title}*: {text}" for _, title, _, text in _COUNTS)
    titles = "|".join(title for _, title, _, _ in _COUNTS)
    panel = stat_panel("", description, SharedTarget(SOURCE_PANEL), fields=f"/^({titles})$/")
    panel = panel.transformations([only_query("B")])
    panel = panel.text_mode(BigValueTextMode.VALUE_AND_NAME).orientation(VizOrientation.VERTICAL)
    for _, title, colour, _ in _COUNTS:
        limits = steps([Threshold(color=NO_ALERT), Threshold(color=colour, value=1)]).build()
        panel = panel.override_by_name(title, [DynamicConfigValue("thresholds", limits)])
    return panel
