"""A time range in the past, as options of commands give it."""

import re

import click

from app.console.durations import duration_seconds
from ward.clock import SECOND, Micros, format_instant, format_span, parse_instant
from ward.config.base_model import day_or_instant
from ward.ids import printable

LONGEST = 400 * 86400 * SECOND
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def time_range(begin: str, end: str, now: Micros) -> tuple[Micros, Micros]:
    """From and to. Each is an instant, a day (its beginning; after *to*, its end), `now`, or how long ago: `24h`.

    The end is at most `now`. Raises `click.UsageError` with one sentence.
    """
    start, until = _instant(begin, "--from", now), min(_instant(end, "--to", now), now)
    if start >= until:
        raise click.UsageError(f"--from {format_instant(start)} is not before --to {format_instant(until)}")
    if until - start > LONGEST:
        raise click.UsageError(f"from --from to --to are at most {format_span(LONGEST / SECOND)}")
    return start, until


def _instant(text: str, option: str, now: Micros) -> Micros:
    try:
        if text == "now":
            return now
        if _DAY.fullmatch(text):
            return day_or_instant(text) if option == "--to" else parse_instant(f"{text}T00:00:00Z")
        if re.match(r"\d{4}-", text):
            return parse_instant(text)
        return now - round(duration_seconds(text, option) * SECOND)
    except (ValueError, OverflowError, click.UsageError):
        raise click.UsageError(
            f"{option}: not an instant such as 2026-11-20T08:00:00Z, a day such as 2026-11-20, "
            f"or how long ago, such as 24h: {printable(text, 60)}"
        ) from None
