"""Answers of the API: JSON in the schemas of `web.schemas`, and errors in one sentence."""

from typing import Any

import msgspec
from fastapi import Response

from ward.ids import printable

_ENCODER = msgspec.json.Encoder()

_SCHEMA = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
ALERTMANAGER_PREFIX = "/api/v2/"
ERROR_SCHEMA = {
    "type": "object", "title": "Error", "description": "What is wrong, and what to do: one sentence",
    "required": ["error"], "properties": {"error": {"type": "string"}},
}  # fmt: skip


def error_response(description: str) -> dict[str, Any]:
    """An error, for OpenAPI."""
    return {"description": description, "content": _SCHEMA}


ERRORS: dict[int | str, dict[str, Any]] = {
    400: error_response("A parameter is wrong; the sentence says what to do"),
    404: error_response("There is no such thing"),
    503: error_response("The log or the store does not answer; the sentence says which"),
}


ALERTMANAGER_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": error["description"], "content": {"application/json": {"schema": {"type": "string"}}}}
    for status, error in ERRORS.items()
}


class ApiError(Exception):
    """Raised by a handler to answer with a status and one sentence that says what to do.

    `retry_after` is how many seconds the client should wait; 0 says nothing about it.
    """

    def __init__(self, status: int, message: str, *, retry_after: int = 0, **more: object) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after = retry_after
        self.more = more


def answer(content: Any, status: int = 200) -> Response:
    """Content as JSON. NaN and infinities become null, as JSON has none."""
    return Response(_ENCODER.encode(content), status, media_type="application/json")


def error_answer(error: ApiError, path: str) -> Response:
    """An error as JSON: an object, or a string under the paths of Alertmanager's API."""
    whole = error.message if path.startswith(ALERTMANAGER_PREFIX) else {"error": error.message, **error.more}
    found = answer(whole, error.status)
    if error.retry_after:
        found.headers["retry-after"] = str(error.retry_after)
    return found


def quoted(text: str) -> str:
    """Text of a request inside a sentence: shortened, with unprintable characters escaped."""
    return f"'{printable(text, 60)}'"
