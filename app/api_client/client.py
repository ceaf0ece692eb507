"""The HTTP client of a running Wardwatch: bounded in time and size, without proxies and redirects."""

import http.client
import json
import urllib.parse
from collections.abc import Mapping
from typing import Any

import click

from ward.clock import Clock, Micros, parse_instant
from ward.ids import printable

PATIENCE = 10.0
MOST_BYTES = 64 << 20
_PIECE = 1 << 16
_NONE = "--url: must be an address such as http://127.0.0.1:8080, without a user name or password"


class ApiClient:
    """The HTTP API of one Wardwatch. Every failure is a `click.ClickException` with one sentence.

    Raises `click.UsageError` for an invalid address. No proxy and no redirect is used: data about alerts
    must come from the address that was given.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self._clock = clock
        try:
            parts = urllib.parse.urlsplit(url if "://" in url else f"http://{url}")
            self._host, port = parts.hostname or "", parts.port
        except ValueError:
            raise click.UsageError(_NONE) from None
        if parts.scheme not in ("http", "https") or not self._host or parts.username is not None:
            raise click.UsageError(_NONE)
        self._secure, self._base = parts.scheme == "https", parts.path.rstrip("/")
        self._port = port or (443 if self._secure else 80)
        shown = f"[{self._host}]" if ":" in self._host else self._host
        self.url = printable(f"{parts.scheme}://{shown}:{self._port}{self._base}")

    def now(self) -> Micros:
        """The time of the server, since the clock of this machine may differ."""
        status = self.get("/api/v1/status")
        try:
            return parse_instant(status["at"])
        except (LookupError, TypeError, ValueError):
            raise self.not_wardwatch() from None

    def not_wardwatch(self) -> click.ClickException:
        """The exception for an answer that is not from a Wardwatch."""
        return click.ClickException(f"the server at {self.url} is not a Wardwatch (--url)")

    def get(self, path: str, params: Mapping[str, str | list[str]] | None = None) -> Any:
        """The JSON answer of a GET request."""
        query = f"?{urllib.parse.urlencode(params, doseq=True)}" if params else ""
        return self._request("GET", f"{path}{query}")

    def post(self, path: str, body: object) -> Any:
        """The JSON answer of a POST request."""
        return self._request("POST", path, body)

    def delete(self, path: str, body: object = None) -> Any:
        """The JSON answer of a DELETE request."""
        return self._request("DELETE", path, body)

    def _request(self, method: str, path: str, body: object = None) -> Any:
        connection = self._connection()
        sent = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        deadline = self._clock.monotonic() + PATIENCE
        try:
            connection.request(method, f"{self._base}{path}", sent, headers)
            response = connection.getresponse()
            content = self._read(response, deadline)
        except TimeoutError:
            raise click.ClickException(f"{self.url} has not answered within {PATIENCE:g} s") from None
        except ConnectionRefusedError:
            raise click.ClickException(f"no Wardwatch answers at {self.url}: is it running? (--url)") from None
        except (OSError, http.client.HTTPException) as error:
            why = printable(getattr(error, "strerror", None) or str(error) or type(error).__name__)
            raise click.ClickException(f"no Wardwatch answers at {self.url}: {why} (--url)") from None
        finally:
            connection.close()
        return self._decoded(response.status, content)

    def _connection(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        return kind(self._host, self._port, timeout=PATIENCE)

    def _read(self, response: http.client.HTTPResponse, deadline: float) -> bytes:
        """The whole body. Raises when it is too long, or not complete at the deadline."""
        content = b""
        while piece := response.read1(_PIECE):
            content += piece
            if len(content) > MOST_BYTES:
                raise http.client.HTTPException(f"an answer of more than {MOST_BYTES >> 20} MB")
            if self._clock.monotonic() > deadline:
                raise TimeoutError
        return content

    def _decoded(self, status: int, content: bytes) -> Any:
        try:
            answer = json.loads(content) if content.strip() else None
        except (ValueError, RecursionError):
            raise self.not_wardwatch() from None
        if 200 <= status < 300:
            return answer
        why = answer.get("error") or answer.get("message") if isinstance(answer, dict) else answer
        raise click.ClickException(f"refused by {self.url}: {printable(str(why or f'status {status}'), 500)}")


def api_client(url: str | None, clock: Clock) -> ApiClient:
    """The Wardwatch at an address, or at that of the settings."""
    if url is None:
        from app.console.cli_context import settings_of

        settings = settings_of()
        host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(settings.http_host, settings.http_host)  # noqa: S104
        url = f"http://{f'[{host}]' if ':' in host else host}:{settings.http_port}"
    return ApiClient(url, clock)
