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


def alerts_of(screen: ApiClient, matchers: Sequence[Matcher], state: str = "active") -> list[Shape]:
    """The alerts that satisfy all matchers, the most needed first."""
    told = screen.get("/api/v1/alerts", {"state": state, "limit": str(MOST)})
    shapes = told.get("alerts") if isinstance(told, dict) else None
    if not isinstance(shapes, list):
        raise screen.stranger()
    if told.get("store"):
        click.echo(f"not all that is over: {printable(str(told['store']), 200)}", err=True)
    return [shape for shape in shapes if all(matcher.holds(_labels(shape)) for matcher in matchers)]


def alert_of(screen: ApiClient, name: str) -> Shape:
    """The one active alert with this id or fingerprint.

    Raises `click.ClickException` where there is none, with what the screen says of one that is over.
    """
    for shape in alerts_of(screen, ()):
        if name in (shape.get("id"), shape.get("fingerprint")):
            return shape
    told = screen.get(f"/api/v1/alerts/{urllib.parse.quote(name, safe='')}")
    shape = told["alert"]
    raise click.ClickException(
        f"{printable(str(shape.get('text')), 200)}: it is over ({shape.get('ended') or 'ended'})"
    )


def _labels(shape: Shape) -> dict[str, str]:
    labels = shape.get("labels")
    return {str(k): str(v) for k, v in labels.items()} if isinstance(labels, dict) else {}
