"""A new silence, in the format of Alertmanager's API."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from app.console.durations import duration_seconds
from ward.clock import SECOND, Micros, format_instant, format_span
from ward.ids import printable
from ward.matcher import Matcher
from ward.silence import Silence

# Seconds. For a longer time, change the rule.
LONGEST = 30 * 86400.0


def new_silence(
    matchers: Sequence[Matcher], duration: str, by: str, comment: str
) -> Callable[[Micros], dict[str, Any]]:
    """A function from the time of the server to the body of the request.

    Raises `click.UsageError` for a silence of everything, or one without end.
    """
    span = duration_seconds(duration, "--duration")
    if not 0 < span <= LONGEST:
        raise click.UsageError(f"--duration: must be more than 0 and at most {format_span(LONGEST)}")
    try:
        Silence(id="new", matchers=tuple(matchers), starts_at=0, ends_at=1, by=by, comment=comment, updated_at=0)
    except ValueError as error:
        raise click.UsageError(printable(str(error), 300)) from None
    conditions = [
        {"name": m.label, "value": m.value, "isRegex": "~" in m.op, "isEqual": not m.op.startswith("!")}
        for m in matchers
    ]
    return lambda now: {
        "matchers": conditions, "startsAt": format_instant(now), "endsAt": format_instant(now + round(span * SECOND)),
        "createdBy": by, "comment": comment,
    }  # fmt: skip
