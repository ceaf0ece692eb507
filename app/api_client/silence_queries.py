"""Silences of a running Wardwatch, as our own type."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import click

from app.api_client.client import ApiClient
from ward.clock import parse_instant
from ward.ids import printable
from ward.matcher import Matcher
from ward.silence import Silence


def silences_of(api: ApiClient, matchers: Iterable[Matcher]) -> list[Silence]:
    """The silences that have every one of the matchers, the active ones first."""
    params: dict[str, str | list[str]] = {"filter": [str(matcher) for matcher in matchers]}
    answer = api.get("/api/v2/silences", params if params["filter"] else None)
    try:
        return list(_read(answer))
    except (ValueError, LookupError, TypeError) as error:
        why = printable(repr(error), 200)
        raise click.ClickException(f"{api.url} answers with silences that cannot be read: {why}") from None


def _read(answer: Iterable[Mapping[str, Any]]) -> Iterator[Silence]:
    for shape in answer:
        yield Silence(
            id=str(shape["id"]), matchers=tuple(map(_matcher, shape["matchers"])),
            starts_at=parse_instant(shape["startsAt"]), ends_at=parse_instant(shape["endsAt"]),
            by=str(shape["createdBy"]), comment=str(shape["comment"]), updated_at=parse_instant(shape["updatedAt"]),
        )  # fmt: skip


def _matcher(shape: Mapping[str, Any]) -> Matcher:
    equal = bool(shape.get("isEqual", True))
    if shape["isRegex"]:
        return Matcher(str(shape["name"]), "=~" if equal else "!~", str(shape["value"]))
    return Matcher(str(shape["name"]), "=" if equal else "!=", str(shape["value"]))
