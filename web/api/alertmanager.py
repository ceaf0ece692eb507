"""Alertmanager's own API, version 2, as far as it is read: for `amtool`, Grafana and Karma."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from ward import __version__
from ward.alert import Alert
from ward.clock import SECOND, Micros, format_instant
from ward.config.alerting import Matcher
from ward.ids import printable
from web.api.answers import ERRORS, Refusal, answer
from web.desk import Desk

_HOLDS = 300 * SECOND  # an active alert has no end; its readers want one, and take the past for resolved


@dataclass
class Asked:
    """The parameters of a list of alerts, as Alertmanager has them."""

    filter: Annotated[list[str], Query(default_factory=list, description='matchers such as severity="high"')]
    active: Annotated[str, Query(description="false: leave out those that are told")] = "true"
    silenced: Annotated[str, Query(description="false: leave out those that a silence keeps quiet")] = "true"
    inhibited: Annotated[str, Query(description="false: leave out those that another alert keeps quiet")] = "true"
    receiver: Annotated[str, Query(description="only those meant for it")] = ""

    def wants(self, alert: dict[str, Any]) -> bool:
        """Whether an alert in their shape is asked for."""
        status = alert["status"]
        if self.receiver and {"name": self.receiver} not in alert["receivers"]:
            return False
        if status["state"] == "active":
            return self.active != "false"
        return not (
            (status["silencedBy"] and self.silenced == "false") or (status["inhibitedBy"] and self.inhibited == "false")
        )


def make_alertmanager(desk: Desk) -> APIRouter:
    """The routes under `/api/v2`."""
    router = APIRouter(prefix="/api/v2", tags=["alertmanager"], responses=ERRORS)
    started = desk.clock.now()

    @router.get("/status")
    async def status() -> Response:
        """What Alertmanager says of itself."""
        return answer(_status(desk.live.config.hash, started))

    @router.get("/receivers")
    async def receivers() -> Response:
        """Who may be told."""
        return answer([{"name": receiver} for receiver in _receivers(desk)])

    @router.get("/silences")
    async def silences() -> Response:
        """None yet."""
        return answer([])

    @router.get("/alerts")
    async def alerts(asked: Annotated[Asked, Depends()]) -> Response:
        """Active alerts."""
        return answer(_gettable(desk, asked))

    @router.get("/alerts/groups")
    async def groups(asked: Annotated[Asked, Depends()]) -> Response:
        """Active alerts, bed by bed."""
        return answer(_groups(_gettable(desk, asked), _receivers(desk)))

    return router


def _gettable(desk: Desk, asked: Asked) -> list[dict[str, Any]]:
    try:
        matchers = [Matcher.parse(text) for text in asked.filter]
    except ValueError as error:
        raise Refusal(400, f"filter is {printable(str(error), 200)}.") from None
    with desk.picture.lock:
        meant = [a for a in desk.picture.alerts.active() if all(m.holds(a.labels) for m in matchers)]
    return [shape for shape in (_alert(desk, alert) for alert in meant) if asked.wants(shape)]


def _alert(desk: Desk, alert: Alert) -> dict[str, Any]:
    silenced, inhibited = list(getattr(alert, "silenced_by", ())), list(getattr(alert, "inhibited_by", ()))
    url = desk.live.config.alerting.external_url.rstrip("/")
    receivers = list(getattr(alert, "receivers", ())) or _receivers(desk)
    return {
        "labels": alert.labels,
        "annotations": alert.annotations,
        "fingerprint": alert.fingerprint,
        "startsAt": format_instant(alert.starts_at),
        "updatedAt": format_instant(alert.updated_at),
        "endsAt": format_instant(desk.clock.now() + _HOLDS if alert.ends_at is None else alert.ends_at),
        "generatorURL": f"{url}/alerts?alert={alert.id}",
        "receivers": [{"name": name} for name in receivers],
        "status": {
            "state": "suppressed" if silenced or inhibited else "active",
            "silencedBy": silenced,
            "inhibitedBy": inhibited,
        },
    }


def _groups(alerts: list[dict[str, Any]], receivers: Sequence[str]) -> list[dict[str, Any]]:
    by_bed: dict[tuple[tuple[str, str], ...], list[dict[str, Any]]] = {}
    for alert in alerts:
        labels: dict[str, str] = alert["labels"]
        key = tuple((name, labels[name]) for name in ("ward", "bed") if name in labels)
        by_bed.setdefault(key, []).append(alert)
    return [
        {"labels": dict(key), "receiver": {"name": receivers[0] if receivers else "nobody"}, "alerts": own}
        for key, own in sorted(by_bed.items())
    ]


def _receivers(desk: Desk) -> list[str]:
    return [receiver.name for receiver in desk.live.config.alerting.receivers]


def _status(config: str, started: Micros) -> dict[str, Any]:
    return {
        "cluster": {"name": "wardwatch", "status": "disabled", "peers": []},
        "config": {"original": f"# wardwatch, config {config}\n"},
        "uptime": format_instant(started),
        "versionInfo": {
            "branch": "", "buildDate": "", "buildUser": "", "goVersion": "", "revision": "", "version": __version__,
        },
    }  # fmt: skip
