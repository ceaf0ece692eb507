"""Errors of pydantic as sentences for someone who edits config: without types, library names and links."""

import types
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, RootModel
from pydantic_core import ErrorDetails

from ward.ids import printable

_NUMBER = "must be a number"
_WHOLE = "must be a whole number"
_TEXT = "must be text"
_KEYS = "must hold lines of `key: value`"
_LIST = "must be a list, such as [a, b]"
_YES = "must be true or false"
_WORDS = {
    "float_type": _NUMBER, "float_parsing": _NUMBER, "finite_number": _NUMBER, "decimal_type": _NUMBER,
    "int_type": _WHOLE, "int_parsing": _WHOLE, "int_from_float": _WHOLE, "int_parsing_size": _WHOLE,
    "string_type": _TEXT, "bool_type": _YES, "bool_parsing": _YES,
    "dict_type": _KEYS, "mapping_type": _KEYS, "model_type": _KEYS, "model_attributes_type": _KEYS,
    "list_type": _LIST, "tuple_type": _LIST, "set_type": _LIST, "frozen_set_type": _LIST, "iterable_type": _LIST,
    "none_required": "must be left empty", "string_too_short": "must say something",
}  # fmt: skip
_BOUNDS = {
    "greater_than": ("gt", "must be more than"), "greater_than_equal": ("ge", "must be at least"),
    "less_than": ("lt", "must be less than"), "less_than_equal": ("le", "must be at most"),
}  # fmt: skip
SHAPES = frozenset(kind for kind, words in _WORDS.items() if words in (_KEYS, _LIST))


def name_of(loc: tuple[int | str, ...]) -> str:
    """The name of a fault's place: its key, with the index in a list."""
    keys = [(i, part) for i, part in enumerate(loc) if isinstance(part, str)]
    if not keys:
        return "the file"
    i, name = keys[-1]
    return (printable(name, 64) or "''") + "".join(f"[{part}]" for part in loc[i + 1 :])


def sentence(error: ErrorDetails, loc: tuple[int | str, ...], *, quote: bool) -> str:
    """The sentence for an error at `loc`. Without `quote`, which is for secrets, it does not contain the value."""
    kind, name = error["type"], name_of(loc)
    ctx = error.get("ctx", {})
    if error["loc"][-1:] == ("[key]",):
        name = f"{name_of(loc[:-1])}: '{printable(str(loc[-1]), 64)}'"
        quote = False
    if kind in ("value_error", "assertion_error"):
        return f"{name}: {printable(str(ctx.get('error', '')), 300)}"
    if kind == "missing" and isinstance(loc[-1], int):
        return f"{name_of(loc[:-1])} has too few entries"
    if kind == "missing":
        return f"'{name}' is missing"
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        words = f"{words} {ctx.get(key, 0):g}"
    elif kind in ("enum", "literal_error"):
        words = f"must be one of {_choices(ctx)}"
    else:
        # Kinds that occur only in a detector's own parameters keep pydantic's sentence, without the word Input.
        words = (
            _WORDS.get(kind)
            or _counted(kind, ctx)
            or printable(error["msg"]).replace("Input should", "must").partition(", unable")[0]
        )
    return f"{name} {words}{_instead(error['input'], kind) if quote else ''}"


def _counted(kind: str, ctx: Mapping[str, Any]) -> str:
    if kind == "too_short":
        return f"must have at least {ctx.get('min_length')} entries"
    if kind == "too_long":
        return f"must have at most {ctx.get('max_length')} entries"
    return ""


def _choices(ctx: Mapping[str, Any]) -> str:
    return str(ctx.get("expected", "")).replace("'", "").replace(" or ", ", ")


def _instead(value: object, kind: str) -> str:
    if value is None:
        return ", and is empty"
    if kind == "string_type" and isinstance(value, int | float):
        word = str(value).lower() if isinstance(value, bool) else str(value)
        return f": put {word} in quotes"
    if isinstance(value, dict):
        return ", not lines of `key: value`"
    if isinstance(value, list | tuple):
        return ", not a list"
    if isinstance(value, bool):
        return f", not {str(value).lower()}"
    if isinstance(value, str):
        return f", not '{printable(value, 40)}'"
    return f", not {printable(str(value), 40)}"


def keys_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> Collection[str]:
    """The keys that `model` allows at `loc`."""
    found: Any = model
    for part in loc:
        found = _step(_plain(found), part)
    found = _plain(found)
    if not (isinstance(found, type) and issubclass(found, BaseModel)):
        return ()
    return [field.alias or name for name, field in found.model_fields.items()]


def _plain(annotation: Any) -> Any:
    """An annotation without `Annotated` and `| None`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        elif isinstance(annotation, type) and issubclass(annotation, RootModel):
            annotation = annotation.model_fields["root"].annotation
        else:
            return annotation


def _step(annotation: Any, part: int | str) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields
        return next((f.annotation for name, f in fields.items() if part in (name, f.alias)), None)
    args = get_args(annotation)
    if not args:
        return None
    return args[1] if isinstance(part, str) and len(args) == 2 else args[0]
