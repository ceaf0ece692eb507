"""Stale alerts: while the signal of an active alert is missing, the alert says so and stays active."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from alerts.model.now import Now
from alerts.model.tracked_alert import TrackedAlert
from alerts.text.annotations import signal_lost_text
from ward.alert import ABSENT, EXTERNAL, Alert
from ward.clock import Micros
from ward.config.config import Config


def mark_stale(all_tracked: Iterable[TrackedAlert], now: Now, config: Config) -> Iterator[TrackedAlert]:
    """The alerts whose `signal_lost_since` has changed, with the new one.

    Only an active alert of the detector `absent` sets the mark, and only its end takes it away; no alert is ended
    here. An alert of `absent` that is held because it was detected late sets no mark yet.
    """
    all_tracked = list(all_tracked)
    missing: dict[str, list[Alert]] = defaultdict(list)
    for tracked in all_tracked:
        if tracked.alert.active and tracked.alert.source == ABSENT and tracked.held_until <= now.steady:
            for key in ("device_id", "bed"):
                missing[f"{key}={tracked.alert.labels.get(key, '')}"].append(tracked.alert)
    for tracked in all_tracked:
        alert = tracked.alert
        if not (alert.active and tracked.physiological) or alert.source == EXTERNAL or alert.latched is not None:
            continue
        since = _missing_since(alert, missing)
        if since != alert.signal_lost_since:
            yield _marked(tracked, since, now, config)


def _missing_since(alert: Alert, missing: dict[str, list[Alert]]) -> Micros | None:
    """Since when the signal of an alert has been missing; of an alert about a whole bed, that of any of its devices."""
    own = "device_id" if alert.labels.get("device_id") else "bed"
    if not alert.labels.get(own):
        return None
    metric = alert.labels.get("metric", "")
    found = missing.get(f"{own}={alert.labels[own]}", ())
    return min((s.starts_at for s in found if s.labels.get("metric", "") in ("", metric)), default=None)


def _marked(tracked: TrackedAlert, since: Micros | None, now: Now, config: Config) -> TrackedAlert:
    texts = {name: text for name, text in tracked.alert.annotations.items() if name != "signal_lost"}
    if since is not None:
        texts["signal_lost"] = signal_lost_text(since, now.wall, config.alerting.timezone)
    return replace(
        tracked.with_alert(signal_lost_since=since, annotations=texts, updated_at=now.wall), changed_at=now.steady
    )
