"""The test of channels: a marked message goes through the outbox and the real senders, and their answers come back."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Request, Response

from ward.action import Action, ActionType
from ward.channel_test import ChannelTest, ChannelTestResult, ChannelTestState
from ward.clock import SECOND, Micros
from ward.config.alerting import Alerting
from ward.config.schedules import recipients
from ward.ids import digest, printable
from web.api import refusals
from web.api.attribution import Attribution, attribution_body, read_attribution
from web.api.log_writer import LogWriter
from web.api.responses import ERRORS, ApiError, answer, quoted
from web.dependencies import Dependencies
from web.model.channel_test_index import AskedTest
from web.presentation.instants import rfc3339
from web.schemas import ChannelTestSchema, TestedChannelSchema

_EXAMPLE = '{"by": "Nurse Ada", "channels": ["mail"]}'
# A test that `alerts` did not read so long after it was asked for is not sent.
_LASTS = 600 * SECOND
# A request that is repeated within this time is the same one.
_SAME = 10 * SECOND
_NAMES = Annotated[tuple[Annotated[str, msgspec.Meta(max_length=64)], ...], msgspec.Meta(max_length=50)]
_MAY_CHANGE = (ChannelTestState.WAITING, None)


class TestRequest(Attribution):
    """Who tests which channels, or all channels of which receivers."""

    channels: _NAMES = ()
    receivers: _NAMES = ()


def make_channel_tests(deps: Dependencies, writer: LogWriter) -> APIRouter:
    """The routes that ask for a test, and show what became of it."""
    router = APIRouter(prefix="/api/v1/channel-tests", tags=["system"], responses=ERRORS)

    @router.post("", status_code=202, response_model=ChannelTestSchema, openapi_extra=attribution_body(TestRequest))
    async def ask(request: Request) -> Response:
        """Send a test message through channels. It is no alert, is not muted, and goes behind all alerts."""
        asked = read_attribution(await request.body(), TestRequest, _EXAMPLE)
        now, by = deps.clock.now(), asked.by.strip()
        names = _channels(asked, deps.live.config.alerting, now)
        _refuse_without_address(names, deps.live.config.alerting)
        action = Action(
            id=digest("channel test", names, by, now // _SAME), type=ActionType.TEST, subject=" ".join(names), by=by,
            at=now, note=asked.note.strip(), test=ChannelTest(channels=names, until=now + _LASTS),
        )  # fmt: skip
        await writer.act(action)
        return answer(_schema(_known(deps, action.id), deps.live.config.alerting), 202)

    @router.get("/{test}", response_model=ChannelTestSchema)
    async def show(test: str) -> Response:
        """What has become of a test: what each service answered, and when."""
        return answer(_schema(_known(deps, test), deps.live.config.alerting))

    return router


def _channels(asked: TestRequest, alerting: Alerting, at: Micros) -> tuple[str, ...]:
    """The channels that are asked for, each once; of a receiver with a schedule those of who is on call.

    Raises `ApiError` for an unknown one, and for none.
    """
    channels = [channel.name for channel in alerting.channels]
    receivers = {receiver.name: receiver for receiver in alerting.receivers}
    for text, names, known in (
        (refusals.NO_CHANNEL, asked.channels, channels),
        (refusals.NO_RECEIVER, asked.receivers, receivers),
    ):
        for name in names:
            if name not in known:
                there = ", ".join(printable(each, 60) for each in known)
                raise ApiError(404, text(name=quoted(name), known=there or "none"))
    if not (asked.channels or asked.receivers):
        raise ApiError(400, refusals.NAME_SOME(example=_EXAMPLE))
    people = [person for name in asked.receivers for person in recipients(alerting, receivers[name], at)]
    found = [*asked.channels, *(channel for person in people for channel in person.channels)]
    return tuple(dict.fromkeys(found))


def _refuse_without_address(names: tuple[str, ...], alerting: Alerting) -> None:
    """Raises `ApiError` (409) where none of the channels has an address."""
    addressed = _addressed(alerting)
    if not addressed.intersection(names):
        channels = ", ".join(printable(name, 60) for name in names)
        raise ApiError(409, refusals.WITHOUT_ADDRESS(channels=channels, why=refusals.ADDRESS_MISSING()))


def _addressed(alerting: Alerting) -> set[str]:
    return {channel.name for channel in alerting.channels if channel.has_url}


def _known(deps: Dependencies, test: str) -> AskedTest:
    """The test with this id. Raises `ApiError` (404)."""
    with deps.model.lock:
        known = deps.model.channel_tests.get(test)
        if known is not None:
            return AskedTest(known.action, dict(known.results))
    raise ApiError(404, refusals.NO_TEST(id=quoted(test)))


def _schema(asked: AskedTest, alerting: Alerting) -> ChannelTestSchema:
    action, addressed = asked.action, _addressed(alerting)
    names = action.test.channels if action.test is not None else ()
    results = {name: asked.results.get(name) for name in names}
    return {
        "id": action.id, "by": printable(action.by, 80), "asked_at": rfc3339(action.at),
        "finished": all(result is not None and result.state not in _MAY_CHANGE for result in results.values()),
        "channels": [_channel(name, result, name in addressed) for name, result in results.items()],
    }  # fmt: skip


def _channel(name: str, result: ChannelTestResult | None, addressed: bool) -> TestedChannelSchema:
    if result is None:
        return {"channel": name, "state": "not known yet", "why": "", "queued_at": None, "recipients": []}
    why = printable(result.why, 200)
    if result.state is ChannelTestState.NOT_SENT and not addressed:
        why = refusals.ADDRESS_MISSING()
    return {
        "channel": name, "state": str(result.state), "why": why,
        "queued_at": rfc3339(result.queued_at) if result.queued_at else None,
        "recipients": [
            {"recipient": printable(each.recipient, 100), "outcome": each.outcome, "reply": printable(each.reply, 300),
             "answered_at": rfc3339(each.at)}
            for each in result.recipients
        ],
    }  # fmt: skip
