"""What people do: a deed goes into the log of actions, and its effect comes back with the log of alerts."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request, Response

from ward.action import Action, Deed
from ward.alert import Alert
from ward.clock import format_instant
from ward.errors import LogUnavailable
from ward.ids import digest, printable
from ward.topics import ACTIONS
from ward.wire import ACTION
from web.api.answers import ERRORS, Refusal, answer, quoted, told
from web.api.asking import Asker
from web.desk import Desk
from web.shapes import DeedShape
from web.views.telling import whereabouts

_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: told("It is over, or somebody has it already: the sentence says who")
}


class Claim(msgspec.Struct, forbid_unknown_fields=True):
    """Who does it, and what they want to say about it."""

    by: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


_CLAIM = msgspec.json.Decoder(Claim)
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": msgspec.json.schema(Claim)["$defs"]["Claim"]}},
    }
}


def make_deeds(desk: Desk, log: Asker) -> APIRouter:
    """The routes by which people take alerts and give them back."""
    router = APIRouter(prefix="/api/v1", tags=["alerts"], responses=ERRORS | _CONFLICT)

    @router.post("/alerts/{alert}/ack", status_code=202, response_model=DeedShape, openapi_extra=_BODY)
    async def acknowledge(alert: str, request: Request) -> Response:
        """Take an alert: it is told to nobody else, until it is over or comes anew."""
        claim, known = _claim(await request.body()), _active(desk, alert)
        if known.ack is not None:
            raise Refusal(409, f"{printable(known.ack.by)} has it since {format_instant(known.ack.at)}.")
        return await _put(desk, log, known, Deed.ACKNOWLEDGE, claim)

    @router.delete("/alerts/{alert}/ack", status_code=202, response_model=DeedShape, openapi_extra=_BODY)
    async def give_back(alert: str, request: Request) -> Response:
        """Give an alert back: nobody has it then, and people are told again."""
        claim, known = _claim(await request.body()), _active(desk, alert)
        if known.ack is None:
            raise Refusal(409, "Nobody has it, so there is nothing to give back.")
        return await _put(desk, log, known, Deed.UNACKNOWLEDGE, claim)

    return router


def _claim(body: bytes) -> Claim:
    try:
        claim = _CLAIM.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        why = printable(str(error), 120)
        raise Refusal(400, f'Send JSON such as {{"by": "Nurse Ada", "note": "on my way"}}: {why}.') from None
    if not claim.by.strip() or not claim.by.isprintable():
        raise Refusal(400, "'by' must be a name: who is it that does this?")
    return claim


def _active(desk: Desk, alert: str) -> Alert:
    with desk.picture.lock:
        known = desk.picture.alerts.get(alert)
    if known is None:
        raise Refusal(404, f"There is no alert {quoted(alert)}: GET /api/v1/alerts lists the active ones.")
    if not known.active:
        ends = format_instant(known.ends_at or known.updated_at)
        raise Refusal(409, f"It is over since {ends} ({known.ended or 'ended'}): nobody need take it.")
    return known


async def _put(desk: Desk, log: Asker, alert: Alert, deed: Deed, claim: Claim) -> Response:
    by = claim.by.strip()
    # The alert's last change is part of the id: a repeated request is one deed, a later one another.
    action = Action(
        id=digest(deed, alert.id, alert.updated_at, by),
        deed=deed, subject=alert.id, by=by, at=desk.clock.now(), note=claim.note,
    )  # fmt: skip
    await log.ask(lambda: _append(desk, action))
    desk.board.fresh()
    where = whereabouts(desk.picture.frame, alert.labels)
    will = f"{where}: {alert.labels.get('alertname', 'alert')} will be {_WILL[deed].format(by=by)} within seconds."
    return answer({"id": action.id, "alert": alert.id, "will": printable(will, 400)}, 202)


_WILL = {Deed.ACKNOWLEDGE: "acknowledged by {by}", Deed.UNACKNOWLEDGE: "given back by {by}"}


def _append(desk: Desk, action: Action) -> None:
    receipt = desk.log.send(ACTIONS, [(action.subject, ACTION.encode(action))])
    if not receipt.settled(desk.patience):
        raise LogUnavailable(f"not durable within {desk.patience:g} s")
