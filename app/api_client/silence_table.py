"""Silences as a table, and as JSON data."""

from collections.abc import Iterable
from typing import Any

from app.console.table import print_table
from ward.clock import SECOND, Micros, format_instant, format_span
from ward.silence import Silence, SilenceState
from web.alertmanager.output import silence_json


def show_silences(silences: Iterable[Silence], now: Micros) -> None:
    """Print one row for each silence."""
    rows = [(s.id, ", ".join(map(str, s.matchers)), _when(s, now), s.by, s.comment) for s in silences]
    print_table(("id", "matchers", "active", "by", "comment"), rows)


def as_data(silences: Iterable[Silence], now: Micros) -> list[dict[str, Any]]:
    """The silences in the format of Alertmanager."""
    return [silence_json(silence, now) for silence in silences]


def _when(silence: Silence, now: Micros) -> str:
    match silence.state(now):
        case SilenceState.PENDING:
            return f"from {format_instant(silence.starts_at)}"
        case SilenceState.ACTIVE:
            return f"for {format_span((silence.ends_at - now) / SECOND)} more"
    return f"ended at {format_instant(silence.ends_at)}"
