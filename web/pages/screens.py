"""The HTML pages."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles
from swagger_ui_bundle import swagger_ui_path

from ward.ack_link import PATH
from ward.alert import Alert
from ward.ids import printable
from web.api.ack_links import AckLinks
from web.api.params import bed_of, ward_of
from web.api.responses import ApiError
from web.board.live_alert import live_alert
from web.dependencies import Dependencies
from web.model.now import Now
from web.presentation.alerts import alert_text, place_name
from web.presentation.instants import rfc3339

_HERE = Path(__file__).parent.parent
# The style sheet of Swagger UI has icons as data: URLs.
_DOCS_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'"
)


class Screens:
    """Renders pages. All text is escaped; the JavaScript module of each page fills in the data."""

    def __init__(self, deps: Dependencies, links: AckLinks) -> None:
        self._deps = deps
        self._links = links
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip

    def serve(self, app: FastAPI) -> None:
        """Add the pages and their files to an application."""
        app.mount("/static/vendor/swagger", StaticFiles(directory=swagger_ui_path), name="swagger")
        app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
        plain = {"/imaging": "imaging", "/alerts": "alerts", "/pipeline": "pipeline"}
        if self._deps.mailbox is not None:
            plain["/mail"] = "mail"
        for path, name in plain.items():
            app.add_api_route(path, self._plain(name), include_in_schema=False)
        app.add_api_route("/", self._all_wards, include_in_schema=False)
        app.add_api_route("/ward/{ward}", self._one_ward, include_in_schema=False)
        app.add_api_route("/bed/{bed}", self._bed, include_in_schema=False)
        app.add_api_route(f"{PATH}{{token}}", self._ack_link, include_in_schema=False)
        app.add_api_route("/docs", self._docs, include_in_schema=False)

    def error(self, error: ApiError) -> Response:
        """An error as a page."""
        return self.page("error", {"message": error.message, "title": "Error"}, error.status)

    def page(self, name: str, values: Mapping[str, object], status: int = 200) -> Response:
        """A template with these values, and with those that every page has."""
        inventory, now = self._deps.live.config.inventory, self._deps.clock.now()
        shared = {
            "page": name, "feed": "/api/v1/status", "ward": "", "rendered": rfc3339(now),
            "rendered_local": self._deps.local_time(now), "zone": self._deps.zone,
            "wards": [w for w in inventory.wards.values() if any(bed.ward == w.id for bed in inventory.beds.values())],
            "mail": self._deps.mailbox is not None,
        }  # fmt: skip
        return HTMLResponse(self._templates.get_template(f"{name}.html").render({**shared, **values}), status)

    def _plain(self, name: str) -> Callable[[], Awaitable[Response]]:
        async def page() -> Response:
            return self.page(name, {"title": name.capitalize()})

        return page

    async def _all_wards(self, request: Request) -> Response:
        if alert := request.query_params.get("alert"):  # the link of a notification about no bed
            return RedirectResponse(f"/alerts?alert={quote(alert)}")
        return self.page("ward", {"title": "All wards", "feed": "/api/v1/board"})

    async def _one_ward(self, ward: str) -> Response:
        known = self._deps.live.config.inventory.wards[ward_of(self._deps.model.config_view, ward)]
        return self.page("ward", {"title": known.name, "feed": f"/api/v1/board?ward={known.id}", "ward": known.id})

    async def _bed(self, bed: str) -> Response:
        known = self._deps.live.config.inventory.beds[bed_of(self._deps.model.config_view, bed)]
        return self.page(
            "bed", {"title": known.label, "feed": f"/api/v1/board?bed={known.id}", "bed": known.id, "ward": known.ward}
        )

    async def _ack_link(self, token: str) -> Response:
        """The page of a link in a notification. Opening it changes nothing: programs open links, too."""
        alert, zone = self._live(self._links.open(token).alert), self._deps.local_time
        view = self._deps.model.config_view
        place = place_name(view, alert.labels) or alert.labels.get("alertname", "alert")
        values = {
            "title": "Acknowledge", "token": token, "alert": alert.id, "severity": str(alert.severity).upper(),
            "place": printable(place, 80), "text": alert_text(view, alert), "since": zone(alert.starts_at),
            "holder": "", "held_since": "",
        }  # fmt: skip
        if alert.ack is not None and alert.latched is None:
            values |= {"holder": printable(alert.ack.by, 80), "held_since": zone(alert.ack.at)}
        return self.page("ack_link", values)

    def _live(self, alert: Alert) -> Alert:
        with self._deps.model.lock:
            return live_alert(self._deps.model, alert, Now.of(self._deps.clock))

    async def _docs(self, request: Request) -> Response:
        answer = self.page("docs", {"title": "API"})
        answer.headers["content-security-policy"] = _DOCS_POLICY
        return answer
