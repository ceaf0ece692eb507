"""Alerts as a table."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.console.table import print_table
from ward.clock import SECOND, Micros, format_span, parse_instant

HEAD = ("severity", "where", "alert", "since", "who has it", "told", "id")


def show_alerts(shapes: Iterable[Mapping[str, Any]], now: Micros) -> None:
    """One row an alert."""
    print_table(HEAD, [_row(shape, now) for shape in shapes])


def _row(shape: Mapping[str, Any], now: Micros) -> tuple[object, ...]:
    severity = str(shape.get("severity", "")).upper()
    over = shape.get("state") == "ended"
    return (
        f"over ({shape.get('ended') or 'ended'})" if over else severity,
        shape.get("label") or shape.get("ward") or "", shape.get("text", ""), ago(shape.get("since"), now),
        _who(shape), _told(shape), shape.get("id", ""),
    )  # fmt: skip


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


def _told(shape: Mapping[str, Any]) -> str:
    for key, words in (("silenced_by", "silenced"), ("inhibited_by", "inhibited")):
        if shape.get(key):
            return words
    return str(shape.get("reason", ""))
