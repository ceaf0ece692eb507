"""How the API answers: JSON in the shapes of `web.schemas`, and refusals in one sentence."""

from typing import Any

import msgspec
from fastapi import Response

from ward.ids import printable

_ENCODER = msgspec.json.Encoder()

# What OpenAPI says of the answers that every route may give.
_SCHEMA = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
THEIRS = "/api/v2/"
ERROR_SCHEMA = {
    "type": "object", "title": "Error", "description": "What is wrong, and what to do: one sentence",
    "required": ["error"], "properties": {"error": {"type": "string"}},
}  # fmt: skip


def told(description: str) -> dict[str, Any]:
    """A refusal, for OpenAPI."""
    return {"description": description, "content": _SCHEMA}


ERRORS: dict[int | str, dict[str, Any]] = {
    400: told("A parameter is wrong; the sentence says what to do"),
    404: told("There is no such thing"),
    503: told("The log or the store does not answer; the sentence says which"),
}


THEIR_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": told["description"], "content": {"application/json": {"schema": {"type": "string"}}}}
    for status, told in ERRORS.items()
}


class Refusal(Exception):
    """Raised by a handler to answer with a status and one sentence that says what to do."""

    def __init__(self, status: int, sentence: str, **more: object) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.more = more


def answer(shape: Any, status: int = 200) -> Response:
    """A shape as JSON. NaN and infinities become null, as JSON has none."""
    return Response(_ENCODER.encode(shape), status, media_type="application/json")


def refuse(refusal: Refusal, path: str) -> Response:
    """A refusal as JSON: an object, or the bare sentence where Alertmanager's tools ask."""
    if path.startswith(THEIRS):
        return answer(refusal.sentence, refusal.status)
    return answer({"error": refusal.sentence, **refusal.more}, refusal.status)


def quoted(text: str) -> str:
    """Outside text inside a sentence: short, and harmless wherever the sentence ends up."""
    return f"'{printable(text, 60)}'"
