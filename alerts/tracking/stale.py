"""Marks of missing data: an active alert whose signal has fallen silent says so, and stays active."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from alerts.text import annotations
from alerts.tracking.tracked_alert import Instant, TrackedAlert
from ward.alert import EXTERNAL, Alert
from ward.clock import Micros
from ward.config.config import Config

SILENCE = "silence"


def mark_stale(cases: Iterable[TrackedAlert], now: Instant, config: Config) -> Iterator[TrackedAlert]:
    """The cases whose mark has changed: those that a silent device or signal leaves undecided, or no longer does.

    Only the alert of a silence sets a mark and only its end takes it away; nothing here ends an alert. A silence that
    waits for its own end, as what is known late does, sets none yet.
    """
    cases = list(cases)
    silent: dict[str, list[Alert]] = defaultdict(list)
    for case in cases:
        if case.alert.active and case.alert.source == SILENCE and case.hold <= now.steady:
            for key in ("device_id", "bed"):
                silent[f"{key}={case.alert.labels.get(key, '')}"].append(case.alert)
    for case in cases:
        alert = case.alert
        if not (alert.active and case.physiological) or alert.source == EXTERNAL or alert.latched is not None:
            continue
        since = _since(alert, silent)
        if since != alert.lost_since:
            yield _marked(case, since, now, config)


def _since(alert: Alert, silent: dict[str, list[Alert]]) -> Micros | None:
    """Since when what would tell about this alert has been missing; an alert of a whole bed asks all its devices."""
    own = "device_id" if alert.labels.get("device_id") else "bed"
    if not alert.labels.get(own):
        return None
    metric = alert.labels.get("metric", "")
    found = silent.get(f"{own}={alert.labels[own]}", ())
    return min((s.starts_at for s in found if s.labels.get("metric", "") in ("", metric)), default=None)


def _marked(case: TrackedAlert, since: Micros | None, now: Instant, config: Config) -> TrackedAlert:
    said = {name: text for name, text in case.alert.annotations.items() if name != "signal_lost"}
    if since is not None:
        said["signal_lost"] = annotations.lost(since, now.wall, config.alerting.timezone)
    return replace(case.with_alert(lost_since=since, annotations=said, updated_at=now.wall), changed=now.steady)
