"""The page about detectors, and a sample of each, made from the detectors themselves."""

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import yaml
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from detectors.base.detector import Detector
from detectors.base.registry import discover
from ward.config.model import seconds
from ward.config.rule import Decision

_HEAD = """\
# Detectors

Made by `app.reference.detectors` from the detectors themselves; a test holds it current. How to add one:
[adding-a-detector.md](adding-a-detector.md).

A detector only scores. A score of 1 is where a rule begins to hold; when that becomes a finding, and when it
is over, is decided in the same way for all of them, by these keys of every rule:

{decision}

"""


def page() -> str:
    """All of it, as Markdown."""
    parts = [_HEAD.format(decision=_table(Decision))]
    parts += [_section(kind, detector) for kind, detector in discover().items()]
    return "\n".join(parts)


def stanza(kind: str) -> str:
    """A sample rule of a detector, as YAML, with every parameter that is left out in a comment.

    Raises `KeyError` for a kind there is none of.
    """
    detector = discover()[kind]
    settings = {"detector": kind, "signals": _signals(detector), "kind": "technical", **detector.sample}
    rule: str = yaml.safe_dump({f"my_{kind}": settings}, sort_keys=False, default_flow_style=None, width=100)
    left = [
        f"  # {_key(name, field)}: {_shown(field, 'null')}"
        for name, field in detector.params.model_fields.items()
        if name not in detector.sample and not field.is_required()
    ]
    return rule + "".join(f"{line}\n" for line in left)


def _section(kind: str, detector: type[Detector[Any]]) -> str:
    own, params = inspect.getdoc(detector) or "", inspect.getdoc(detector.params) or ""
    defaults = ", ".join(f"`{key}: {_plain(value)}`" for key, value in detector.params.defaults.items())
    usual = f"\nUnless the rule says otherwise: {defaults}.\n" if defaults else ""
    return (
        f"## {kind}\n\n{own}\n\n{params}\n{usual}\n{_table(detector.params)}\n\n```yaml\nrules:\n"
        + "".join(f"  {line}\n" for line in stanza(kind).splitlines())
        + "```\n"
    )


def _table(model: type[Any]) -> str:
    lines = ["| key | is | default | |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        default = "needed" if field.is_required() else _shown(field, "")
        default = f"`{default}`" if default and default != "needed" else default
        lines.append(f"| `{_key(name, field)}` | {_type(field)} | {default} | {field.description or ''} |")
    return "\n".join(lines)


def _signals(detector: type[Detector[Any]]) -> list[str]:
    return [] if detector.feed == "silence" else ["heart_rate"]


def _key(name: str, field: FieldInfo) -> str:
    return field.alias or name


def _shown(field: FieldInfo, nothing: str) -> str:
    """A default as one would write it."""
    if field.default is None or field.default is PydanticUndefined:
        return nothing
    return f"{field.default:g}s" if _type(field) == "span" and field.default else _plain(field.default)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_plain(item)}" for key, item in value.items()) + "}"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _type(field: FieldInfo) -> str:
    """In words: a number, a span, one of some words."""
    kinds = get_args(field.annotation) if type(None) in get_args(field.annotation) else (field.annotation,)
    if any(getattr(mark, "func", None) is seconds for kind in (field, *kinds) for mark in _marks(kind)):
        return "span"
    return next(_word(kind) for kind in kinds if kind is not type(None))


def _marks(kind: object) -> Sequence[Any]:
    """What pydantic was told about a type besides the type."""
    return kind.metadata if isinstance(kind, FieldInfo) else getattr(kind, "__metadata__", ())


def _word(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return ", ".join(f"`{word}`" for word in get_args(kind))
    if get_origin(kind) is dict:
        return "one of low, medium, high; or a number for each"
    return {float: "number", int: "whole number", bool: "true or false"}.get(kind, str(kind))


def main() -> None:
    """Write the page where it belongs."""
    path = Path(__file__).parents[2] / "docs" / "detectors.md"
    path.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
