"""What suppresses an alert now: the pipeline's stages, applied to it together with the active alerts."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from alerts.model.now import Now
from alerts.model.timed_silence import TimedSilence
from alerts.model.tracked_alert import TrackedAlert
from alerts.routing.alert_routes import RouteCache
from alerts.stages.batch import AlertBatch, BatchItem, chain
from alerts.stages.inhibit import inhibit
from alerts.stages.silence import silence
from app.api_client.alert_queries import alerts_of
from app.api_client.client import ApiClient
from app.api_client.silence_queries import silences_of
from app.routing.hypothetical_alert import hypothetical_alert
from ward.alert import Alert
from ward.clock import Micros
from ward.config.config import Config

_stages = chain(inhibit, silence)


def suppressed_by(config: Config, alert: Alert, api: ApiClient) -> list[str]:
    """Why the alert would not be notified: each silence and each active alert that suppresses it."""
    now = api.now()
    active = list(_active(alerts_of(api, ()), now))
    silences = {s.id: s for s in silences_of(api, ())}
    batch = _stages(
        AlertBatch(
            now=Now(now, now), config=config, routes=RouteCache(config.alerting),
            items=tuple(map(_item, (alert, *active))),
            silences=tuple(TimedSilence(silence=s, start=s.starts_at, end=s.ends_at) for s in silences.values()),
        )
    )  # fmt: skip
    first, texts = batch.items[0], {a.id: a.annotations.get("text", "") for a in active}
    return [
        *(f"silenced by {id_} ({silences[id_].by}: {silences[id_].comment})" for id_ in first.silenced_by),
        *(f"inhibited by {id_} ({texts.get(id_, '')})" for id_ in first.inhibited_by),
    ]


def _active(shapes: Iterable[Mapping[str, Any]], now: Micros) -> Iterator[Alert]:
    for shape in shapes:
        labels = {str(k): str(v) for k, v in dict(shape.get("labels") or {}).items()}
        text = {"text": f"{shape.get('label', '')}: {shape.get('text', '')}"}
        id_, source = str(shape.get("id", "")), str(shape.get("source", ""))
        yield replace(hypothetical_alert(labels, now), id=id_, annotations=text, source=source)


def _item(alert: Alert) -> BatchItem:
    at = alert.starts_at
    return BatchItem(tracked=TrackedAlert(alert=alert, tracked_since=at, changed_at=at, unacknowledged_since=at))
