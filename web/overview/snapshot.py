"""A snapshot of the board as points of the store: `overview` and `overview_wards` of `influx/schema.md`."""

from collections.abc import Iterator, Sequence

from ward.action import ActionType
from ward.alert import ABSENT, Alert
from ward.clock import SECOND, Micros, format_span
from ward.finding import Kind
from ward.ids import printable
from ward.ports import Point, Series
from ward.ports.store import Value
from web.board.priority import BedPriority
from web.board.signal_values import SignalValue
from web.board.state import BoardState, Counts
from web.board.tile import LostSignal, Tile
from web.model.config_view import ConfigView
from web.presentation.alerts import alert_text, worst_text
from web.presentation.scores import score_text

ALL = "_all"  # the tag `ward` of the whole hospital; no ward may have this id
MOST = 99  # places of a ward, by priority; further beds are in no snapshot
# Codes for colours: the higher, the worse; what is missing or not evaluated is worse than any alert.
LEVELS = {
    BedPriority.NOT_MONITORED: 0.0,
    BedPriority.NO_ALERT: 1.0,
    BedPriority.ACKNOWLEDGED: 2.0,
    BedPriority.LOW: 3.0,
    BedPriority.MEDIUM: 4.0,
    BedPriority.HIGH: 5.0,
    BedPriority.SIGNAL_LOST: 6.0,
    BedPriority.NO_DATA: 7.0,
    BedPriority.NOT_EVALUATED: 8.0,
}
_BEYOND = {"": 0.0, "low": -1.0, "high": 1.0}
BEATS = 12  # each snapshot has another beat than the one before, so that the overview detects a missing one
_MAX_NAMED = 3  # lost signals that the text names


def snapshot(board: BoardState, view: ConfigView, at: Micros) -> Iterator[Point]:
    """Each ward and the whole hospital: its beds by priority, a point for each place, and a point of counts."""
    for ward in (ALL, *view.inventory.wards):
        beds = [tile for tile in board.beds if ward in (ALL, tile.ward)]
        for place, tile in enumerate(beds[:MOST], 1):
            yield Point(Series.of("overview", ward=ward, place=f"{place:02}"), at, _bed_fields(view, tile, at))
        unassigned = [tile for tile in board.unassigned if ward in (ALL, tile.ward)]
        others = [alert for alert in board.others if ward in (ALL, alert.labels.get("ward", ""))]
        fields = _ward_fields(board, beds, unassigned, others) | {"beat": _beat(at)}
        yield Point(Series.of("overview_wards", ward=ward), at, fields)


