"""Alerts of a running Wardwatch: found by matchers, by id or by fingerprint."""

import urllib.parse
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from app.api_client.client import ApiClient
from ward.ids import printable
from ward.matcher import Matcher

Shape = Mapping[str, Any]
MOST = 1000


def matchers_of(texts: Iterable[str]) -> list[Matcher]:
    """Matchers such as severity=high; a word alone is the name of an alert. Raises `click.UsageError`."""
    try:
        return [Matcher.parse(text if any(op in text for op in "=~") else f"alertname={text}") for text in texts]
    except ValueError as error:
        raise click.UsageError(printable(str(error), 300)) from None


def alerts_of(api: ApiClient, matchers: Sequence[Matcher], state: str = "active") -> list[Shape]:
    """The alerts that satisfy all matchers, the highest priority first."""
    answer = api.get("/api/v1/alerts", {"state": state, "limit": str(MOST)})
    shapes = answer.get("alerts") if isinstance(answer, dict) else None
    if not isinstance(shapes, list):
        raise api.not_wardwatch()
    if answer.get("store"):
        click.echo(f"not all ended alerts are listed: {printable(str(answer['store']), 200)}", err=True)
    return [shape for shape in shapes if all(matcher.matches(_labels(shape)) for matcher in matchers)]


def alert_of(api: ApiClient, name: str) -> Shape:
    """The one active alert with this id or fingerprint.

    Raises `click.ClickException` when there is none, with the text of the alert when it has ended.
    """
    for shape in alerts_of(api, ()):
        if name in (shape.get("id"), shape.get("fingerprint")):
            return shape
    answer = api.get(f"/api/v1/alerts/{urllib.parse.quote(name, safe='')}")
    shape = answer["alert"]
    raise click.ClickException(
        f"{printable(str(shape.get('text')), 200)}: it has ended ({shape.get('ended') or 'ended'})"
    )


def _labels(shape: Shape) -> dict[str, str]:
    labels = shape.get("labels")
    return {str(k): str(v) for k, v in labels.items()} if isinstance(labels, dict) else {}
