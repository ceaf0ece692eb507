"""Alerts: what is active, what was, and why people were told or not."""

from fastapi import APIRouter, Query, Response

from ward.clock import Micros, format_instant
from web.api.bounded_call import BoundedCall
from web.api.params import bed_of, choice_of, count_of, span_of, truth_of, ward_of
from web.api.responses import ERRORS, Refusal, answer, quoted
from web.dependencies import Dependencies
from web.presentation.alert_schema import alert_schema
from web.presentation.stored_alerts import past
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
        acknowledged: str = Query("", description="true: those somebody has; false: those nobody has"),
        start: str = Query("", alias="from", description="for ended ones: RFC 3339; by default a day before `to`"),
        end: str = Query("", alias="to", description="for ended ones: RFC 3339; by default now"),
        limit: str = Query("", description="how many at most"),
    ) -> Response:
        """Active alerts, the most needed first, and ended ones, the newest first."""
        config_view, most = deps.model.config_view, count_of("limit", limit, 200, 1000)
        choice_of("state", state, ("active", "ended", "all"))
        wanted = {
            "ward": ward and ward_of(config_view, ward),
            "bed": bed and bed_of(config_view, bed),
            "severity": choice_of("severity", severity, ("high", "medium", "low")),
            "kind": choice_of("kind", kind, ("physiological", "technical")),
        }
        taken = truth_of("acknowledged", acknowledged, False) if acknowledged else None
        span = span_of(start, end, deps.clock.now(), _DAY)
        found = _active(deps) if state != "ended" else []
        problem = ""
        if state != "active":
            old, problem = await _ended(deps, store, span, {k: v for k, v in wanted.items() if v and k != "severity"})
            found += old
        found = [alert for alert in found if _meant(alert, wanted, taken)][:most]
        return answer({"at": format_instant(deps.clock.now()), "alerts": found, "store": problem})

    @router.get("/alerts/{alert}", response_model=OneAlertSchema)
    async def one_alert(alert: str) -> Response:
        """One alert, as long as the log has it."""
        with deps.model.lock:
            known = deps.model.alerts.get(alert)
            if known is None:
                raise Refusal(404, f"There is no alert {quoted(alert)} here: GET /api/v1/alerts?state=all lists them.")
            shape = alert_schema(deps.model, known, deps.clock.now())
        return answer({"at": format_instant(deps.clock.now()), "alert": shape})

    return router


def _active(deps: Dependencies) -> list[AlertSchema]:
    with deps.model.lock:
        return [alert_schema(deps.model, alert, deps.clock.now()) for alert in deps.model.alerts.active()]


async def _ended(
    deps: Dependencies, store: BoundedCall, span: tuple[Micros, Micros], where: dict[str, str]
) -> tuple[list[AlertSchema], str]:
    """What is over: from the log while it is known there, from the store beyond that."""
    model, (start, end) = deps.model, span
    with model.lock:
        over = [a for a in model.alerts.ended() if start <= (a.ends_at or a.updated_at) < end]
        known = [alert_schema(model, alert, deps.clock.now()) for alert in over]
        here = {alert.id for alert in model.alerts}
    try:
        events = await store.ask(lambda: deps.store.events("alerts", where, start, end, 2000))
    except Refusal as refusal:
        return known, refusal.sentence
    remembered = [alert for alert in past(model.config_view, events) if alert["id"] not in here]
    return sorted(known + remembered, key=lambda alert: alert["ends"] or alert["updated"], reverse=True), ""


def _meant(alert: AlertSchema, wanted: dict[str, str], taken: bool | None) -> bool:
    own = {"ward": alert["ward"], "bed": alert["bed"], "severity": alert["severity"], "kind": alert["kind"]}
    if any(value and own[name] != value for name, value in wanted.items()):
        return False
    return taken is None or (alert["ack"] is not None) is taken
