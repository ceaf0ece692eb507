"""What people do: a deed goes into the log of actions, and its effect comes back with the log of alerts."""

from typing import Any

from fastapi import APIRouter, Request, Response

from ward.action import Action, Deed
from ward.alert import Alert
from ward.clock import format_instant
from ward.ids import digest, printable
from web.api.answers import ERRORS, Refusal, answer, quoted, told
from web.api.claim import Claim, claim_body, read_claim
from web.api.writing import Writer
from web.desk import Desk
from web.shapes import DeedShape
from web.views.telling import whereabouts

CONFLICT: dict[int | str, dict[str, Any]] = {409: told("It is over, or somebody has it already: the sentence says who")}


def make_deeds(desk: Desk, writer: Writer) -> APIRouter:
    """The routes by which people take alerts and give them back."""
    router = APIRouter(prefix="/api/v1", tags=["alerts"], responses=ERRORS | CONFLICT)

    @router.post("/alerts/{alert}/ack", status_code=202, response_model=DeedShape, openapi_extra=claim_body(Claim))
    async def acknowledge(alert: str, request: Request) -> Response:
        """Take an alert: it is told to nobody else, until it is over or comes anew."""
        claim, known = read_claim(await request.body(), Claim), active_alert(desk, alert)
        if known.ack is not None:
            raise Refusal(409, f"{printable(known.ack.by)} has it since {format_instant(known.ack.at)}.")
        return await _put(desk, writer, known, Deed.ACKNOWLEDGE, claim)

    @router.delete("/alerts/{alert}/ack", status_code=202, response_model=DeedShape, openapi_extra=claim_body(Claim))
    async def give_back(alert: str, request: Request) -> Response:
        """Give an alert back: nobody has it then, and people are told again."""
        claim, known = read_claim(await request.body(), Claim), active_alert(desk, alert)
        if known.ack is None:
            raise Refusal(409, "Nobody has it, so there is nothing to give back.")
        return await _put(desk, writer, known, Deed.UNACKNOWLEDGE, claim)

    return router


def active_alert(desk: Desk, alert: str) -> Alert:
    """Raises `Refusal` where there is no such alert, or it is over."""
    with desk.picture.lock:
        known = desk.picture.alerts.get(alert)
    if known is None:
        raise Refusal(404, f"There is no alert {quoted(alert)}: GET /api/v1/alerts lists the active ones.")
    if not known.active:
        ends = format_instant(known.ends_at or known.updated_at)
        raise Refusal(409, f"It is over since {ends} ({known.ended or 'ended'}): nobody need take it.")
    return known


async def _put(desk: Desk, writer: Writer, alert: Alert, deed: Deed, claim: Claim) -> Response:
    by = claim.by.strip()
    # The alert's last change is part of the id: a repeated request is one deed, a later one another.
    action = Action(
        id=digest(deed, alert.id, alert.updated_at, by),
        deed=deed, subject=alert.id, by=by, at=desk.clock.now(), note=claim.note,
    )  # fmt: skip
    await writer.act(action)
    where = whereabouts(desk.picture.frame, alert.labels)
    will = f"{where}: {alert.labels.get('alertname', 'alert')} will be {_WILL[deed].format(by=by)} within seconds."
    return answer({"id": action.id, "alert": alert.id, "will": printable(will, 400)}, 202)


_WILL = {Deed.ACKNOWLEDGE: "acknowledged by {by}", Deed.UNACKNOWLEDGE: "given back by {by}"}
