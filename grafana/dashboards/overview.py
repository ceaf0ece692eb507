"""The wall: a tile a bed, worst first, read from three metres; and above it what nobody has taken yet."""

from grafana.dashboard import Cell, Dashboard
from grafana.influxql import RAW, Select, field, just
from grafana.palette import GOOD, HIGH, LOST, MEDIUM, NO_DATA
from grafana.panels import number, steps
from grafana.target import Target
from grafana.tile import FRESH, tile
from grafana.variables import wall_ward
from ward.config.config import Config

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


def dashboard(config: Config) -> Dashboard:
    """Twenty places: 4 across and 5 down at 1920 × 1080 without menus, one below the other on a phone."""
    vitals = config.catalogue.vitals()
    head = [Cell(_count(*count), 4, 3) for count in _COUNTS] + [Cell(_clock(), 4, 3)]
    tiles = [Cell(tile(place + 1, vitals, _TILE), 24 // ACROSS, 5) for place in range(ACROSS * DOWN)]
    rows = [head, *(tiles[first : first + ACROSS] for first in range(0, len(tiles), ACROSS))]
    return Dashboard(
        "ward-overview", "A tile a bed, worst first. Advisory: never the only alarm.", rows, (wall_ward(),),
        since="now-5m", spans=False, resolved=False,
    )  # fmt: skip


def _count(column: str, title: str, colour: str, wrong: str) -> object:
    asked = Select.of(field(column, title), source="wall_wards", policy=RAW).chosen("ward").during(just(FRESH))
    from grafana_foundation_sdk.models.dashboard import Threshold

    limits = [Threshold(color=GOOD), Threshold(color=colour, value=1)]
    return number(title, wrong, Target(asked.newest(1), "table")).thresholds(steps(limits))


def _clock() -> object:
    asked = Select.of(field("words", "System"), source="wall_wards", policy=RAW).chosen("ward").during(just(FRESH))
    wrong = "What Wardwatch says of itself. NO DATA: it is blind, and so is everybody who looks at this wall."
    return number("Wardwatch", wrong, Target(asked.newest(1), "table"), words=True)
