"""What all dashboards have in common: title, variables, links, refresh, annotations, and panels in rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from grafana_foundation_sdk.builders.dashboard import Dashboard as Builder
from grafana_foundation_sdk.builders.dashboard import DashboardLink, QueryVariable
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import AnnotationQuery, DashboardCursorSync, DashboardLinkType, GridPos
from msgspec import json

from grafana.layout.annotations import acknowledgement_annotations, alert_annotations
from grafana.layout.json_text import json_text
from grafana.layout.variables import resolution

# By uid. Uids never change: bookmarks and the start pages of screens contain them.
TITLES = {
    "ward-overview": "Ward overview",
    "ward-bed": "Bed",
    "ward-alerts": "Alerts",
    "ward-fleet": "Devices",
    "ward-imaging": "Imaging suite",
    "ward-pipeline": "Pipeline",
    "ward-day": "Hospital day",
}
COLUMNS = 24
WALL = "wall"  # the tag of the overviews
SCHEMA_VERSION = 36  # Grafana 9.4 and later read it


@dataclass(frozen=True)
class Cell:
    """A panel with its size: its width in 24ths of the screen, its height in units of 30 pixels."""

    panel: Any
    width: int = COLUMNS
    height: int = 8


@dataclass(frozen=True)
class Dashboard:
    """One dashboard. `rows` are filled from the left; `headings` stand before the row of that index.

    Where there are curves, alerts and acknowledgements can be drawn over them: at once if `annotations_enabled`, else
    after a switch above the dashboard is set. `annotations_where` are conditions in InfluxQL on the alerts.
    `with_resolution` adds the hidden variable `resolution`. A dashboard that is not in `TITLES` has a `name`; `tags`
    are besides the tag that all have.
    """

    uid: str
    description: str
    rows: Sequence[Sequence[Cell]]
    variables: Sequence[QueryVariable] = ()
    headings: dict[int, str] = field(default_factory=dict)
    time_from: str = "now-6h"
    time_to: str = "now"
    refresh: str = "5s"
    timezone: str = "browser"
    annotations_enabled: bool = True
    annotations_where: Sequence[str] = ()
    with_resolution: bool = True
    name: str = ""
    tags: Sequence[str] = ()

    @property
    def title(self) -> str:
        return self.name or TITLES[self.uid]

    def json(self) -> str:
        """The file that Grafana provisions, with a line break at its end; the same text in every run."""
        encoded = JSONEncoder(sort_keys=True).encode(self._builder().build())
        content: dict[str, Any] = json.decode(encoded)
        content["templating"].setdefault("list", [])  # the SDK leaves out empty lists
        content |= {"id": None, "schemaVersion": SCHEMA_VERSION, "version": 1}
        return json_text(content) + "\n"

    def _builder(self) -> Builder:
        builder = Builder(self.title).uid(self.uid).description(self.description).tags(["wardwatch", *self.tags])
        builder = builder.timezone(self.timezone).time(self.time_from, self.time_to).refresh(self.refresh)
        builder = builder.readonly().tooltip(DashboardCursorSync.CROSSHAIR)
        for variable in (*self.variables, *([resolution()] if self.with_resolution else ())):
            builder = builder.with_variable(variable)
        for link in _links(self.uid):
            builder = builder.link(link)
        dashboard = builder.build()
        dashboard.panels = list(self._panels())
        has_curves = any(getattr(panel, "type_val", "") == "timeseries" for panel in dashboard.panels)
        dashboard.annotations.list_val = self._annotations() if has_curves else []
        return builder

    def _annotations(self) -> list[AnnotationQuery]:
        variables = sorted({str(v.build().name) for v in self.variables} & {"ward", "bed", "device"})
        return [
            annotation(*variables, where=self.annotations_where, enabled=self.annotations_enabled)
            for annotation in (alert_annotations, acknowledgement_annotations)
        ]

    def _panels(self) -> Sequence[Any]:
        panels: list[Any] = []
        top = 0
        for index, row in enumerate(self.rows):
            if index in self.headings:
                panels.append(_heading(self.headings[index], len(panels) + 1, top))
                top += 1
            width = sum(cell.width for cell in row)
            if width > COLUMNS:
                raise ValueError(f"{self.uid}: row {index} is {width} columns wide; the most is {COLUMNS}")
            panels += _row(row, len(panels) + 1, top)
            top += max(cell.height for cell in row)
        return panels


def _row(row: Sequence[Cell], first_id: int, top: int) -> Iterator[Any]:
    left = 0
    for id_, cell in enumerate(row, first_id):
        panel = cell.panel.build()
        panel.id_val, panel.grid_pos = id_, GridPos(h=cell.height, w=cell.width, x=left, y=top)
        left += cell.width
        yield panel


def _links(uid: str) -> Sequence[DashboardLink]:
    """To all other dashboards with the same variables and time range, to all overviews, and to this one
    without menus, for a screen on a wall."""
    others = [
        DashboardLink(title).type(DashboardLinkType.LINK).url(f"/d/{other}").keep_time(True).include_vars(True)
        for other, title in TITLES.items()
        if other != uid
    ]
    walls = DashboardLink("Overviews").type(DashboardLinkType.DASHBOARDS).tags([WALL]).as_dropdown(True)
    kiosk = DashboardLink("Full screen").type(DashboardLinkType.LINK).icon("external link").url(f"/d/{uid}?kiosk")
    return [
        *others,
        walls.keep_time(True),
        kiosk.tooltip("Without menus; Escape shows them again").include_vars(True).keep_time(True),
    ]


def _heading(title: str, id_: int, top: int) -> dict[str, object]:
    position = {"h": 1, "w": COLUMNS, "x": 0, "y": top}
    return {"type": "row", "title": title, "collapsed": False, "id": id_, "panels": [], "gridPos": position}
