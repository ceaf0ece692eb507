"""Links of notifications that acknowledge an alert: a page with buttons, and what the buttons do.

Only a POST changes something: programs that look for viruses or make previews open every link of a message.
"""

from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from ward.ack_link import AckLink, InvalidLink, verified
from ward.action import ActionType
from ward.alert import Alert
from ward.ids import printable
from web.api import refusals
from web.api.acknowledgements import CONFLICT, active_alert, put_action
from web.api.attribution import Attribution, attribution_body, read_attribution
from web.api.log_writer import LogWriter
from web.api.rate_limit import RateLimit
from web.api.responses import ERRORS, ApiError, error_response
from web.dependencies import Dependencies
from web.schemas import ActionResultSchema

MOST_OF_LINK, MOST_INVALID = 20, 200  # a minute
_INVALID = "invalid"
_LINK_ERRORS = ERRORS | CONFLICT | {
    403: error_response("The link is not one of this Wardwatch, or its key was replaced"),
    410: error_response("The link has expired"),
    429: error_response("Too many requests in this minute"),
}  # fmt: skip


class OpenLink(NamedTuple):
    """A valid link, and its active alert."""

    link: AckLink
    alert: Alert


class AckLinks:
    """Reads links; each link and all invalid ones together may be opened so often a minute."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._valid = RateLimit(deps.clock, MOST_OF_LINK)
        self._invalid = RateLimit(deps.clock, MOST_INVALID)

    def open(self, token: str) -> OpenLink:
        """The link of a token and its alert. Raises `ApiError` in words for the person who has opened it."""
        try:
            link = verified(token, self._deps.live.config.alerting.signing_keys)
        except InvalidLink:
            self._bounded(self._invalid, _INVALID)
            raise ApiError(403, refusals.LINK_INVALID()) from None
        self._bounded(self._valid, token)
        if link.expires <= self._deps.clock.now():
            at = self._deps.local_time(link.expires)
            raise ApiError(410, refusals.LINK_EXPIRED(time=at))
        return OpenLink(link, active_alert(self._deps, link.alert))

    @staticmethod
    def _bounded(limit: RateLimit, key: str) -> None:
        if not limit.allows(key):
            raise ApiError(429, refusals.TOO_MANY_LINKS(), retry_after=60)


def make_ack_links(deps: Dependencies, links: AckLinks, writer: LogWriter) -> APIRouter:
    """The routes behind the buttons of the page of a link."""
    router = APIRouter(prefix="/api/v1/links", tags=["alerts"], responses=_LINK_ERRORS)

    @router.post(
        "/{token}/ack", status_code=202, response_model=ActionResultSchema, openapi_extra=attribution_body(Attribution)
    )
    async def acknowledge(token: str, request: Request) -> Response:
        """Acknowledge the alert that the link of a notification is about."""
        found = links.open(token)
        attribution, ack = read_attribution(await request.body(), Attribution), found.alert.ack
        if ack is not None and found.alert.latched is None:
            raise ApiError(409, refusals.ACKNOWLEDGED(by=printable(ack.by), time=deps.local_time(ack.at)))
        return await put_action(deps, writer, found.alert, ActionType.ACKNOWLEDGE, _by_link(attribution, found))

    @router.post(
        "/{token}/seen", status_code=202, response_model=ActionResultSchema, openapi_extra=attribution_body(Attribution)
    )
    async def seen(token: str, request: Request) -> Response:
        """Record that the recipient has seen the notification; it stays unacknowledged, and others are notified."""
        found = links.open(token)
        attribution = read_attribution(await request.body(), Attribution)
        return await put_action(deps, writer, found.alert, ActionType.SEEN, _by_link(attribution, found))

    return router


def _by_link(attribution: Attribution, found: OpenLink) -> Attribution:
    """The attribution, with the channel of the link where the person gives no note."""
    return Attribution(
        by=attribution.by, note=attribution.note or f"by the link in {printable(found.link.channel, 80)}"
    )