def _beat(at: Micros) -> float:
    return float(at // SECOND % BEATS)


def _bed_fields(view: ConfigView, tile: Tile, at: Micros) -> dict[str, Value]:
    since = tile.alerts[0].starts_at if tile.alerts else tile.data_since or tile.evaluated.until
    fields: dict[str, Value] = {
        "bed": tile.id, "bed_name": printable(tile.label, 80), "ward_id": tile.ward, "priority": str(tile.priority),
        "state": tile.data, "level": LEVELS[tile.priority], "summary": printable(_text(view, tile, at), 300),
        "since_s": _seconds_since(since, at), "alerts": float(len(tile.alerts)),
        "unacknowledged": float(sum(alert.ack is None for alert in tile.alerts)),
        "evaluated": float(tile.evaluated.current), "beat": _beat(at),
    }  # fmt: skip
    if scores := score_text(view, tile, at):
        fields["scores"] = printable(scores, 80)
    for value in tile.values:
        if value.signal in view.vitals:
            fields |= _vital_fields(value)
    return fields


def _vital_fields(value: SignalValue) -> dict[str, Value]:
    """The fields of a vital sign; none where there is no value."""
    if value.value is None or value.age is None:
        return {}
    name = value.signal
    return {name: value.value, f"{name}_age": value.age, f"{name}_beyond": _BEYOND[value.beyond]}


def _text(view: ConfigView, tile: Tile, at: Micros) -> str:
    """The alert of highest priority, then what is not evaluated and missing data; without these, the priority in
    words."""
    missing = {"lost": _lost_text(tile.lost, at), "none": _no_data_text(tile.data_since, at)}.get(tile.data, "")
    behind = "" if tile.evaluated.current else f"not evaluated{_for(tile.evaluated.until, at)}"
    if not tile.alerts:
        return "; ".join(part for part in (behind, missing) if part) or str(tile.priority)
    first, *more = tile.alerts
    parts = [_alert_text(view, first, at), _more(more), behind, missing]
    if first.source == ABSENT and first.ack is None and missing:
        parts = [missing, _more(more), behind]  # the same, with its age now
    return "; ".join(part for part in parts if part)


def _more(alerts: Sequence[Alert]) -> str:
    """How many other alerts there are, and how many of them somebody has acknowledged."""
    acknowledged = sum(alert.ack is not None for alert in alerts)
    return f"and {len(alerts)} more{f' ({acknowledged} acknowledged)' if acknowledged else ''}" if alerts else ""


def _alert_text(view: ConfigView, alert: Alert, at: Micros) -> str:
    """The text of an alert with its worst value since it began, how long that is ago, and who acknowledged it; of one
    that is over, how long ago it ended."""
    if alert.is_over:
        ended = format_span(_seconds_since(alert.latched_at or at, at))
        return f"{alert_text(view, alert)} (ended {ended} ago, not acknowledged)"
    worst = _worst(view, alert)
    so_far = f"{format_span(_seconds_since(alert.starts_at, at))} so far"
    return f"{alert_text(view, alert)} ({', '.join(filter(None, (worst, so_far, _holder(alert))))})"


def _holder(alert: Alert) -> str:
    """Who has acknowledged it; else who has seen a message about it last."""
    if alert.ack:
        return f"acknowledged by {printable(alert.ack.by, 80)}"
    seen = [action.by for action in alert.actions if action.type is ActionType.SEEN]
    return f"not acknowledged, seen by {printable(seen[-1], 80)}" if seen else ""


def _worst(view: ConfigView, alert: Alert) -> str:
    """The worst value of the patient, where it is not shown as the present one is."""
    worst, value = (worst_text(view, alert.labels, each, alert.limit) for each in (alert.worst, alert.value))
    return f"worst {worst}" if alert.kind is Kind.PHYSIOLOGICAL and worst and worst != value else ""


def _lost_text(lost: Sequence[LostSignal], at: Micros) -> str:
    named = ", ".join(signal.label for signal in lost[:_MAX_NAMED])
    more = f" and {len(lost) - _MAX_NAMED} more" if len(lost) > _MAX_NAMED else ""
    newest = max((signal.since for signal in lost if signal.since is not None), default=None)
    return f"signal lost{_for(newest, at)}: {named}{more}"


def _no_data_text(since: Micros | None, at: Micros) -> str:
    return "no data yet" if since is None else f"no data{_for(since, at)}"


def _for(since: Micros | None, at: Micros) -> str:
    return "" if since is None else f" for {format_span(_seconds_since(since, at))}"


def _seconds_since(since: Micros | None, at: Micros) -> float:
    return 0.0 if since is None else round(max(0.0, (at - since) / SECOND), 1)


def _ward_fields(
    board: BoardState, beds: Sequence[Tile], unassigned: Sequence[Tile], others: Sequence[Alert]
) -> dict[str, Value]:
    counts = Counts.of([alert for tile in (*beds, *unassigned) for alert in tile.alerts] + list(others))
    priorities = [tile.priority for tile in beds]
    text = "; ".join(banner.text for banner in board.status.banners)
    return {
        "active": float(counts.active), "unacknowledged": float(counts.unacknowledged), "high": float(counts.high),
        "medium": float(counts.medium), "low": float(counts.low),
        "beds": float(len(beds)), "not_shown": float(max(0, len(beds) - MOST)), "unassigned": float(len(unassigned)),
        "lost": float(priorities.count(BedPriority.SIGNAL_LOST)),
        "no_data": float(priorities.count(BedPriority.NO_DATA)),
        "not_evaluated": float(sum(not tile.evaluated.current for tile in beds)),
        "summary": printable(text, 600) or "all programs at work",
    }  # fmt: skip
