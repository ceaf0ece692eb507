"""What all dashboards have in common: name, variables, links, refresh, annotations, and panels in rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from grafana_foundation_sdk.builders.dashboard import Dashboard as Builder
from grafana_foundation_sdk.builders.dashboard import DashboardLink, QueryVariable
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import AnnotationQuery, DashboardCursorSync, DashboardLinkType, GridPos
from msgspec import json

from grafana.annotations import acknowledgements, alert_spans
from grafana.variables import resolution

# Uids never change: people have them in bookmarks, walls in their start page.
PAGES = {
    "ward-overview": "Ward overview",
    "ward-bed": "Bed",
    "ward-alerts": "Alerts",
    "ward-fleet": "Devices and drift",
    "ward-imaging": "Imaging suite",
    "ward-pipeline": "Pipeline",
    "ward-day": "Hospital day",
}
COLUMNS = 24
SCHEMA = 36  # what Grafana 9.4 and everything later reads


@dataclass(frozen=True)
class Cell:
    """A panel with its size: of 24 columns, and in rows of 30 pixels."""

    panel: Any
    width: int = COLUMNS
    height: int = 8


@dataclass(frozen=True)
class Dashboard:
    """One dashboard. `rows` are filled from the left; `bands` are headings before the row of that number.

    Where there are curves, alerts and acknowledgements can be drawn over them: with `spans` at once, else by a switch
    above; `spans_of` are conditions in InfluxQL on which alerts these are.
    """

    uid: str
    about: str
    rows: Sequence[Sequence[Cell]]
    variables: Sequence[QueryVariable] = ()
    bands: dict[int, str] = field(default_factory=dict)
    since: str = "now-6h"
    refresh: str = "5s"
    spans: bool = True
    spans_of: Sequence[str] = ()
    resolved: bool = True
    zone: str = "browser"
    until: str = "now"

    @property
    def title(self) -> str:
        return PAGES[self.uid]

    def json(self) -> str:
        """As Grafana provisions it, with a line break at the end, the same in every run."""
        said = JSONEncoder(sort_keys=True).encode(self._builder().build())
        found: dict[str, Any] = json.decode(said)
        found["templating"].setdefault("list", [])  # the SDK leaves out what is empty
        found |= {"id": None, "schemaVersion": SCHEMA, "version": 1}
        return json.format(json.encode(found, order="sorted"), indent=1).decode() + "\n"

    def _builder(self) -> Builder:
        made = Builder(self.title).uid(self.uid).description(self.about).tags(["wardwatch"]).timezone(self.zone)
        made = made.time(self.since, self.until).refresh(self.refresh).readonly().tooltip(DashboardCursorSync.CROSSHAIR)
        for variable in (*self.variables, *([resolution()] if self.resolved else ())):
            made = made.with_variable(variable)
        for link in _links(self.uid):
            made = made.link(link)
        build = made.build()
        build.panels = list(self._placed())
        drawn = any(getattr(panel, "type_val", "") == "timeseries" for panel in build.panels)
        build.annotations.list_val = self._annotations() if drawn else []
        return made

    def _annotations(self) -> list[AnnotationQuery]:
        known = sorted({str(v.build().name) for v in self.variables} & {"ward", "bed", "device"})
        return [made(*known, where=self.spans_of, shown=self.spans) for made in (alert_spans, acknowledgements)]

    def _placed(self) -> Sequence[Any]:
        found: list[Any] = []
        top = 0
        for number, row in enumerate(self.rows):
            if number in self.bands:
                found.append(_band(self.bands[number], len(found) + 1, top))
                top += 1
            left = 0
            for cell in row:
                panel = cell.panel.build()
                panel.id_val, panel.grid_pos = len(found) + 1, GridPos(h=cell.height, w=cell.width, x=left, y=top)
                left += cell.width
                if left > COLUMNS:
                    raise ValueError(f"{self.uid}: row {number} is {left} columns wide, {COLUMNS} is all there is")
                found.append(panel)
            top += max(cell.height for cell in row)
        return found


def address(uid: str, *variables: str, kiosk: bool = False) -> str:
    """Where a dashboard is, with these variables as they are chosen here."""
    said = ["kiosk"] if kiosk else []
    said += [f"var-{variable}=${{{variable}:percentencode}}" for variable in variables]
    return f"/d/{uid}" + (f"?{'&'.join(said)}" if said else "")


def _links(uid: str) -> Sequence[DashboardLink]:
    """To all others with what is chosen, and to this one for a wall."""
    others = [
        DashboardLink(title).type(DashboardLinkType.LINK).url(f"/d/{other}").keep_time(False).include_vars(True)
        for other, title in PAGES.items()
        if other != uid
    ]
    wall = DashboardLink("For the wall").type(DashboardLinkType.LINK).icon("external link").url(f"/d/{uid}?kiosk")
    return [*others, wall.tooltip("Without menus; Escape brings them back").include_vars(True).keep_time(True)]


def _band(title: str, number: int, top: int) -> dict[str, object]:
    place = {"h": 1, "w": COLUMNS, "x": 0, "y": top}
    return {"type": "row", "title": title, "collapsed": False, "id": number, "panels": [], "gridPos": place}
