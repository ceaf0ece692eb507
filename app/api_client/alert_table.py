"""Alerts as a table."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.console.table import print_table
from ward.clock import SECOND, Micros, format_span, parse_instant

HEAD = ("severity", "where", "alert", "worst", "since", "acknowledged by", "notification", "id")


def show_alerts(shapes: Iterable[Mapping[str, Any]], now: Micros) -> None:
    """Print one row for each alert."""
    print_table(HEAD, [_row(shape, now) for shape in shapes])


def _row(shape: Mapping[str, Any], now: Micros) -> tuple[object, ...]:
    severity = str(shape.get("severity", "")).upper()
    ended = shape.get("state") == "ended"
    return (
        f"ended ({shape.get('ended') or 'ended'})" if ended else severity,
        shape.get("label") or shape.get("ward") or "", shape.get("text", ""), _worst(shape),
        ago(shape.get("since"), now),
        _who(shape), _notification(shape), shape.get("id", ""),
    )  # fmt: skip


def _worst(shape: Mapping[str, Any]) -> str:
    """The worst value since the beginning with its unit; `-` where none is known."""
    return str(shape.get("worst_text") or "-")


def ago(instant: object, now: Micros) -> str:
    """`4 min ago`, for an instant as the API writes it."""
    try:
        return f"{format_span((now - parse_instant(str(instant))) / SECOND)} ago"
    except ValueError:
        return ""


def _who(shape: Mapping[str, Any]) -> str:
    ack = shape.get("ack")
    if isinstance(ack, dict):
        return f"{ack.get('by', '')}{': ' if ack.get('note') else ''}{ack.get('note') or ''}"
    return "" if shape.get("state") == "ended" else "nobody"


def _notification(shape: Mapping[str, Any]) -> str:
    for key, text in (("silenced_by", "silenced"), ("inhibited_by", "inhibited")):
        if shape.get(key):
            return text
    return str(shape.get("notified") or shape.get("reason", ""))
