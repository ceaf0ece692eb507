"""Reading by Alertmanager's API v2, for `amtool`, Grafana and Karma. Writing is in `alertmanager_input`."""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Response

from ward import __version__
from ward.alert import Alert
from ward.config.alerting import Alerting, Route
from ward.config.config import Config
from ward.ids import printable
from ward.matcher import Matcher
from web.alertmanager.output import alert_json, groups_json, query, select, silence_json, silences_json, status_json
from web.api import refusals
from web.api.background import Background
from web.api.params import boolean_of
from web.api.responses import ALERTMANAGER_ERRORS, ApiError, answer
from web.api.silences import known_silence
from web.dependencies import Dependencies

# The version of Alertmanager whose API this is: its clients check it first.
_VERSION = f"0.28.0+wardwatch.{__version__}"

Filters = Annotated[list[str], Query(alias="filter", description='matchers such as severity="high"')]


@dataclass
class AlertQuery:
    """The parameters of `GET /api/v2/alerts`."""

    filter: Annotated[list[str], Query(default_factory=list, description='matchers such as severity="high"')]
    active: Annotated[str, Query(description="false: without active alerts that are notified")] = ""
    silenced: Annotated[str, Query(description="false: without silenced alerts")] = ""
    inhibited: Annotated[str, Query(description="false: without inhibited alerts")] = ""
    unprocessed: Annotated[str, Query(description="false: without alerts that are not processed yet")] = ""
    receiver: Annotated[str, Query(description="only alerts of these receivers: a regular expression")] = ""

    def select(self, deps: Dependencies) -> list[Alert]:
        """The alerts that match. Raises `ApiError` (400) for a bad matcher or flag."""
        names = ("active", "silenced", "inhibited", "unprocessed")
        flags = {name: boolean_of(name, getattr(self, name), True) for name in names}
        try:
            wanted = query(self.filter, self.receiver, **flags)
        except ValueError as error:
            raise _wrong(error) from None
        with deps.model.lock:
            alerts = list(deps.model.alerts)
        return select(alerts, wanted)


def make_alertmanager(deps: Dependencies) -> APIRouter:
    """The routes under `/api/v2` that change nothing."""
    router = APIRouter(prefix="/api/v2", tags=["alertmanager"], responses=ALERTMANAGER_ERRORS)
    started, background = deps.clock.now(), Background()

    @router.get("/status")
    async def status() -> Response:
        """The status; its `config` has receivers and routes in Alertmanager's syntax, without secrets."""
        return answer(status_json(_VERSION, started, _config_text(deps.live.config)))

    @router.get("/receivers")
    async def receivers() -> Response:
        """All receivers."""
        return answer([{"name": name} for name in _receivers(deps.live.config.alerting)])

    @router.get("/alerts")
    async def alerts(parameters: Annotated[AlertQuery, Depends()]) -> Response:
        """Active alerts."""
        return await background.run(
            lambda: answer([alert_json(alert, deps.clock.now()) for alert in parameters.select(deps)])
        )

    @router.get("/alerts/groups")
    async def groups(parameters: Annotated[AlertQuery, Depends()]) -> Response:
        """Active alerts by receiver, ward and bed."""
        return await background.run(lambda: answer(groups_json(parameters.select(deps), deps.clock.now())))

    @router.get("/silences")
    async def silences(filters: Filters = []) -> Response:  # noqa: B006 - FastAPI makes a new one
        """Silences, the active ones first."""

        def found() -> Response:
            try:
                matchers = [matcher for text in filters for matcher in Matcher.parse_list(text)]
            except ValueError as error:
                raise _wrong(error) from None
            with deps.model.lock:
                known = list(deps.model.silences)
            return answer(silences_json(known, matchers, deps.clock.now()))

        return await background.run(found)

    @router.get("/silence/{silence}")
    async def silence(silence: str) -> Response:
        """One silence."""
        return answer(silence_json(known_silence(deps, silence), deps.clock.now()))

    return router


def _wrong(error: ValueError) -> ApiError:
    return ApiError(400, refusals.FILTER(why=printable(str(error), 200)))


def _receivers(alerting: Alerting) -> list[str]:
    return [receiver.name for receiver in alerting.receivers] or ["everyone"]


def _config_text(config: Config) -> str:
    """Receivers and routes in Alertmanager's syntax, which `amtool config routes` reads. JSON is valid YAML."""
    receivers = _receivers(config.alerting)
    content = {
        "route": {"receiver": receivers[0], **_route_json(config.alerting.route)},
        "receivers": [{"name": name} for name in receivers],
    }
    text = msgspec.json.format(msgspec.json.encode(content), indent=2).decode()
    return f"# Wardwatch, config {config.hash}: receivers and routes only\n{text}\n"


def _route_json(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = {
        "receiver": route.receiver, "matchers": [str(matcher) for matcher in route.matchers],
        "group_by": list(route.group_by or ()), "continue": route.continue_,
        "routes": [_route_json(child) for child in route.routes],
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}
