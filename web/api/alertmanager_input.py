"""Writing by Alertmanager's API: alerts go to the log of findings, silences to the log of actions."""

from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import structs

from ward.action import Action
from ward.alert import SENDER
from ward.ids import printable
from ward.silence import Silence, SilenceState
from ward.topics import FINDINGS
from ward.wire import FINDING_WIRE
from web.alertmanager.input import PostedAlerts, posted_alerts, posted_silence
from web.api import refusals
from web.api.attribution import Attribution, read_attribution
from web.api.background import Background
from web.api.log_writer import LogWriter
from web.api.responses import ALERTMANAGER_ERRORS, ERRORS, ApiError, answer, error_response
from web.api.sender_limits import Admission, SenderLimits
from web.api.silences import end_silence, known_silence, room_for_one
from web.api.trusted_senders import powers
from web.api.wide_silences import check_width
from web.dependencies import Dependencies
from web.presentation.alerts import silence_warnings

UNNAMED_CLIENT = "unnamed API client"
MAX_NAMED = 10  # refused alerts that an answer names
LIMITED: dict[int | str, dict[str, Any]] = {429: error_response("The sender has reached a bound, which is named")}
_JSON = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}


def make_alertmanager_input(deps: Dependencies, actions: LogWriter, findings: LogWriter) -> APIRouter:
    """The routes of Alertmanager that change something. A 200 answer means that the change is durable."""
    router = APIRouter(prefix="/api", tags=["alertmanager"])
    background, limits = Background(), SenderLimits(deps)

    @router.post("/v1/alerts", openapi_extra=_JSON, responses=ERRORS | LIMITED)
    @router.post("/v2/alerts", openapi_extra=_JSON, responses=ALERTMANAGER_ERRORS | LIMITED)
    async def post_alerts(request: Request) -> Response:
        """Alerts of other systems: they are notified, silenced and shown like our own. Grafana posts to version 1.

        They mute, end, acknowledge and change no alert of our own, unless `trusted_senders` of the config says so.

        Valid alerts are accepted also when others of the request are not: then the answer is 400 and names those.
        429 when the sender has as many active as it may, or posts too many in a minute: the most urgent are accepted.
        """
        body, config, now = await request.body(), deps.live.config, deps.clock.now()
        inventory, timeout = config.inventory, config.alerting.external_timeout
        try:
            may = powers(request.headers.get("authorization", ""), config.alerting.trusted_senders)
            posted = posted_alerts(body, now, timeout, lambda bed: inventory.patient(bed, now), may)
        except ValueError as error:
            raise _wrong(error) from None
        sender = _sender(request)
        named = [(key, structs.replace(f, annotations={**f.annotations, SENDER: sender})) for key, f in posted.findings]
        admitted = await background.run(lambda: limits.admit(sender, named))
        await findings.append(FINDINGS, [(key, FINDING_WIRE.encode(finding)) for key, finding in admitted.taken])
        if admitted.left:
            raise _limited(posted, admitted)
        if posted.refused:
            raise _partly_refused(posted)
        return Response(status_code=200)

    @router.post("/v2/silences", openapi_extra=_JSON, responses=ALERTMANAGER_ERRORS)
    async def post_silence(request: Request) -> Response:
        """Create a silence, or replace the one whose id is given.

        `warnings` of the answer say why it can match no alert, where it cannot: a bed that does not exist.

        409 for one of every HIGH alert about patients of a ward, beyond a short time and without a confirmation.
        """
        action, warnings = _read(deps, await request.body()), list[str]()
        if action.silence is not None:
            silence, config = action.silence, deps.live.config
            await background.run(lambda: check_width(silence, config, deps.clock.now()))
            warnings = await background.run(lambda: _warnings(deps, silence))
        await actions.act(action)
        return answer({"silenceID": action.subject} | ({"warnings": warnings} if warnings else {}))

    @router.delete("/v2/silence/{silence}", responses=ALERTMANAGER_ERRORS)
    async def delete_silence(silence: str, request: Request) -> Response:
        """End a silence. The body may name who ends it: `{"by": "Nurse Ada", "note": "back at the bed"}`."""
        body = await request.body()
        attribution = read_attribution(body, Attribution) if body else Attribution(by=UNNAMED_CLIENT)
        await end_silence(deps, actions, silence, attribution.by.strip(), attribution.note)
        return Response(status_code=200)

    return router


def _warnings(deps: Dependencies, silence: Silence) -> list[str]:
    with deps.model.lock:
        return silence_warnings(deps.model, silence)


def _sender(request: Request) -> str:
    """The system that posts: its address. `external_limit` of the config counts its alerts."""
    return printable(request.client.host, 64) if request.client else ""


def _read(deps: Dependencies, body: bytes) -> Action:
    """The action of a posted silence. The same body again is the same silence, until that one expires."""
    request, now = body.decode("utf-8", "backslashreplace"), deps.clock.now()
    try:
        action = posted_silence(body, now, request)
    except ValueError as error:
        raise _wrong(error) from None
    replaces = bool(msgspec.json.decode(body).get("id"))
    with deps.model.lock:
        known = deps.model.silences.get(action.subject)
    if known is None:
        if replaces:
            known_silence(deps, action.subject)
        room_for_one(deps)
        return action
    if not replaces and known.state(now) is not SilenceState.EXPIRED:
        return action
    # The last change is part of the id: setting a silence back to an earlier state is another action.
    return posted_silence(body, now, f"{request} {known.updated_at}")


def _limited(posted: PostedAlerts, admitted: Admission) -> ApiError:
    every = len(posted.findings) + len(posted.refused)
    accepted, also = len(posted.findings) - admitted.left, f"; {_named(posted)}" if posted.refused else ""
    return ApiError(
        429, refusals.SENDER_LIMITED(count=accepted, all=every, why=admitted.why, also=also),
        retry_after=admitted.retry_after,
    )  # fmt: skip


def _partly_refused(posted: PostedAlerts) -> ApiError:
    return ApiError(400, refusals.PARTLY_REFUSED(count=len(posted.findings), refused=_named(posted)))


def _named(posted: PostedAlerts) -> str:
    faults = [printable(fault, 200) for fault in posted.refused[:MAX_NAMED]]
    more = refusals.AND_MORE(count=len(posted.refused) - MAX_NAMED) if len(posted.refused) > MAX_NAMED else ""
    return refusals.REFUSED_ALERTS(count=len(posted.refused), faults="; ".join(faults), more=more)


def _wrong(error: ValueError) -> ApiError:
    return ApiError(400, refusals.BODY(why=printable(str(error), 300)))
