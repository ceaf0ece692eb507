"""What keeps an alert quiet now: the pipeline's own stages, asked about it among all that is active elsewhere."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from alerts.batch import Batch, Item, chain
from alerts.case import Case, Kept
from alerts.inhibit import inhibit
from alerts.silence import silence
from app.routing.supposed import supposed
from app.screen.found_alerts import alerts_of
from app.screen.found_silences import silences_of
from app.screen.screen_client import ScreenClient
from ward.alert import Alert
from ward.clock import Micros
from ward.config.config import Config

_stages = chain(inhibit, silence)


def hushed(config: Config, alert: Alert, screen: ScreenClient) -> list[str]:
    """Why nobody would hear of it: each silence and each active alert that keeps it quiet."""
    now = screen.now()
    active = list(_active(alerts_of(screen, ()), now))
    silences = {kept.id: kept for kept in silences_of(screen, ())}
    batch = _stages(
        Batch(
            now=now, wall=now, config=config, items=tuple(map(_item, (alert, *active))),
            silences=tuple(Kept(silence=s, start=s.starts_at, end=s.ends_at) for s in silences.values()),
        )
    )  # fmt: skip
    judged, texts = batch.items[0], {a.id: a.annotations.get("text", "") for a in active}
    return [
        *(f"silenced by {id_} ({silences[id_].by}: {silences[id_].comment})" for id_ in judged.silenced_by),
        *(f"inhibited by {id_} ({texts.get(id_, '')})" for id_ in judged.inhibited_by),
    ]


def _active(shapes: Iterable[Mapping[str, Any]], now: Micros) -> Iterator[Alert]:
    for shape in shapes:
        labels = {str(k): str(v) for k, v in dict(shape.get("labels") or {}).items()}
        text = {"text": f"{shape.get('label', '')}: {shape.get('text', '')}"}
        yield replace(supposed(labels, now), id=str(shape.get("id", "")), annotations=text)


def _item(alert: Alert) -> Item:
    at = alert.starts_at
    return Item(case=Case(alert=alert, begun=at, changed=at, unowned=at))
