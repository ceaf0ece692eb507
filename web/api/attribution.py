"""Who makes a change, as the body of a request says it."""

from typing import Annotated, Any, TypeVar

import msgspec

from ward.ids import printable
from web.api import refusals
from web.api.responses import ApiError


class Attribution(msgspec.Struct, forbid_unknown_fields=True):
    """The name of the person who makes the change, and a note."""

    by: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


A = TypeVar("A", bound=Attribution)
_EXAMPLE = '{"by": "Nurse Ada", "note": "on my way"}'


def read_attribution(body: bytes, schema: type[A], example: str = _EXAMPLE) -> A:
    """The attribution in a body. Raises `ApiError` (400) with an example of a valid body."""
    try:
        attribution = msgspec.json.decode(body, type=schema)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        why = printable(str(error), 120)
        raise ApiError(400, refusals.NOT_READ(example=example, why=why)) from None
    if not attribution.by.strip() or not attribution.by.isprintable():
        raise ApiError(400, refusals.NO_NAME())
    return attribution


def attribution_body(kind: type[Attribution], *, required: bool = True) -> dict[str, Any]:
    """The request body of a route, for OpenAPI."""
    schema = msgspec.json.schema(kind)["$defs"][kind.__name__]
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}
