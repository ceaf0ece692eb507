"""Heartbeats of programs as points of `pipeline`."""

import re
from collections.abc import Iterable

from bridge.store_points.alerts import no_alert_point
from ward.clock import SECOND
from ward.ports import Point, Series
from ward.tag_text import tag_text
from ward.wire import Heartbeat

# As `Metrics.numbers` writes labels.
_LABEL = re.compile(r'(\w+)="([^"]+)"')
# No tags, and metrics with them are not stored: a device may invent ids, and each would stay as a series.
UNBOUNDED_LABELS = frozenset({"code", "device"})


def health_points(health: Heartbeat) -> Iterable[Point]:
    """The state of one program: a point for itself, and one for each set of bounded labels that its metrics have."""
    program = {"program": health.program, "instance": tag_text(health.instance)}
    fields: dict[tuple[tuple[str, str], ...], dict[str, float | str]] = {(): _program_fields(health)}
    for sample, value in health.numbers.items():
        name, _, labels = sample.removeprefix("wardwatch_").partition("{")
        tags = tuple((label, tag_text(text)) for label, text in _LABEL.findall(labels))
        if UNBOUNDED_LABELS.isdisjoint(label for label, _ in tags):
            fields.setdefault(tags, {})[name] = float(value)
    points = [
        Point(Series.of("pipeline", **program, **dict(labels)), health.at, values) for labels, values in fields.items()
    ]
    if health.program == "alerts":
        points.append(no_alert_point(health.at))
    return points


def _program_fields(health: Heartbeat) -> dict[str, float | str]:
    return {
        "config": health.config,
        "problems": "; ".join(health.problems),
        "up_since": health.started / SECOND,
        # Both are written also before there was anything to count: a rule must distinguish 0 from unknown.
        "quarantined": sum(_values(health, "wardwatch_messages_quarantined_total")),
        "oldest_notification_seconds": max(_values(health, "wardwatch_outbox_oldest_age_seconds"), default=0.0),
    }


def _values(health: Heartbeat, name: str) -> list[float]:
    """The values of one metric of the program, one for each set of labels."""
    return [float(value) for sample, value in health.numbers.items() if sample.partition("{")[0] == name]
