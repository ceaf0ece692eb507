"""The config in force, and the edit that waits for a confirmation."""

from typing import Any

from fastapi import APIRouter, Request, Response

from ward.topics import CONFIG_CONFIRMATIONS
from ward.wire import CONFIG_CONFIRMATION_WIRE, ConfigConfirmation
from web.api import effects, refusals
from web.api.attribution import Attribution, attribution_body, read_attribution
from web.api.log_writer import LogWriter
from web.api.responses import ERRORS, ApiError, answer, error_response, quoted
from web.board.live_alert import live_config_status
from web.dependencies import Dependencies
from web.model.now import Now
from web.presentation.status import config_schema
from web.schemas import AddressedChannelsSchema, ConfigConfirmationSchema, ConfigSchema

CONFLICT: dict[int | str, dict[str, Any]] = {409: error_response("No edit waits, or another one than this")}


def make_config(deps: Dependencies, writer: LogWriter) -> APIRouter:
    """The routes that show and confirm an edit of the config."""
    router = APIRouter(prefix="/api/v1/config", tags=["system"])

    @router.get("", response_model=ConfigSchema)
    async def config() -> Response:
        """The config in force, and why the last edit of it is not."""
        with deps.model.lock:
            return answer(config_schema(live_config_status(deps.model, Now.of(deps.clock))))

    @router.get("/channels", response_model=AddressedChannelsSchema)
    async def channels() -> Response:
        """The channels of the config in force, and which of them have an address. No address is shown."""
        config = deps.live.config
        found = [{"name": channel.name, "address": channel.has_url} for channel in config.alerting.channels]
        return answer({"config": config.hash, "channels": found})

    @router.post(
        "/{edit}/confirm", status_code=202, response_model=ConfigConfirmationSchema, responses=ERRORS | CONFLICT,
        openapi_extra=attribution_body(Attribution),
    )  # fmt: skip
    async def confirm(edit: str, request: Request) -> Response:
        """Confirm an edit that takes watch over patients away: every program takes it within seconds."""
        attribution = read_attribution(await request.body(), Attribution)
        with deps.model.lock:
            waiting = deps.model.config_status().waiting
        if edit != waiting:
            text = refusals.OTHER_EDIT if waiting else refusals.NO_SUCH_EDIT
            raise ApiError(409, text(edit=quoted(edit), waiting=waiting))
        by = attribution.by.strip()
        record = ConfigConfirmation(config=edit, by=by, at=deps.clock.now(), note=attribution.note)
        await writer.append(CONFIG_CONFIRMATIONS, [(edit, CONFIG_CONFIRMATION_WIRE.encode(record))])
        effect = effects.CONFIRMED(edit=edit, by=by)
        return answer({"config": edit, "effect": effect}, 202)

    return router
