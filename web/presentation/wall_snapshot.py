"""What the screen on the wall shows, as points of the store: `overview` and `overview_wards` of `influx/schema.md`."""

from collections.abc import Iterator, Sequence

from ward.clock import SECOND, Micros, format_span, parse_instant
from ward.ids import printable
from ward.inventory import Inventory
from ward.ports import Point, Series
from ward.ports.store import Value
from web.presentation.bed_priority import BedPriority
from web.schemas import AlertSchema, BoardSchema, CountSchema, LostSchema, TileSchema, ValueSchema

ALL = "_all"  # the whole hospital: no ward can be called so
MOST = 99  # places of a ward, worst first: more are on no wall
# Codes, so that a panel can colour a tile: the greater, the worse, and what is not known is no calm colour.
LEVELS = {
    BedPriority.NOT_MONITORED: 0.0,
    BedPriority.NO_ALERT: 1.0,
    BedPriority.ACKNOWLEDGED: 2.0,
    BedPriority.LOW: 3.0,
    BedPriority.MEDIUM: 4.0,
    BedPriority.HIGH: 5.0,
    BedPriority.SIGNAL_LOST: 6.0,
    BedPriority.NO_DATA: 7.0,
}
_SIDES = {"": 0.0, "low": -1.0, "high": 1.0}
BEATS = 12  # each snapshot has another beat than the one before, so that the overview detects a missing one
_NAMED = 3  # lost signals that are named


def snapshot(board: BoardSchema, inventory: Inventory, vitals: Sequence[str], at: Micros) -> Iterator[Point]:
    """The wards one by one and all together: their beds by place, worst first, and a point of counts for each."""
    for ward in (ALL, *inventory.wards):
        beds = [tile for tile in board["beds"] if ward in (ALL, tile["ward"])]
        for place, tile in enumerate(beds[:MOST], 1):
            yield Point(Series.of("overview", ward=ward, place=f"{place:02}"), at, _tile(tile, vitals, at))
        strangers = [tile for tile in board["unassigned"] if ward in (ALL, tile["ward"])]
        others = [alert for alert in board["others"] if ward in (ALL, alert["ward"])]
        yield Point(Series.of("overview_wards", ward=ward), at, _counts(board, beds, strangers, others))


def _tile(tile: TileSchema, vitals: Sequence[str], at: Micros) -> dict[str, Value]:
    priority = BedPriority(tile["priority"])
    alert = tile["alerts"][0] if tile["alerts"] else None
    fields: dict[str, Value] = {
        "bed": tile["id"], "bed_name": _text(tile["label"], 80), "ward_id": tile["ward"], "priority": str(priority),
        "state": tile["data"], "level": LEVELS[priority], "words": _text(_words(tile, priority, at), 300),
        "since_s": _since(alert["since"] if alert else tile["data_since"], at), "alerts": float(len(tile["alerts"])),
        "unacknowledged": float(sum(alert["ack"] is None for alert in tile["alerts"])),
        "beat": float(at // SECOND % BEATS),
    }  # fmt: skip
    for value in tile["values"]:
        if value["signal"] in vitals:
            fields |= _vital(value)
    return fields


def _vital(value: ValueSchema) -> dict[str, Value]:
    """What is not there is left out: a number that nobody measured is none."""
    name, number, age = value["signal"], value["value"], value["age"]
    if number is None or age is None:
        return {}
    return {name: number, f"{name}_age": age, f"{name}_beyond": _SIDES[value["beyond"]]}


def _words(tile: TileSchema, priority: BedPriority, at: Micros) -> str:
    """The gravest alert in words; without one, what comes and what does not."""
    missing = {"lost": _lost(tile["lost"], at), "none": _nothing(tile["data_since"], at)}.get(tile["data"], "")
    if not tile["alerts"]:
        return missing or str(priority)
    first, *more = tile["alerts"]
    said = [_told(first), f"and {len(more)} more" if more else "", missing]
    return "; ".join(part for part in said if part)


def _told(alert: AlertSchema) -> str:
    ack = alert["ack"]
    return f"{alert['text']} ({ack['by']} has it)" if ack else alert["text"]


def _lost(lost: Sequence[LostSchema], at: Micros) -> str:
    named = ", ".join(signal["label"] for signal in lost[:_NAMED])
    more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    newest = max((signal["since"] for signal in lost if signal["since"]), default=None)
    return f"signal lost{_for(newest, at)}: {named}{more}"


def _nothing(since: str | None, at: Micros) -> str:
    return f"no data{_for(since, at)}" if since else "no data yet"


def _for(since: str | None, at: Micros) -> str:
    return f" for {format_span(_since(since, at))}" if since else ""


def _since(instant: str | None, at: Micros) -> float:
    return round(max(0.0, (at - parse_instant(instant)) / SECOND), 1) if instant else 0.0


def _counts(
    board: BoardSchema, beds: Sequence[TileSchema], strangers: Sequence[TileSchema], others: Sequence[AlertSchema]
) -> dict[str, Value]:
    alerts = [alert for tile in (*beds, *strangers) for alert in tile["alerts"]] + list(others)
    free = [alert["severity"] for alert in alerts if alert["ack"] is None]
    counts: CountSchema = {
        "active": len(alerts), "unacknowledged": len(free), "high": free.count("high"),
        "medium": free.count("medium"), "low": free.count("low"),
    }  # fmt: skip
    priorities = [tile["priority"] for tile in beds]
    words = "; ".join(banner["text"] for banner in board["status"]["banners"])
    return {
        **{name: float(count) for name, count in counts.items() if isinstance(count, int)},
        "beds": float(len(beds)), "not_shown": float(max(0, len(beds) - MOST)), "unassigned": float(len(strangers)),
        "lost": float(priorities.count(BedPriority.SIGNAL_LOST)),
        "no_data": float(priorities.count(BedPriority.NO_DATA)),
        "words": _text(words, 600) or "all programs at work",
    }  # fmt: skip


def _text(text: str, most: int) -> str:
    return printable(text, most)
