"""What people observe of a patient: consciousness, oxygen, and what else scores need that no monitor knows."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request, Response

from ward.clock import parse_instant
from ward.ids import printable
from ward.observation import EXAMPLE, Entry, ObservationCheck, ObservationRefused
from ward.topics import BED_READINGS
from ward.wire import READING_WIRE
from web.api import effects, refusals
from web.api.attribution import Attribution, attribution_body, read_attribution
from web.api.log_writer import LogWriter
from web.api.params import bed_of
from web.api.responses import ERRORS, ApiError, answer, error_response
from web.dependencies import Dependencies
from web.model.now import Now
from web.presentation.observations import observations_schema
from web.schemas import ObservationResultSchema, ObservationsSchema

_EXAMPLE = f'{{"by": "Nurse Ada", "values": {EXAMPLE}}}'
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
        try:
            action, reading, signals = _check(deps).check(_entry(deps, asked, known), deps.clock.now())
        except ObservationRefused as refused:
            code = 409 if refused.field == "patient" else 400
            raise ApiError(code, refused.why, field=refused.field) from None
        await writer.act(action)
        await writer.append(BED_READINGS, [(reading.device, READING_WIRE.encode(reading))])
        values = ", ".join(f"{signal.label}: {signal.in_words(asked.values[signal.name])}" for signal in signals)
        label, time = deps.model.config_view.inventory.label(known), deps.local_time(reading.at)
        effect = effects.OBSERVED(bed=label, by=printable(action.by, 80), time=time, values=values)
        return answer({"id": action.id, "bed": known, "effect": printable(effect, 600)}, 202)

    return router


def _newest(router: APIRouter, deps: Dependencies) -> None:
    @router.get("/beds/{bed}/observations", response_model=ObservationsSchema)
    async def observations(bed: str) -> Response:
        """The newest observation of each signal that people observe, of the patient in a bed."""
        return answer(observations_schema(deps.model, bed_of(deps.model.config_view, bed), Now.of(deps.clock)))


def _check(deps: Dependencies) -> ObservationCheck:
    view = deps.model.config_view
    return ObservationCheck(view.catalogue, view.inventory, deps.zone)


def _entry(deps: Dependencies, asked: ObservationRequest, bed: str) -> Entry:
    """What was entered, observed now unless the request has a time. Raises `ApiError` (400) for one that is none."""
    at = deps.clock.now()
    if asked.at:
        try:
            at = parse_instant(asked.at)
        except ValueError:
            raise ApiError(400, refusals.NO_SUCH_TIME(), field="at") from None
    patient = None if asked.patient is msgspec.UNSET else asked.patient
    return Entry(by=asked.by, bed=bed, at=at, values=asked.values, note=asked.note, patient=patient)
