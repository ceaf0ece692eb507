"""Middleware in front of every handler: checks host, origin, size and duration, and sets security headers."""

import asyncio
import ipaddress
import re
from collections.abc import Callable, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ward.metrics import Metrics
from web.alertmanager.input import MAX_BYTES
from web.api import refusals
from web.api.responses import ApiError, error_answer, quoted

MAX_BODY = 64 * 1024
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_HOST = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([^\[\]:\s]+))(?::\d{1,5})?", re.ASCII)
_NAME = re.compile(r"[a-z0-9_-]{1,63}", re.ASCII)
_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"  # no inline
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "content-security-policy": _POLICY,
}


class Guard:
    """Refuses a bad request in one sentence, before its body is read.

    A page of another site sends that site's name as Host (DNS rebinding) or as Origin (cross-site request
    forgery): unknown host names are refused, and so are changes from another origin. The size of bodies and
    the duration of requests are limited.
    """

    def __init__(
        self, app: ASGIApp, *, metrics: Metrics, hosts: Callable[[], Sequence[str]], timeout: float = 30.0
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._hosts = hosts
        self._timeout = timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        sender = _Sender(send, self._metrics, scope["path"])
        try:
            async with asyncio.timeout(self._timeout):
                try:
                    self._admit(scope, headers)
                    receiver = await _body(scope, receive) if scope["method"] in _CHANGING else receive
                except ApiError as error:
                    await error_answer(error, scope["path"])(scope, receive, sender)
                    return
                await self._app(scope, receiver, sender)
        except TimeoutError:
            if not sender.started:  # after that, the server closes the connection of a client that reads too slowly
                changes = scope["method"] in _CHANGING
                late = ApiError(503, (refusals.CHANGE_TOO_LONG if changes else refusals.TOO_LONG)())
                await error_answer(late, scope["path"])(scope, receive, sender)

    def _admit(self, scope: Scope, headers: Headers) -> None:
        host = headers.get("host", "")
        if not _allowed(_host_name(host), self._hosts()):
            raise ApiError(421, refusals.OTHER_HOST(host=quoted(host)))
        if scope["method"] not in _CHANGING:
            return
        origin = headers.get("origin")
        if (origin is not None and origin.partition("://")[2] != host) or headers.get("sec-fetch-site") in (
            "cross-site", "same-site",
        ):  # fmt: skip
            raise ApiError(403, refusals.OTHER_SITE())
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        bare = scope["method"] == "DELETE" and not kind  # from another site, a browser sends a preflight request first
        if kind != "application/json" and ((scope["path"].startswith("/api/") and not bare) or kind):
            raise ApiError(415, refusals.NOT_JSON())


class _Sender:
    """Adds the security headers to every answer, and counts answers."""

    def __init__(self, send: Send, metrics: Metrics, path: str) -> None:
        self._send = send
        self._metrics = metrics
        self._path = path
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            # Live data are never cached; static files are, but revalidated each time.
            headers.setdefault("cache-control", "no-cache" if self._path.startswith("/static/") else "no-store")
            self._metrics.http_requests.labels(str(message["status"])).inc()
        await self._send(message)


async def _body(scope: Scope, receive: Receive) -> Receive:
    """Read the body, and return a `receive` that gives it again. Raises `ApiError` (413) where it is too long."""
    limit = MAX_BYTES if scope["path"] in ("/api/v1/alerts", "/api/v2/alerts") else MAX_BODY
    length = Headers(scope=scope).get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or int(length[:12]) > limit:
        raise _too_long(limit)
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
        if sum(map(len, parts)) > limit:
            raise _too_long(limit)
    queue = [{"type": "http.request", "body": b"".join(parts), "more_body": False}]

    async def replay() -> Message:
        return queue.pop() if queue else await receive()

    return replay


def _too_long(limit: int) -> ApiError:
    return ApiError(413, refusals.TOO_LARGE(limit=limit // 1024))


def _host_name(host: str) -> str:
    """The host without its port: `ward.example:8080` → `ward.example`, `[::1]:8080` → `::1`; empty if it is none."""
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]) if found else ""


def _allowed(name: str, hosts: Sequence[str]) -> bool:
    """IP addresses and names without a dot are never another site's; other names must be in `hosts`."""
    name = name.lower().rstrip(".")
    if "*" in hosts or name in hosts or _NAME.fullmatch(name):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
