"""The application: API, pages and static files, behind the guard."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from ward import __version__
from web.api import refusals
from web.api.ack_links import AckLinks, make_ack_links
from web.api.acknowledgements import make_acknowledgements
from web.api.alarm_load import PATIENCE, AlarmLoads, make_alarm_load
from web.api.alertmanager import make_alertmanager
from web.api.alertmanager_input import make_alertmanager_input
from web.api.alerts import make_alerts
from web.api.beds import make_beds
from web.api.bounded_call import BoundedCall
from web.api.channel_tests import make_channel_tests
from web.api.config import make_config
from web.api.devices import make_devices
from web.api.handover import Handovers, make_handover
from web.api.log_writer import LogWriter
from web.api.observations import make_observations
from web.api.responses import ApiError, error_answer
from web.api.score_curves import make_score_curves
from web.api.silences import make_silences
from web.api.system import make_system
from web.dependencies import Dependencies
from web.guard import Guard
from web.head_requests import HeadRequests
from web.openapi import describe
from web.pages.reports import ReportPages
from web.pages.screens import Screens

_SENTENCES = {404: refusals.NO_ADDRESS, 405: refusals.NO_METHOD}


def make_app(deps: Dependencies) -> FastAPI:
    """Everything on one port."""
    app = FastAPI(title="Wardwatch", version=__version__, docs_url=None, redoc_url=None, redirect_slashes=False)
    store = BoundedCall("store", deps.model, deps.timeout)
    actions = LogWriter(deps, BoundedCall("log of actions", deps.model, deps.timeout + 1, refusals.NOT_SAVED))
    findings = LogWriter(deps, BoundedCall("log of findings", deps.model, deps.timeout + 1, refusals.NOT_SAVED))
    links = AckLinks(deps)
    handovers = Handovers(deps, store)
    loads = AlarmLoads(deps, BoundedCall("history of alarms", deps.model, max(PATIENCE, deps.timeout)))
    for router in (
        make_beds(deps, store),
        make_devices(deps, store),
        make_alerts(deps, store),
        make_acknowledgements(deps, actions),
        make_ack_links(deps, links, actions),
        make_silences(deps, actions),
        make_observations(deps, actions),
        make_score_curves(deps, store),
        make_alertmanager(deps),
        make_alertmanager_input(deps, actions, findings),
        make_config(deps, actions),
        make_channel_tests(deps, actions),
        make_system(deps),
        make_handover(deps, handovers, actions),
        make_alarm_load(loads),
    ):
        app.include_router(router)
    screens = Screens(deps, links)
    screens.serve(app)
    ReportPages(deps, screens, handovers, loads).serve(app)
    _add_error_handlers(app, screens)
    app.add_middleware(GZipMiddleware, minimum_size=1500, compresslevel=4)
    app.add_middleware(HeadRequests)
    app.add_middleware(Guard, metrics=deps.metrics, hosts=lambda: _hosts(deps))
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    return app


def _hosts(deps: Dependencies) -> Sequence[str]:
    own = urlsplit(deps.live.config.alerting.external_url).hostname
    return [*(host.lower() for host in deps.hosts), *([own] if own else [])]


def _add_error_handlers(app: FastAPI, screens: Screens) -> None:
    """Every error is one sentence: a page for a browser, JSON for other clients."""

    def respond(request: Request, error: ApiError) -> Response:
        page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
        api = request.url.path.startswith(("/api/", "/-/", "/metrics", "/static/"))
        return screens.error(error) if page and not api else error_answer(error, request.url.path)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, ApiError)
        return respond(request, error)

    async def failed(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        text = _SENTENCES.get(error.status_code, refusals.OTHER)
        return respond(request, ApiError(error.status_code, text(why=error.detail)))

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        parameter = str(first["loc"][-1]) if first["loc"] else refusals.A_PARAMETER()
        return respond(request, ApiError(400, refusals.PARAMETER(name=parameter, why=first["msg"])))

    async def internal_error(request: Request, _error: Exception) -> Response:
        return respond(request, ApiError(500, refusals.INTERNAL()))

    app.add_exception_handler(ApiError, refused)
    app.add_exception_handler(HTTPException, failed)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, internal_error)
