"""Requests to InfluxDB by influxdb-client, and the errors for its answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import urllib3
from influxdb_client import InfluxDBClient  # type: ignore[attr-defined]
from influxdb_client.rest import ApiException

from ward.adapters.influx.error_texts import connection_text, message_text, refusal_text, status_text
from ward.errors import QueryRefused, StoreRefused, StoreUnavailable
from ward.ids import printable
from ward.regular_file import read_regular_file
from ward.retention_policy import RetentionPolicy

_BODY_TOO_LARGE = 413
_STORED = 204
_NOT_ALLOWED = (401, 403)
_MOST_OF_A_TOKEN = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class InfluxSettings:
    """The address of InfluxDB. `version` 1 writes to the path of InfluxDB 1.x, 2 to that of 2.x; queries are equal.

    `token_file` is where `token` comes from, if it comes from a file: a new token there is used without a restart.
    """

    url: str
    bucket: str
    org: str = ""
    token: str = field(default="", repr=False)
    token_file: Path | None = None
    version: int = 2
    timeout: float = 10.0
    ca: str | None = None


class _Result(msgspec.Struct):
    """The result of one statement."""

    series: list[dict[str, Any]] = []
    error: str | None = None


class _Results(msgspec.Struct):
    """The answer to a query."""

    results: list[_Result]


class InfluxHttp:
    """A pool of connections. Calls are synchronous and not retried: the caller decides when to try again."""

    def __init__(self, settings: InfluxSettings) -> None:
        self._settings = settings
        self._token = settings.token
        self._client: Any = InfluxDBClient(
            url=settings.url,
            token=settings.token,
            org=settings.org,
            timeout=round(settings.timeout * 1000),
            # gzip costs six CPU-seconds a million lines, more than all the rest.
            enable_gzip=False,
            # No retries after an error, and a redirect to a log-in page is not followed either.
            retries=False,
            ssl_ca_cert=settings.ca,
        )
        v1 = settings.version == 1
        self._path = "/write" if v1 else "/api/v2/write"

    def write(self, lines: str, policy: RetentionPolicy) -> None:
        """Store lines. Returns when InfluxDB has them on its disk. Raises `StoreUnavailable`, `StoreRefused`."""
        headers = {"Content-Type": "text/plain; charset=utf-8", "Accept": "application/json"}
        query = [*self._to(policy), ("precision", "ns")]
        status, body = self._call(self._path, "POST", query, headers, lines.encode())
        if status == _STORED:
            return
        why = _reason(body)
        # Some versions report a wrong type of a field as 500: retried for ever, it would block all later points.
        if why and (status in (400, 422) or "field type conflict" in why or "partial write" in why):
            raise StoreRefused(f"InfluxDB refuses {refusal_text(status, why)}")
        if status == _BODY_TOO_LARGE:
            raise StoreRefused("InfluxDB finds the batch too large (413)")
        raise self._unavailable(status, why)

    def query(self, *statements: str, method: str = "GET") -> list[list[dict[str, Any]]]:
        """The series of each InfluxQL statement; instants are microseconds. A statement that changes data needs `POST`.

        Raises `StoreUnavailable`, `QueryRefused`.
        """
        query = [("db", self._settings.bucket), ("epoch", "u"), ("q", ";".join(statements))]
        status, body = self._call("/query", method, query, {"Accept": "application/json"}, None)
        if status != 200:
            why = _reason(body)
            if status == 400 and why:
                if message_text(why):
                    raise self._unavailable(status, why)
                raise QueryRefused(f"InfluxDB rejected the query: {printable(why, 300)}")
            raise self._unavailable(status, why)
        try:
            results = msgspec.json.decode(body, type=_Results).results
        except msgspec.MsgspecError as error:
            raise StoreUnavailable(f"{self._settings.url} did not return an InfluxDB result") from error
        return [_series(result) for result in results]

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _to(self, policy: RetentionPolicy) -> list[tuple[str, str]]:
        """The parameters of a policy: in 1.x of the database, in 2.x a bucket of its own."""
        bucket, default = self._settings.bucket, policy is RetentionPolicy.AUTOGEN
        if self._settings.version == 1:
            return [("db", bucket)] if default else [("db", bucket), ("rp", str(policy))]
        return [("org", self._settings.org), ("bucket", bucket if default else f"{bucket}/{policy}")]

    def _call(
        self, path: str, method: str, query: Sequence[tuple[str, str]], headers: dict[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        """Status and body of the answer; with a new token in its file, of the second answer."""
        status, answer = self._ask(path, method, query, dict(headers), body)
        if status in _NOT_ALLOWED and self._new_token():
            status, answer = self._ask(path, method, query, dict(headers), body)
        return status, answer

    def _new_token(self) -> bool:
        """Whether the token's file holds another token than before, which is used from now on."""
        file = self._settings.token_file
        if file is None:
            return False
        try:
            token = read_regular_file(file, _MOST_OF_A_TOKEN).decode("ascii").strip()
        except (OSError, UnicodeDecodeError):
            return False
        if not token or token == self._token:
            return False
        self._token = token
        self._client.api_client.set_default_header("Authorization", f"Token {token}")
        return True

    def _ask(
        self, path: str, method: str, query: Sequence[tuple[str, str]], headers: dict[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        try:
            answer = self._client.api_client.call_api(
                path,
                method,
                query_params=list(query),
                header_params=headers,
                body=body,
                _preload_content=False,
                _return_http_data_only=True,
            )
            # Without preloading the answer is urllib3's own, whatever its status was, if it was 2xx.
            status, data = answer.status, answer.data
        except ApiException as error:
            if not error.status:
                raise StoreUnavailable(f"{self._settings.url}: {printable(str(error.reason))}") from None
            status, data = error.status, error.body
        except urllib3.exceptions.HTTPError as error:
            raise StoreUnavailable(
                f"no answer from InfluxDB at {self._settings.url}: {connection_text(type(error).__name__)}"
            ) from error
        return int(status), data if isinstance(data, bytes) else str(data or "").encode()

    def _unavailable(self, status: int, why: str) -> StoreUnavailable:
        return StoreUnavailable(f"InfluxDB at {self._settings.url} answered {status}: {status_text(status, why)}")


def _series(result: _Result) -> list[dict[str, Any]]:
    """The series of a result. InfluxQL returns errors of statements with status 200."""
    if result.error is None:
        return result.series
    if "not found" in result.error or message_text(result.error):
        raise StoreUnavailable(f"InfluxDB: {status_text(200, result.error)}")
    raise QueryRefused(f"InfluxDB rejected the query: {printable(result.error)}")


def _reason(body: bytes) -> str:
    """InfluxDB's own text for an error, whole; empty when the answer is not InfluxDB's, such as a proxy's page."""
    try:
        answer = msgspec.json.decode(body)
    except msgspec.MsgspecError:
        return ""
    if not isinstance(answer, dict):
        return ""
    return str(answer.get("message") or answer.get("error") or "")
