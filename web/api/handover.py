"""The handover of a ward: as JSON, as the text of the mail, and by mail now."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response

from ward.clock import SECOND
from ward.config.schedules import addressed_channels
from ward.config.shift import shift_at, shift_before
from ward.errors import WardwatchError
from ward.ids import digest, printable
from web.api import effects, refusals
from web.api.attribution import Attribution, attribution_body, read_attribution
from web.api.bounded_call import BoundedCall
from web.api.log_writer import LogWriter
from web.api.params import choice_of, span_of, ward_of
from web.api.responses import ERRORS, ApiError, answer
from web.dependencies import Dependencies
from web.model.now import Now
from web.reports.handover import HandoverSpan, handover, handover_subject
from web.reports.handover_mail import handover_mail
from web.reports.links import handover_link
from web.reports.mail_request import report_action
from web.reports.mail_text import MailText
from web.reports.shift_history import ShiftHistory, read_history, without_store
from web.schemas import HandoverSchema, ReportMailSchema, SendReportSchema

_LONGEST = 7 * 86400 * SECOND
# So long after a change of shift, the shift that has ended is meant where none is named.
_JUST_CHANGED = 2 * 3600 * SECOND
_SHIFTS = ("current", "last")
_WARD = Query("", description="one ward; left out, the first with beds")
_SHIFT = Query("", description="current or last; left out, the last one until 2 h after the change")
_FROM = Query("", alias="from", description="instead of a shift: RFC 3339")
_TO = Query("", alias="to", description="instead of a shift: RFC 3339; by default now")
_EXAMPLE = '{"by": "Nurse Ada", "ward": "icu"}'


class SendRequest(Attribution):
    """Who wants the handover of a ward mailed now: of the current shift, or of the last one."""

    ward: Annotated[str, msgspec.Meta(max_length=64)] = ""
    shift: Annotated[str, msgspec.Meta(max_length=20)] = ""


class Handovers:
    """Makes handovers for requests: the span from the parameters, the history from the store."""

    def __init__(self, deps: Dependencies, store: BoundedCall) -> None:
        self._deps = deps
        self._store = store

    def ward(self, ward: str) -> str:
        """The ward that is asked for; without one the first that has beds. Raises `ApiError`."""
        view = self._deps.model.config_view
        if ward:
            return ward_of(view, ward)
        with_beds = {bed.ward for bed in view.inventory.beds.values()}
        wards = [ward for ward in view.inventory.wards if ward in with_beds] or list(view.inventory.wards)
        if not wards:
            raise ApiError(404, refusals.NO_WARD_AT_ALL())
        return wards[0]

    def span(self, shift: str, start: str, end: str) -> HandoverSpan:
        """The span that is asked for. Raises `ApiError`."""
        config, now = self._deps.live.config.alerting, self._deps.clock.now()
        if start or end:
            if shift:
                raise ApiError(400, refusals.SHIFT_AND_TIMES())
            first, last = span_of(start, end, now, _LONGEST / SECOND)
            if last - first > _LONGEST:
                raise ApiError(400, refusals.OVER_A_WEEK())
            if first >= now:
                raise ApiError(400, refusals.FUTURE())
            return HandoverSpan(first, last)
        current = shift_at(config.handover.shifts, config.timezone, now)
        last_shift = shift_before(config.handover.shifts, config.timezone, now)
        default = "last" if now - current.start < _JUST_CHANGED else "current"
        chosen = last_shift if (choice_of("shift", shift, _SHIFTS) or default) == "last" else current
        return HandoverSpan(chosen.start, chosen.end, chosen.name)

    async def handover(self, ward: str, span: HandoverSpan) -> HandoverSchema:
        """The handover now. Where the store does not answer it says so, and has what is in memory."""
        deps, now = self._deps, self._deps.clock.now()
        try:
            history = await self._store.call(lambda: read_history(deps.store, ward, span.start, span.end, now))
        except (ApiError, WardwatchError) as error:
            history = ShiftHistory((), without_store(str(error)))
        with deps.model.lock:
            return handover(deps.model, ward, span, history, Now.of(deps.clock))

    def mail(self, report: HandoverSchema) -> MailText:
        """The handover as a mail."""
        alerting = self._deps.live.config.alerting
        return handover_mail(report, alerting.timezone, self._deps.clock.now(), handover_link(alerting, report))


def make_handover(deps: Dependencies, handovers: Handovers, writer: LogWriter) -> APIRouter:
    """The routes under `/api/v1/handover`."""
    router = APIRouter(prefix="/api/v1", tags=["reports"], responses=ERRORS)

    @router.get("/handover", response_model=HandoverSchema)
    async def show(ward: str = _WARD, shift: str = _SHIFT, start: str = _FROM, end: str = _TO) -> Response:
        """What a ward hands over: what is open now, what ended in the shift, what is in force, what is not known."""
        return answer(await handovers.handover(handovers.ward(ward), handovers.span(shift, start, end)))

    @router.get("/handover/mail", response_model=ReportMailSchema)
    async def as_mail(ward: str = _WARD, shift: str = _SHIFT, start: str = _FROM, end: str = _TO) -> Response:
        """The same as its mail has it, in plain text."""
        report = await handovers.handover(handovers.ward(ward), handovers.span(shift, start, end))
        return answer(handovers.mail(report)._asdict())

    @router.post(
        "/handover/mail", status_code=202, response_model=SendReportSchema, openapi_extra=attribution_body(SendRequest)
    )
    async def send(request: Request) -> Response:
        """Mail the handover of a ward to the receivers of `handover` in alerts.yaml now."""
        asked = read_attribution(await request.body(), SendRequest, _EXAMPLE)
        receivers = deps.live.config.alerting.handover.receivers
        if not receivers:
            raise ApiError(409, refusals.NO_HANDOVER_MAILS())
        if not addressed_channels(deps.live.config.alerting, receivers, deps.clock.now()):
            raise ApiError(409, refusals.NO_HANDOVER_ADDRESS(receivers=printable(", ".join(receivers), 200)))
        ward, span = handovers.ward(asked.ward), handovers.span(asked.shift, "", "")
        report, by, now = await handovers.handover(ward, span), asked.by.strip(), deps.clock.now()
        # A request that is repeated within a minute is the same one.
        id_ = digest("handover", ward, span.start, span.end, by, now // (60 * SECOND))
        await writer.act(report_action(id_, handover_subject(ward, span), by, receivers, handovers.mail(report), now))
        effect = effects.HANDOVER(ward=report["ward_name"], receivers=", ".join(receivers))
        return answer({"id": id_, "effect": printable(effect, 400)}, 202)

    return router
