"""Silencing one alert for some minutes, and ending a silence."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Request, Response

from ward.action import Action, ActionType
from ward.alert import Alert
from ward.clock import SECOND, Micros
from ward.finding import Severity
from ward.ids import digest, is_id, printable
from ward.matcher import Matcher
from ward.severity_names import SENDER_SEVERITY, SEVERITY
from ward.silence import Silence, SilenceState
from web.api import effects, refusals
from web.api.acknowledgements import CONFLICT, active_alert
from web.api.attribution import Attribution, attribution_body, read_attribution
from web.api.log_writer import LogWriter
from web.api.responses import ERRORS, ApiError, answer, quoted
from web.dependencies import Dependencies
from web.presentation.alerts import alert_title, silence_schema, silence_warnings
from web.presentation.instants import rfc3339
from web.schemas import SilenceResultSchema, SilencesSchema

_MAX_UNEXPIRED = 1000
_MAX_SHOWN_EXPIRED = 100
_EXAMPLE = '{"by": "Nurse Ada", "note": "probe is off for washing", "minutes": 10}'


class SilenceRequest(Attribution):
    """Who silences an alert, why (`note`), and for how many minutes."""

    minutes: Annotated[int, msgspec.Meta(ge=1, le=720)] = 10


def make_silences(deps: Dependencies, writer: LogWriter) -> APIRouter:
    """The routes that silence an alert and end a silence."""
    router = APIRouter(prefix="/api/v1", tags=["silences"], responses=ERRORS | CONFLICT)

    @router.get("/silences", response_model=SilencesSchema)
    async def silences() -> Response:
        """Active and pending silences, then the newest expired ones."""
        now = deps.clock.now()
        with deps.model.lock:
            unexpired = deps.model.silences.unexpired(now)
            expired = [s for s in deps.model.silences if s.state(now) is SilenceState.EXPIRED]
            warnings = {silence.id: silence_warnings(deps.model, silence) for silence in unexpired}
        expired.sort(key=lambda silence: silence.ends_at, reverse=True)
        shown = [*unexpired, *expired[:_MAX_SHOWN_EXPIRED]]
        schemas = [silence_schema(silence, now, warnings.get(silence.id, ())) for silence in shown]
        return answer({"at": rfc3339(now), "silences": schemas})

    @router.post(
        "/alerts/{alert}/silence",
        status_code=202,
        response_model=SilenceResultSchema,
        openapi_extra=attribution_body(SilenceRequest),
    )
    async def silence_alert(alert: str, request: Request) -> Response:
        """Silence one alert for some minutes: no notifications, unless its severity rises or it is raised again."""
        asked, known = read_attribution(await request.body(), SilenceRequest, _EXAMPLE), active_alert(deps, alert)
        if not asked.note.strip():
            raise ApiError(400, refusals.NO_REASON())
        now = deps.clock.now()
        silence = _silence(deps, known, asked, now)
        await writer.act(_action(ActionType.SILENCE, silence, silence.by, now, silence.comment))
        name = alert_title(deps.model.config_view, known.labels)
        until = deps.local_time(silence.ends_at)
        effect = effects.SILENCED(alert=name, by=silence.by, time=until)
        result: SilenceResultSchema = {
            "id": silence.id,
            "silence": silence_schema(silence, now),
            "effect": printable(effect, 400),
        }
        return answer(result, 202)

    @router.delete(
        "/silences/{silence}",
        status_code=202,
        response_model=SilenceResultSchema,
        openapi_extra=attribution_body(Attribution),
    )
    async def end(silence: str, request: Request) -> Response:
        """End a silence: its alerts are notified if they are active, not acknowledged, and not muted otherwise."""
        attribution = read_attribution(await request.body(), Attribution)
        ended = await end_silence(deps, writer, silence, attribution.by.strip(), attribution.note)
        effect = effects.SILENCE_ENDED(by=printable(ended.by, 80))
        result: SilenceResultSchema = {
            "id": ended.id,
            "silence": silence_schema(ended, deps.clock.now()),
            "effect": effect,
        }
        return answer(result, 202)

    return router


def known_silence(deps: Dependencies, silence: str) -> Silence:
    """The silence of this id. Raises `ApiError` (404) where there is none."""
    with deps.model.lock:
        known = deps.model.silences.get(silence)
    if known is None:
        raise ApiError(404, refusals.NO_SILENCE(id=quoted(silence)))
    return known


def room_for_one(deps: Dependencies) -> None:
    """Raises `ApiError` (409) where there are too many unexpired silences."""
    with deps.model.lock:
        count = len(deps.model.silences.unexpired(deps.clock.now()))
    if count >= _MAX_UNEXPIRED:
        raise ApiError(409, refusals.TOO_MANY_SILENCES(count=count))


async def end_silence(deps: Dependencies, writer: LogWriter, silence: str, by: str, note: str) -> Silence:
    """End a silence, and return it. One that has expired already is returned unchanged."""
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


def _silence(deps: Dependencies, alert: Alert, asked: SilenceRequest, now: Micros) -> Silence:
    """A silence of this alert at this or a lower severity. A repeated request makes the same silence."""
    if not is_id(alert.id):
        raise ApiError(409, refusals.NOT_BY_ID())
    room_for_one(deps)
    with deps.model.lock:
        before = deps.model.silences.of(alert.id)
    for other in before:
        if other.state(now) is SilenceState.ACTIVE and other.mutes(alert.labels):
            until = deps.local_time(other.ends_at)
            raise ApiError(409, refusals.SILENCED_ALREADY(by=printable(other.by, 80), time=until))
    try:
        return Silence(
            id=digest("silence", alert.id, asked.by.strip(), asked.minutes, len(before)), matchers=_matchers(alert),
            starts_at=now, ends_at=now + asked.minutes * 60 * SECOND, by=asked.by.strip(),
            comment=asked.note.strip(), updated_at=now, alert=alert.id,
        )  # fmt: skip
    except ValueError as error:
        raise ApiError(409, refusals.NOT_SILENCED(why=printable(str(error), 200))) from None


def _matchers(alert: Alert) -> tuple[Matcher, ...]:
    """All labels of the alert, with its own or a lower severity: a MEDIUM alert that becomes HIGH is notified."""
    others = sorted((name, value) for name, value in alert.labels.items() if name not in (SEVERITY, SENDER_SEVERITY))
    own = [Matcher(name, "=", value) for name, value in others]
    if alert.severity is Severity.HIGH:
        return tuple(own)
    lower = (str(severity) for severity in Severity if severity.rank <= alert.severity.rank)
    return (*own, Matcher(SEVERITY, "=~", "|".join(lower)))
