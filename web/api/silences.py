"""Silences from the screen: this alert, for some minutes, and its end."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Request, Response

from ward.action import Action, ActionType
from ward.alert import Alert
from ward.clock import SECOND, Micros, format_instant
from ward.finding import Severity
from ward.ids import digest, is_id, printable
from ward.matcher import Matcher
from ward.silence import Silence, SilenceState
from web.api.acknowledgements import CONFLICT, active_alert
from web.api.attribution import Attribution, attribution_body, read_attribution
from web.api.log_writer import LogWriter
from web.api.responses import ERRORS, Refusal, answer, quoted
from web.dependencies import Dependencies
from web.presentation.alert_schema import place_name, silence_schema
from web.schemas import HushSchema, SilencesSchema

_MOST_STANDING = 1000
_MOST_SHOWN_OVER = 100
_EXAMPLE = '{"by": "Nurse Ada", "note": "probe is off for washing", "minutes": 10}'


class Hush(Attribution):
    """A claim with how long."""

    minutes: Annotated[int, msgspec.Meta(ge=1, le=720)] = 10


def make_silences(deps: Dependencies, writer: LogWriter) -> APIRouter:
    """The routes by which people silence an alert, and end a silence."""
    router = APIRouter(prefix="/api/v1", tags=["silences"], responses=ERRORS | CONFLICT)

    @router.get("/silences", response_model=SilencesSchema)
    async def silences() -> Response:
        """Silences that hold or will, then the newest of those that are over."""
        now = deps.clock.now()
        with deps.model.lock:
            standing = deps.model.silences.standing(now)
            over = [s for s in deps.model.silences if s.state(now) is SilenceState.EXPIRED]
        over.sort(key=lambda silence: silence.ends_at, reverse=True)
        shown = [*standing, *over[:_MOST_SHOWN_OVER]]
        return answer({"at": format_instant(now), "silences": [silence_schema(silence, now) for silence in shown]})

    @router.post(
        "/alerts/{alert}/silence", status_code=202, response_model=HushSchema, openapi_extra=attribution_body(Hush)
    )
    async def hush(alert: str, request: Request) -> Response:
        """Silence one alert for some minutes: nobody is told of it, unless it gets worse or comes anew."""
        claim, known = read_attribution(await request.body(), Hush, _EXAMPLE), active_alert(deps, alert)
        if not claim.note.strip():
            raise Refusal(400, "'note' must say why: whoever wonders at the quiet will want to know.")
        now = deps.clock.now()
        silence = _silence(deps, known, claim, now)
        await writer.act(_action(ActionType.SILENCE, silence, silence.by, now, silence.comment))
        name = f"{place_name(deps.model.config_view, known.labels)}: {known.labels.get('alertname', 'alert')}"
        will = f"{name} is silenced by {silence.by} until {format_instant(silence.ends_at)}, unless it gets worse."
        told: HushSchema = {"id": silence.id, "silence": silence_schema(silence, now), "will": printable(will, 400)}
        return answer(told, 202)

    @router.delete(
        "/silences/{silence}", status_code=202, response_model=HushSchema, openapi_extra=attribution_body(Attribution)
    )
    async def end(silence: str, request: Request) -> Response:
        """End a silence: what it kept quiet is told, if it still is."""
        claim = read_attribution(await request.body(), Attribution)
        ended = await end_silence(deps, writer, silence, claim.by.strip(), claim.note)
        will = f"The silence of {printable(ended.by, 80)} is over: what it kept quiet is told within seconds."
        told: HushSchema = {"id": ended.id, "silence": silence_schema(ended, deps.clock.now()), "will": will}
        return answer(told, 202)

    return router


def known_silence(deps: Dependencies, silence: str) -> Silence:
    """Raises `Refusal` where there is none of this id."""
    with deps.model.lock:
        known = deps.model.silences.get(silence)
    if known is None:
        raise Refusal(404, f"There is no silence {quoted(silence)}: GET /api/v2/silences lists them.")
    return known


def room_for_one(deps: Dependencies) -> None:
    """Raises `Refusal` where there are too many silences to hold in mind."""
    with deps.model.lock:
        standing = len(deps.model.silences.standing(deps.clock.now()))
    if standing >= _MOST_STANDING:
        raise Refusal(409, f"There are {standing} silences already: end some of them first.")


async def end_silence(deps: Dependencies, writer: LogWriter, silence: str, by: str, note: str) -> Silence:
    """The silence, over. Ending one that is over already does nothing, and says so by its times."""
    known, now = known_silence(deps, silence), deps.clock.now()
    if known.state(now) is SilenceState.EXPIRED:
        return known
    await writer.act(_action(ActionType.EXPIRE, known, by, now, note))
    return known.expired(now)


def _action(type_: ActionType, silence: Silence, by: str, now: Micros, note: str) -> Action:
    return Action(
        id=digest(type_, silence.id, silence.updated_at if type_ is ActionType.EXPIRE else ""), type=type_,
        subject=silence.id, by=by, at=now, note=note, silence=silence if type_ is ActionType.SILENCE else None,
    )  # fmt: skip


def _silence(deps: Dependencies, alert: Alert, claim: Hush, now: Micros) -> Silence:
    """Bound to this incarnation and to no worse severity. A repeated request makes the same one."""
    if not is_id(alert.id):
        raise Refusal(409, "This alert has an id that no silence can name: POST /api/v2/silences with its labels.")
    room_for_one(deps)
    with deps.model.lock:
        before = deps.model.silences.of(alert.id)
    for other in before:
        if other.state(now) is SilenceState.ACTIVE and other.mutes(alert.labels):
            until = format_instant(other.ends_at)
            raise Refusal(409, f"{printable(other.by, 80)} has silenced it until {until}: end that silence first.")
    try:
        return Silence(
            id=digest("silence", alert.id, claim.by.strip(), claim.minutes, len(before)), matchers=_matchers(alert),
            starts_at=now, ends_at=now + claim.minutes * 60 * SECOND, by=claim.by.strip(),
            comment=claim.note.strip(), updated_at=now, alert=alert.id,
        )  # fmt: skip
    except ValueError as error:
        raise Refusal(409, f"This alert cannot be silenced: {printable(str(error), 200)}.") from None


def _matchers(alert: Alert) -> tuple[Matcher, ...]:
    """All its labels, and no severity above its own: who silences a MEDIUM wants to hear of a HIGH."""
    own = [Matcher(name, "=", value) for name, value in sorted(alert.labels.items()) if name != "severity"]
    if alert.severity is Severity.HIGH:
        return tuple(own)
    milder = (str(severity) for severity in Severity if severity.rank <= alert.severity.rank)
    return (*own, Matcher("severity", "=~", "|".join(milder)))
