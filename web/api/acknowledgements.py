"""Acknowledging an alert, and taking it over.

The action is written to the log of actions, its effect is read from the log of alerts.
"""

from typing import Any

from fastapi import APIRouter, Request, Response

from ward.action import Action, ActionType
from ward.alert import Alert
from ward.end_text import end_text
from ward.finding import EndReason
from ward.ids import digest, printable
from web.api import effects, refusals
from web.api.attribution import Attribution, attribution_body, read_attribution
from web.api.log_writer import LogWriter
from web.api.responses import ERRORS, ApiError, answer, error_response, quoted
from web.dependencies import Dependencies
from web.presentation.alerts import alert_title
from web.schemas import ActionResultSchema

CONFLICT: dict[int | str, dict[str, Any]] = {
    409: error_response("The alert has ended, or is acknowledged already; the sentence says by whom")
}


def make_acknowledgements(deps: Dependencies, writer: LogWriter) -> APIRouter:
    """The routes that acknowledge alerts, take them over and un-acknowledge them."""
    router = APIRouter(prefix="/api/v1", tags=["alerts"], responses=ERRORS | CONFLICT)

    @router.post(
        "/alerts/{alert}/ack",
        status_code=202,
        response_model=ActionResultSchema,
        openapi_extra=attribution_body(Attribution),
    )
    async def acknowledge(alert: str, request: Request) -> Response:
        """Acknowledge an alert: no further notifications, unless its severity rises or it is raised again."""
        attribution, known = read_attribution(await request.body(), Attribution), active_alert(deps, alert)
        if known.ack is not None and known.latched is None:
            raise ApiError(409, refusals.ACKNOWLEDGED(by=printable(known.ack.by), time=deps.local_time(known.ack.at)))
        return await put_action(deps, writer, known, ActionType.ACKNOWLEDGE, attribution)

    @router.post(
        "/alerts/{alert}/take-over",
        status_code=202,
        response_model=ActionResultSchema,
        openapi_extra=attribution_body(Attribution),
    )
    async def take_over(alert: str, request: Request) -> Response:
        """Take over an alert from the person who has acknowledged it. Nobody is notified of it."""
        attribution, known = read_attribution(await request.body(), Attribution), active_alert(deps, alert)
        if known.ack is None:
            raise ApiError(409, refusals.NOTHING_TO_TAKE_OVER())
        if known.ack.by == attribution.by.strip():
            since = deps.local_time(known.ack.at)
            raise ApiError(409, refusals.TAKEN_OVER_ALREADY(by=printable(known.ack.by), time=since))
        return await put_action(deps, writer, known, ActionType.TAKE_OVER, attribution)

    @router.delete(
        "/alerts/{alert}/ack",
        status_code=202,
        response_model=ActionResultSchema,
        openapi_extra=attribution_body(Attribution),
    )
    async def unacknowledge(alert: str, request: Request) -> Response:
        """Un-acknowledge an alert: its notifications and its escalation continue."""
        attribution, known = read_attribution(await request.body(), Attribution), active_alert(deps, alert)
        if known.ack is None:
            raise ApiError(409, refusals.NOT_ACKNOWLEDGED())
        return await put_action(deps, writer, known, ActionType.UNACKNOWLEDGE, attribution)

    return router


def active_alert(deps: Dependencies, alert: str) -> Alert:
    """The alert of this id. Raises `ApiError` where there is none (404), or it has ended (409)."""
    with deps.model.lock:
        known = deps.model.alerts.get(alert)
    if known is None:
        raise ApiError(404, refusals.NO_ALERT(id=quoted(alert)))
    if not known.active:
        ends = deps.local_time(known.ends_at or known.updated_at)
        raise ApiError(409, refusals.NOT_ACTIVE(time=ends, end=end_text(known.ended or EndReason.RECOVERED)))
    return known


async def put_action(
    deps: Dependencies, writer: LogWriter, alert: Alert, type_: ActionType, attribution: Attribution
) -> Response:
    """Write an action of a person about an alert to the log, and answer with its effect."""
    by = attribution.by.strip()
    # The alert's last change is part of the id: a repeated request is the same action, a later request is another.
    action = Action(
        id=digest(type_, alert.id, alert.updated_at, by),
        type=type_, subject=alert.id, by=by, at=deps.clock.now(), note=attribution.note,
    )  # fmt: skip
    await writer.act(action)
    title = alert_title(deps.model.config_view, alert.labels)
    effect = effects.OF_ACTIONS[type_](alert=title, by=by)
    return answer({"id": action.id, "alert": alert.id, "effect": printable(effect, 400)}, 202)
