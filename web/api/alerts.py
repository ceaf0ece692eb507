"""Active and ended alerts."""

from fastapi import APIRouter, Query, Response

from ward.clock import Micros
from ward.severity_names import our_severity
from web.api.bounded_call import BoundedCall
from web.api.params import bed_of, boolean_of, choice_of, count_of, span_of, ward_of
from web.api.responses import ERRORS, ApiError, answer, quoted
from web.dependencies import Dependencies
from web.presentation.alerts import alert_schema
from web.presentation.instants import rfc3339
from web.presentation.stored_alerts import stored_alerts
from web.schemas import AlertSchema, AlertsSchema, OneAlertSchema

_DAY = 86400.0


def make_alerts(deps: Dependencies, store: BoundedCall) -> APIRouter:
    """The routes under `/api/v1/alerts` that change nothing."""
    router = APIRouter(prefix="/api/v1", tags=["alerts"], responses=ERRORS)

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
    ) -> Response:
        """Active alerts by priority, and ended alerts, newest first, in pages: `total` is how many there are in all."""
        view, most = deps.model.config_view, count_of("limit", limit, 200, 1000)
        first = 0 if offset == "0" else count_of("offset", offset, 0, 1_000_000)
        choice_of("state", state, ("active", "ended", "all"))
        wanted = {
            "ward": ward and ward_of(view, ward),
            "bed": bed and bed_of(view, bed),
            "severity": choice_of("severity", our_severity(severity) or severity, ("high", "medium", "low")),
            "kind": choice_of("kind", kind, ("physiological", "technical")),
        }
        only = boolean_of("acknowledged", acknowledged, False) if acknowledged else None
        span = span_of(start, end, deps.clock.now(), _DAY)
        found = _active(deps) if state != "ended" else []
        problem = ""
        if state != "active":
            old, problem = await _ended(deps, store, span, {k: v for k, v in wanted.items() if v and k != "severity"})
            found += old
        found = [alert for alert in found if _matches(alert, wanted, only)]
        page = found[first : first + most]
        return answer({"at": rfc3339(deps.clock.now()), "total": len(found), "alerts": page, "store": problem})

    @router.get("/alerts/{alert}", response_model=OneAlertSchema)
    async def one_alert(alert: str) -> Response:
        """One alert that is still in memory."""
        with deps.model.lock:
            known = deps.model.alerts.get(alert)
            if known is None:
                raise ApiError(404, f"There is no alert {quoted(alert)} here: GET /api/v1/alerts?state=all lists them.")
            found = alert_schema(deps.model, known, deps.clock.now())
        return answer({"at": rfc3339(deps.clock.now()), "alert": found})

    return router


def _active(deps: Dependencies) -> list[AlertSchema]:
    with deps.model.lock:
        return [alert_schema(deps.model, alert, deps.clock.now()) for alert in deps.model.alerts.active()]


async def _ended(
    deps: Dependencies, store: BoundedCall, span: tuple[Micros, Micros], where: dict[str, str]
) -> tuple[list[AlertSchema], str]:
    """Ended alerts, from memory and from the store; and what is missing where the store does not answer."""
    model, (start, end) = deps.model, span
    with model.lock:
        ended = [a for a in model.alerts.ended() if start <= (a.ends_at or a.updated_at) < end]
        known = [(a.ends_at or a.updated_at, alert_schema(model, a, deps.clock.now())) for a in ended]
        in_memory = {alert.id for alert in model.alerts}
    try:
        rows = await store.call(lambda: deps.store.rows("alerts", where, start, end, 2000))
    except ApiError as error:
        return [alert for _, alert in known], error.message
    stored = [found for found in stored_alerts(model.config_view, rows) if found.schema["id"] not in in_memory]
    newest_first = sorted([*known, *stored], key=lambda found: found[0], reverse=True)
    return [alert for _, alert in newest_first], ""


def _matches(alert: AlertSchema, wanted: dict[str, str], acknowledged: bool | None) -> bool:
    own = {"ward": alert["ward"], "bed": alert["bed"], "severity": alert["severity"], "kind": alert["kind"]}
    if any(value and own[name] != value for name, value in wanted.items()):
        return False
    return acknowledged is None or (alert["ack"] is not None) is acknowledged
