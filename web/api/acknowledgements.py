"""What people do: a action goes into the log of actions, and its effect comes back with the log of alerts."""

from typing import Any

from fastapi import APIRouter, Request, Response

from ward.action import Action, ActionType
from ward.alert import Alert
from ward.clock import format_instant
from ward.ids import digest, printable
from web.api.attribution import Attribution, attribution_body, read_attribution
from web.api.log_writer import LogWriter
from web.api.responses import ERRORS, Refusal, answer, quoted, told
from web.dependencies import Dependencies
from web.presentation.alert_schema import place_name
from web.schemas import ActionResultSchema

CONFLICT: dict[int | str, dict[str, Any]] = {409: told("It is over, or somebody has it already: the sentence says who")}


def make_acknowledgements(deps: Dependencies, writer: LogWriter) -> APIRouter:
    """The routes by which people take alerts and give them back."""
    router = APIRouter(prefix="/api/v1", tags=["alerts"], responses=ERRORS | CONFLICT)

    @router.post(
        "/alerts/{alert}/ack",
        status_code=202,
        response_model=ActionResultSchema,
        openapi_extra=attribution_body(Attribution),
    )
    async def acknowledge(alert: str, request: Request) -> Response:
        """Take an alert: it is told to nobody else, until it is over or comes anew."""
        claim, known = read_attribution(await request.body(), Attribution), active_alert(deps, alert)
        if known.ack is not None:
            raise Refusal(409, f"{printable(known.ack.by)} has it since {format_instant(known.ack.at)}.")
        return await _put(deps, writer, known, ActionType.ACKNOWLEDGE, claim)

    @router.delete(
        "/alerts/{alert}/ack",
        status_code=202,
        response_model=ActionResultSchema,
        openapi_extra=attribution_body(Attribution),
    )
    async def give_back(alert: str, request: Request) -> Response:
        """Give an alert back: nobody has it then, and people are told again."""
        claim, known = read_attribution(await request.body(), Attribution), active_alert(deps, alert)
        if known.ack is None:
            raise Refusal(409, "Nobody has it, so there is nothing to give back.")
        return await _put(deps, writer, known, ActionType.UNACKNOWLEDGE, claim)

    return router


def active_alert(deps: Dependencies, alert: str) -> Alert:
    """Raises `Refusal` where there is no such alert, or it is over."""
    with deps.model.lock:
        known = deps.model.alerts.get(alert)
    if known is None:
        raise Refusal(404, f"There is no alert {quoted(alert)}: GET /api/v1/alerts lists the active ones.")
    if not known.active:
        ends = format_instant(known.ends_at or known.updated_at)
        raise Refusal(409, f"It is over since {ends} ({known.ended or 'ended'}): nobody need take it.")
    return known


async def _put(deps: Dependencies, writer: LogWriter, alert: Alert, type_: ActionType, claim: Attribution) -> Response:
    by = claim.by.strip()
    # The alert's last change is part of the id: a repeated request is one action, a later one another.
    action = Action(
        id=digest(type_, alert.id, alert.updated_at, by),
        type=type_, subject=alert.id, by=by, at=deps.clock.now(), note=claim.note,
    )  # fmt: skip
    await writer.act(action)
    where = place_name(deps.model.config_view, alert.labels)
    will = f"{where}: {alert.labels.get('alertname', 'alert')} will be {_WILL[type_].format(by=by)} within seconds."
    return answer({"id": action.id, "alert": alert.id, "will": printable(will, 400)}, 202)


_WILL = {ActionType.ACKNOWLEDGE: "acknowledged by {by}", ActionType.UNACKNOWLEDGE: "given back by {by}"}
