"""The system itself: imaging suite, pipeline, the demo's mail, health, reload and metrics."""

from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from ward.ids import printable
from web.api import refusals
from web.api.responses import ERRORS, ApiError, answer
from web.board.live_alert import live_config_status
from web.board.readiness import not_ready
from web.dependencies import Dependencies, Mail
from web.model.now import Now
from web.presentation.imaging import imaging_schema
from web.presentation.instants import rfc3339
from web.presentation.pipeline import pipeline_schema
from web.presentation.status import config_schema
from web.schemas import ConfigSchema, ImagingSchema, MailSchema, MailsSchema, PipelineSchema

_MAX_MAILS = 200


def make_system(deps: Dependencies) -> APIRouter:
    """The routes about the system and the imaging suite."""
    router = APIRouter()
    _screens(router, deps)
    _operations(router, deps)
    return router


def _screens(router: APIRouter, deps: Dependencies) -> None:
    @router.get("/api/v1/imaging", response_model=ImagingSchema, tags=["imaging"])
    async def imaging() -> Response:
        """Each imaging device with humidity and sensors, the most humid first; numbers of messages and sensors."""
        with deps.model.lock:
            return answer(imaging_schema(deps.model.imaging, deps.clock.now()))

    @router.get("/api/v1/pipeline", response_model=PipelineSchema, tags=["system"])
    async def pipeline() -> Response:
        """Each stage's rate, lag, errors and delay; quarantine, channels, programs, config."""
        with deps.model.lock:
            return answer(pipeline_schema(deps.model, Now.of(deps.clock)))

    @router.get("/api/v1/mail", response_model=MailsSchema, tags=["system"], responses=ERRORS)
    async def mail() -> Response:
        """The demo's mails, newest first."""
        if deps.mailbox is None:
            raise ApiError(404, refusals.NO_MAILBOX())
        mails = await run_in_threadpool(deps.mailbox.messages)
        newest = sorted(mails, key=lambda m: (m.at, m.id), reverse=True)[:_MAX_MAILS]
        return answer({"at": rfc3339(deps.clock.now()), "mails": [_mail(m) for m in newest]})


def _operations(router: APIRouter, deps: Dependencies) -> None:
    @router.get("/-/healthy", response_class=PlainTextResponse, tags=["system"])
    async def healthy() -> Response:
        """200 while this process answers."""
        return PlainTextResponse("healthy\n")

    @router.get("/-/ready", response_class=PlainTextResponse, tags=["system"])
    async def ready() -> Response:
        """200 while an alert about a patient would reach people; else 503, with each reason on a line of its own.

        For whoever monitors Wardwatch from another machine. It is also 503 when another program is down: for a load
        balancer take `/-/healthy`.
        """
        with deps.model.lock:
            reasons = not_ready(deps.model, Now.of(deps.clock))
        if reasons:
            return PlainTextResponse("".join(f"not ready: {reason}\n" for reason in reasons), 503)
        return PlainTextResponse("ready\n")

    @router.post("/-/reload", response_model=ConfigSchema, tags=["system"], responses=ERRORS)
    async def reload() -> Response:
        """Reload config/. With faults the old config stays in force, and the answer lists all of them."""
        if deps.reload is None:
            raise ApiError(501, refusals.CANNOT_RELOAD())
        faults = [printable(fault, 400) for fault in await run_in_threadpool(deps.reload)]
        if (edit := deps.live.waiting) is not None:
            why = [printable(line, 400) for line in edit.lines()]
            raise ApiError(409, refusals.EDIT_WAITS(why=f"{why[0][:1].upper()}{why[0][1:]}"), faults=why)
        if faults:
            text = refusals.FAULT if len(faults) == 1 else refusals.FAULTS
            raise ApiError(400, text(count=len(faults), first=faults[0]), faults=faults)
        with deps.model.lock:
            return answer(config_schema(live_config_status(deps.model, Now.of(deps.clock))))

    @router.get("/metrics", response_class=PlainTextResponse, tags=["system"])
    async def metrics() -> Response:
        """This process's metrics, for Prometheus, and whether an alert about a patient would reach people."""
        with deps.model.lock:
            deps.metrics.ready.set(not not_ready(deps.model, Now.of(deps.clock)))
        return Response(generate_latest(deps.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _mail(mail: Mail) -> MailSchema:
    return {"id": mail.id, "at": rfc3339(mail.at), "subject": printable(mail.subject, 300),
            "text": mail.text[:20_000]}  # fmt: skip
