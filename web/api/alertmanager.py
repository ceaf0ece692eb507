"""Alertmanager's own API, version 2, as `amtool`, Grafana and Karma read it; what they write: `alertmanager_input`."""

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
from web.api.params import truth_of
from web.api.responses import THEIR_ERRORS, Refusal, answer
from web.api.silences import known_silence
from web.dependencies import Dependencies

# The version of Alertmanager whose shapes these are: its readers ask for it before they read on.
_SPEAKS = f"0.28.0+wardwatch.{__version__}"

Filters = Annotated[list[str], Query(alias="filter", description='matchers such as severity="high"')]


@dataclass
class Asked:
    """The parameters of a list of alerts, as Alertmanager has them."""

    filter: Annotated[list[str], Query(default_factory=list, description='matchers such as severity="high"')]
    active: Annotated[str, Query(description="false: leave out those that are told")] = ""
    silenced: Annotated[str, Query(description="false: leave out those that a silence keeps quiet")] = ""
    inhibited: Annotated[str, Query(description="false: leave out those that another alert keeps quiet")] = ""
    unprocessed: Annotated[str, Query(description="false: leave out those nothing was decided about yet")] = ""
    receiver: Annotated[str, Query(description="only those meant for it: a regular expression")] = ""

    def select(self, deps: Dependencies) -> list[Alert]:
        """The alerts that are asked for. Raises `Refusal` with what is wrong."""
        names = ("active", "silenced", "inhibited", "unprocessed")
        flags = {name: truth_of(name, getattr(self, name), True) for name in names}
        try:
            wanted = query(self.filter, self.receiver, **flags)
        except ValueError as error:
            raise _wrong(error) from None
        with deps.model.lock:
            return select(deps.model.alerts, wanted)


def make_alertmanager(deps: Dependencies) -> APIRouter:
    """The routes under `/api/v2` that change nothing."""
    router = APIRouter(prefix="/api/v2", tags=["alertmanager"], responses=THEIR_ERRORS)
    started = deps.clock.now()

    @router.get("/status")
    async def status() -> Response:
        """What Alertmanager says of itself; `config` has receivers and routes in its own words, and no secret."""
        return answer(status_json(_SPEAKS, started, _told_config(deps.live.config)))

    @router.get("/receivers")
    async def receivers() -> Response:
        """Who may be told."""
        return answer([{"name": name} for name in _receivers(deps.live.config.alerting)])

    @router.get("/alerts")
    async def alerts(asked: Annotated[Asked, Depends()]) -> Response:
        """Active alerts."""
        found, now = asked.select(deps), deps.clock.now()
        return answer([alert_json(alert, now) for alert in found])

    @router.get("/alerts/groups")
    async def groups(asked: Annotated[Asked, Depends()]) -> Response:
        """Active alerts by receiver, ward and bed."""
        return answer(groups_json(asked.select(deps), deps.clock.now()))

    @router.get("/silences")
    async def silences(filters: Filters = []) -> Response:  # noqa: B006 - FastAPI makes a new one
        """Silences, the active ones first."""
        try:
            matchers = [Matcher.parse(text) for text in filters]
        except ValueError as error:
            raise _wrong(error) from None
        with deps.model.lock:
            return answer(silences_json(deps.model.silences, matchers, deps.clock.now()))

    @router.get("/silence/{silence}")
    async def silence(silence: str) -> Response:
        """One silence."""
        return answer(silence_json(known_silence(deps, silence), deps.clock.now()))

    return router


def _wrong(error: ValueError) -> Refusal:
    return Refusal(400, f"filter or receiver: {printable(str(error), 200)}.")


def _receivers(alerting: Alerting) -> list[str]:
    return [receiver.name for receiver in alerting.receivers] or ["everyone"]


def _told_config(config: Config) -> str:
    """Receivers and routes in Alertmanager's words, so that `amtool config routes` can read them: JSON is YAML."""
    receivers = _receivers(config.alerting)
    told = {
        "route": {"receiver": receivers[0], **_told_route(config.alerting.route)},
        "receivers": [{"name": name} for name in receivers],
    }
    text = msgspec.json.format(msgspec.json.encode(told), indent=2).decode()
    return f"# Wardwatch, config {config.hash}: what of it Alertmanager has words for\n{text}\n"


def _told_route(route: Route) -> dict[str, Any]:
    told: dict[str, Any] = {
        "receiver": route.receiver, "matchers": [str(matcher) for matcher in route.matchers],
        "group_by": list(route.group_by or ()), "continue": route.continue_,
        "routes": [_told_route(child) for child in route.routes],
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}
