"""What people observe of a patient: consciousness, oxygen, and what else scores need that no monitor knows."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request, Response

from ward.action import Action, ActionType, Observation
from ward.bed_subject import PERSON, bed_subject
from ward.clock import SECOND, Micros, format_span, parse_instant
from ward.ids import digest, printable
from ward.inventory import Place
from ward.reading import Reading
from ward.signals import Signal
from ward.topics import BED_READINGS
from ward.wire import READING_WIRE
from web.api import effects, refusals
from web.api.attribution import Attribution, attribution_body, read_attribution
from web.api.log_writer import LogWriter
from web.api.params import bed_of
from web.api.responses import ERRORS, ApiError, answer, error_response, quoted
from web.dependencies import Dependencies
from web.model.now import Now
from web.presentation.observations import observations_schema
from web.schemas import ObservationResultSchema, ObservationsSchema

_EXAMPLE = '{"by": "Nurse Ada", "values": {"consciousness": 0, "oxygen": 2}}'
# An observation may be so many seconds ahead of our clock, and so many seconds old.
_AHEAD, _OLDEST = 60, 24 * 3600
_MOST = 20
_CONFLICT: dict[int | str, dict[str, Any]] = {409: error_response("Another patient was in the bed at that time")}


class ObservationRequest(Attribution):
    """Who observed which values by signal, when (now unless given), and of which patient, where that is to be
    checked: empty for a bed without a known patient."""

    values: Annotated[dict[str, float], msgspec.Meta(max_length=_MOST)] = msgspec.field(default_factory=dict)
    at: Annotated[str, msgspec.Meta(max_length=40)] = ""
    patient: Annotated[str, msgspec.Meta(max_length=64)] | msgspec.UnsetType = msgspec.UNSET


def make_observations(deps: Dependencies, writer: LogWriter) -> APIRouter:
    """The routes that take an observation and give the newest ones."""
    router = APIRouter(prefix="/api/v1", tags=["beds"], responses=ERRORS | _CONFLICT)
    _newest(router, deps)

    @router.post(
        "/beds/{bed}/observations",
        status_code=202,
        response_model=ObservationResultSchema,
        openapi_extra=attribution_body(ObservationRequest),
    )
    async def observe(bed: str, request: Request) -> Response:
        """Enter what a person observed of the patient in a bed. A later observation takes its place.

        An error about a value has its `field`: a signal, `at` or `patient`."""
        asked = read_attribution(await request.body(), ObservationRequest, _EXAMPLE)
        known = bed_of(deps.model.config_view, bed)
        signals, at = _signals(deps, asked.values), _instant(deps, asked.at)
        place = _place(deps, known, at, asked.patient)
        action = _action(asked, place, at, deps.clock.now())
        await writer.act(action)
        await writer.append(BED_READINGS, [_reading(action, place)])
        values = ", ".join(f"{signal.label}: {signal.in_words(asked.values[signal.name])}" for signal in signals)
        label, time = deps.model.config_view.inventory.label(known), deps.local_time(at)
        effect = effects.OBSERVED(bed=label, by=printable(action.by, 80), time=time, values=values)
        return answer({"id": action.id, "bed": known, "effect": printable(effect, 600)}, 202)

    return router


def _newest(router: APIRouter, deps: Dependencies) -> None:
    @router.get("/beds/{bed}/observations", response_model=ObservationsSchema)
    async def observations(bed: str) -> Response:
        """The newest observation of each signal that people observe, of the patient in a bed."""
        return answer(observations_schema(deps.model, bed_of(deps.model.config_view, bed), Now.of(deps.clock)))


def _signals(deps: Dependencies, values: dict[str, float]) -> list[Signal]:
    """The signals of an observation. Raises `ApiError` (400) for none, for one that is not observed, and for a value
    that is not possible."""
    catalogue = deps.model.config_view.catalogue
    known = [signal.name for signal in catalogue.values() if signal.observed]
    if not known:
        raise ApiError(400, refusals.NO_OBSERVED_AT_ALL())
    if not values:
        raise ApiError(400, refusals.NOTHING_OBSERVED(example=_EXAMPLE))
    for name, value in values.items():
        if name not in known:
            raise ApiError(400, refusals.NO_OBSERVED(name=quoted(name), known=", ".join(known)))
        _check(catalogue[name], value)
    return [catalogue[name] for name in values]


def _check(signal: Signal, value: float) -> None:
    """Raises `ApiError` (400) for a value that is not possible."""
    if not signal.plausible(value):  # also not a number
        low, high = signal.show_limit(signal.low), signal.show_limit(signal.high)
        label, shown = signal.label, f"{value:g}"
        raise ApiError(400, refusals.OUT_OF_RANGE(label=label, value=shown, low=low, high=high), field=signal.name)
    if signal.codes and not signal.other_values and value not in signal.codes:
        codes = ", ".join(f"{code:g} ({text})" for code, text in signal.codes.items())
        raise ApiError(
            400, refusals.NO_SUCH_CODE(label=signal.label, value=f"{value:g}", codes=codes), field=signal.name
        )


def _instant(deps: Dependencies, text: str) -> Micros:
    """When it was observed: now, unless the request has a time. Raises `ApiError` (400) for one that cannot be."""
    now = deps.clock.now()
    if not text:
        return now
    try:
        at = parse_instant(text)
    except ValueError:
        raise ApiError(400, refusals.NO_SUCH_TIME(), field="at") from None
    if at > now + _AHEAD * SECOND:
        raise ApiError(400, refusals.OBSERVED_LATER(now=deps.local_time(now)), field="at")
    if at < now - _OLDEST * SECOND:
        raise ApiError(400, refusals.OBSERVED_LONG_AGO(span=format_span(_OLDEST)), field="at")
    return min(at, now)


def _place(deps: Dependencies, bed: str, at: Micros, patient: str | msgspec.UnsetType) -> Place:
    """The bed with the patient of that time. Raises `ApiError` (409) where the request names another one."""
    inventory = deps.model.config_view.inventory
    there, label = inventory.patient(bed, at), inventory.label(bed)
    named = printable(there, 64) or refusals.NOBODY_THERE()
    if patient == "" and there:
        raise ApiError(409, refusals.PATIENT_KNOWN(bed=label, there=named), field="patient")
    if patient not in (msgspec.UNSET, there):
        asked = quoted(str(patient))
        raise ApiError(409, refusals.OTHER_PATIENT(bed=label, there=named, asked=asked), field="patient")
    return Place(ward=inventory.beds[bed].ward, bed=bed, patient=there)


def _action(asked: ObservationRequest, place: Place, at: Micros, now: Micros) -> Action:
    """The record of it. The same observation sent again is the same action."""
    observation = Observation(bed=place.bed, at=at, values=asked.values, patient=place.patient)
    by = asked.by.strip()
    return Action(
        id=digest("observe", place.bed, at, by, sorted(asked.values.items())), type=ActionType.OBSERVE,
        subject=place.bed, by=by, at=now, note=asked.note, observation=observation,
    )  # fmt: skip


def _reading(action: Action, place: Place) -> tuple[str, bytes]:
    """What the detectors evaluate of it, with its key."""
    assert action.observation is not None
    subject = bed_subject(place)
    reading = Reading(
        device=subject, ward=place.ward, at=action.observation.at, received_at=action.at,
        values=action.observation.values, boot=PERSON,
    )  # fmt: skip
    return subject, READING_WIRE.encode(reading)
