"""The text of a dashboard's file: a line for each thing that somebody changes, so that a diff shows it."""

from collections.abc import Mapping
from typing import Any

from msgspec import json

_WIDTH = 120  # characters that fit on a line
_DEPTH = 6  # of an element of a canvas, and of the properties of a column: each is one line however long it is


def json_text(value: Any, depth: int = 0) -> str:
    """A value as JSON. It is on one line if it fits or is deep, and else has a line for each part; keys are sorted."""
    line = json.encode(value, order="sorted").decode()
    if not isinstance(value, (dict, list)) or depth >= _DEPTH or len(line) + depth <= _WIDTH:
        return line
    parts = ",".join(f"\n{' ' * (depth + 1)}{part}" for part in _parts(value, depth + 1))
    return f"{line[0]}{parts}\n{' ' * depth}{line[-1]}"


def _parts(value: Mapping[str, Any] | list[Any], depth: int) -> list[str]:
    if isinstance(value, list):
        return [json_text(part, depth) for part in value]
    return [f"{json.encode(key).decode()}: {json_text(part, depth)}" for key, part in sorted(value.items())]
