"""The ward overviews: a tile for each bed, worst first, readable from three metres; above them the counts of alerts.

There is one for the hospital and one for each ward, and each in three sizes: rows and texts of Grafana do not grow with
the screen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grafana.layout.dashboard import COLUMNS, WALL, Cell, Dashboard
from grafana.layout.screens import FULL, SCREENS, Screen, pixels, tiles
from grafana.layout.variables import HOSPITAL
from grafana.panels.bed_links import TIME_FROM
from grafana.panels.bed_tile import bed_tile
from grafana.panels.canvas import Canvas
from grafana.panels.ward_counts import ward_counts
from ward.config.config import Config
from ward.ids import digest
from ward.inventory import Bed

UID = "ward-overview"
_LONGEST_UID = 40  # characters
_SOURCE_PANEL = 1  # the id of the first panel: it sends the queries, the tiles show their results
_TILE = (
    "One bed; a click leads to its curves. Red, yellow or cyan with HIGH, MEDIUM or LOW: an unacknowledged alert; go "
    "to the patient and acknowledge it. Violet and SIGNAL LOST: a probe or a cable; the patient is not monitored. NOT "
    "EVALUATED: values come, but no alert is raised; watch the patient. NO DATA on all tiles: this screen has no data; "
    "look at the patients and at the monitors themselves, then at *Pipeline*. NEWS2 ≥ 4: at least 4, parts of it are "
    "not known. Below each number its age; violet numbers are older than 15 s."
)


_DESCRIPTION = (
    "A tile for each bed, worst first; for a screen of at least {} × {} pixels. Advisory: never the only alarm."
)


@dataclass(frozen=True)
class Area:
    """What an overview shows: the hospital, or one ward. `tag` is the value of the tag `ward`."""

    tag: str
    label: str
    beds: Sequence[Bed]

    def uid(self, screen: Screen) -> str:
        """The uid of its overview on a screen; a ward whose id does not fit has a digest of it."""
        parts = [UID, "" if self.tag == HOSPITAL else self.tag, screen.name]
        uid = "-".join(filter(None, parts))
        if len(uid) <= _LONGEST_UID and uid.replace("-", "").replace("_", "").isalnum():
            return uid
        return "-".join(filter(None, (UID, digest(self.tag)[:12], screen.name)))

    def title(self, screen: Screen) -> str:
        whole = "Ward overview" if self.tag == HOSPITAL else f"Ward overview: {self.label}"
        return f"{whole}, {screen.title}" if screen.title else whole


def dashboard(config: Config) -> Dashboard:
    """Every bed of the hospital at 1920 × 1080 without menus. On a phone the ward screen of `web` is for that."""
    return _overview(config, Area(HOSPITAL, "all wards", list(config.inventory.beds.values())), FULL)


def others(config: Config) -> Iterator[Dashboard]:
    """The same in other sizes, and for each ward of several that has beds."""
    for area in _areas(config):
        for screen in SCREENS:
            if (area.tag, screen) != (HOSPITAL, FULL):
                yield _overview(config, area, screen)


def _areas(config: Config) -> Iterator[Area]:
    beds = list(config.inventory.beds.values())
    yield Area(HOSPITAL, "all wards", beds)
    wards = {ward.id: ward for ward in config.inventory.wards.values() if any(bed.ward == ward.id for bed in beds)}
    if len(wards) > 1:
        for ward in wards.values():
            yield Area(ward.id, ward.name, [bed for bed in beds if bed.ward == ward.id])


def _overview(config: Config, area: Area, screen: Screen) -> Dashboard:
    vitals, size = config.catalogue.vitals(), tiles(screen, len(area.beds))
    head = Canvas(*pixels(screen, COLUMNS, screen.head))
    counts = ward_counts(area.label, vitals, area.tag, len(area.beds), size.visible(len(area.beds)), head)
    canvas = Canvas(*size.pixels)
    cells = [
        Cell(bed_tile(place + 1, vitals, area.beds, _TILE, _SOURCE_PANEL, canvas), size.columns, size.height)
        for place in range(len(area.beds))
    ]
    rows = [[Cell(counts, COLUMNS, screen.head)]]
    rows += [cells[first : first + size.across] for first in range(0, len(cells), size.across)]
    return Dashboard(
        area.uid(screen), _DESCRIPTION.format(screen.width, screen.height), rows,
        time_from=TIME_FROM, annotations_enabled=False,
        with_resolution=False, name=area.title(screen), tags=(WALL,),
    )  # fmt: skip
