"""Active and ended alerts."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Query, Response

from ward.alert import Alert
from ward.alert_order import by_priority
from ward.clock import Micros
from ward.severity_names import our_severity
from web.api import effects, refusals
from web.api.background import Background
from web.api.bounded_call import BoundedCall
from web.api.params import bed_of, boolean_of, choice_of, count_of, span_of, ward_of
from web.api.responses import ERRORS, ApiError, answer, quoted
from web.dependencies import Dependencies
from web.model.now import Now
from web.presentation.alerts import alert_schema
from web.presentation.instants import rfc3339
from web.presentation.stored_alerts import StoredAlert, stored_alerts
from web.schemas import AlertSchema, AlertsSchema, OneAlertSchema

_DAY = 86400.0
MOST_STORED = 2000  # changes of alerts that are read from the store


def make_alerts(deps: Dependencies, store: BoundedCall) -> APIRouter:
    """The routes under `/api/v1/alerts` that change nothing."""
    router, background = APIRouter(prefix="/api/v1", tags=["alerts"], responses=ERRORS), Background()

    @router.get("/alerts", response_model=AlertsSchema)
    async def alerts(
        state: str = Query("active", description="active, ended or all"),
        ward: str = Query("", description="one ward"),
        bed: str = Query("", description="one bed"),
        severity: str = Query("", description="high, medium or low"),
        kind: str = Query("", description="physiological or technical"),
        acknowledged: str = Query("", description="true: only acknowledged ones; false: only unacknowledged ones"),
        start: str = Query("", alias="from", description="for ended ones: RFC 3339; by default a day before `to`"),
        end: str = Query("", alias="to", description="for ended ones: RFC 3339; by default now"),
        limit: str = Query("", description="how many at most: a page"),
        offset: str = Query("", description="how many to leave out before the page"),
        alert: str = Query("", description="instead of `offset`: the page that has the alert with this id"),
    ) -> Response:
        """Active alerts by priority, and ended alerts, newest first, in pages: `total` is how many there are in all."""
        view, most = deps.model.config_view, count_of("limit", limit, 200, 1000)
        first = 0 if offset == "0" else count_of("offset", offset, 0, 1_000_000)
        choice_of("state", state, ("active", "ended", "all"))
        chosen = {
            "ward": ward and ward_of(view, ward),
            "bed": bed and bed_of(view, bed),
            "severity": choice_of("severity", our_severity(severity) or severity, ("high", "medium", "low")),
            "kind": choice_of("kind", kind, ("physiological", "technical")),
        }
        wanted = {name: value for name, value in chosen.items() if value}
        only = boolean_of("acknowledged", acknowledged, False) if acknowledged else None
        span = span_of(start, end, deps.clock.now(), _DAY)
        stored: list[StoredAlert] = []
        problem = ""
        if state != "active":
            where = {name: value for name, value in wanted.items() if name != "severity"}
            stored, problem = await _stored(deps, store, span, where)

        def page() -> Response:
            found = _found(deps, state, span, stored)
            matching = [known for known in found if _matches(known, wanted, only)]
            ids = [_id(known) for known in matching] if alert else []
            begin = ids.index(alert) // most * most if alert in ids else first
            with deps.model.lock:
                shown = [_schema(deps, known) for known in matching[begin : begin + most]]
            at = rfc3339(deps.clock.now())
            return answer({"at": at, "total": len(matching), "offset": begin, "alerts": shown, "store": problem})

        return await background.run(page)

    @router.get("/alerts/{alert}", response_model=OneAlertSchema)
    async def one_alert(alert: str) -> Response:
        """One alert that is still in memory."""
        with deps.model.lock:
            known = deps.model.alerts.get(alert)
            if known is None:
                raise ApiError(404, refusals.NO_ALERT_HERE(id=quoted(alert)))
            found = _schema(deps, known)
        return answer({"at": rfc3339(deps.clock.now()), "alert": found})

    return router


def _found(
    deps: Dependencies, state: str, span: tuple[Micros, Micros], stored: Sequence[StoredAlert]
) -> "list[Alert | AlertSchema]":
    """Active alerts by priority, then ended ones, from memory and from the store, newest first."""
    with deps.model.lock:
        known = list(deps.model.alerts)
    active = [alert for alert in known if alert.active] if state != "ended" else []
    active = by_priority(active, deps.model.config_view.catalogue)
    if state == "active":
        return [*active]
    start, end = span
    ended = [(a.ends_at or a.updated_at, a) for a in known if not a.active]
    in_memory = {alert.id for alert in known}
    past: list[tuple[Micros, Alert | AlertSchema]] = [found for found in ended if start <= found[0] < end]
    past += [(at, schema) for at, _, schema in stored if schema["id"] not in in_memory]
    return [*active, *(found for _, found in sorted(past, key=lambda found: found[0], reverse=True))]


async def _stored(
    deps: Dependencies, store: BoundedCall, span: tuple[Micros, Micros], where: dict[str, str]
) -> tuple[list[StoredAlert], str]:
    """Ended alerts of the store; and what is missing where it does not answer, or has more than are read."""
    try:
        rows = await store.call(lambda: deps.store.rows("alerts", where, *span, MOST_STORED))
    except ApiError as error:
        return [], error.message
    more = effects.MORE_STORED(count=f"{MOST_STORED:,}")
    with deps.model.lock:
        return list(stored_alerts(deps.model.config_view, rows)), more if len(rows) >= MOST_STORED else ""


def _matches(found: "Alert | AlertSchema", wanted: Mapping[str, str], acknowledged: bool | None) -> bool:
    if isinstance(found, Alert):
        own = {**found.labels, "severity": str(found.severity), "kind": str(found.kind)}
        ack: object = found.ack
    else:
        own = {"ward": found["ward"], "bed": found["bed"], "severity": found["severity"], "kind": found["kind"]}
        ack = found["ack"]
    if any(own.get(name, "") != value for name, value in wanted.items()):
        return False
    return acknowledged is None or (ack is not None) is acknowledged


def _id(found: "Alert | AlertSchema") -> str:
    return found.id if isinstance(found, Alert) else found["id"]


def _schema(deps: Dependencies, found: "Alert | AlertSchema") -> AlertSchema:
    return alert_schema(deps.model, found, Now.of(deps.clock)) if isinstance(found, Alert) else found
