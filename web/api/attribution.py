"""Who does something, as requests say it."""

from typing import Annotated, Any, TypeVar

import msgspec

from ward.ids import printable
from web.api.responses import Refusal


class Attribution(msgspec.Struct, forbid_unknown_fields=True):
    """Who does it, and what they want to say about it."""

    by: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


C = TypeVar("C", bound=Attribution)
_EXAMPLE = '{"by": "Nurse Ada", "note": "on my way"}'


def read_attribution(body: bytes, kind: type[C], example: str = _EXAMPLE) -> C:
    """A claim of some kind. Raises `Refusal` with an example of one."""
    try:
        claim = msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        why = printable(str(error), 120)
        raise Refusal(400, f"Send JSON such as {example}: {why}.") from None
    if not claim.by.strip() or not claim.by.isprintable():
        raise Refusal(400, "'by' must be a name: who is it that does this?")
    return claim


def attribution_body(kind: type[Attribution], *, required: bool = True) -> dict[str, Any]:
    """What OpenAPI says of a request with such a claim."""
    schema = msgspec.json.schema(kind)["$defs"][kind.__name__]
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}
