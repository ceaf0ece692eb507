"""The handover of a ward: by bed, what is open, what has ended, what mutes or changes alerts, and what is not known."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ward.alert import Alert
from ward.clock import SECOND, Micros, format_span
from ward.ids import printable
from ward.local_time import local_time
from web.board.banners import banners
from web.board.signal_values import SignalValue
from web.board.state import board_state
from web.board.tile import Tile
from web.model.config_view import ConfigView
from web.model.now import Now
from web.model.read_model import ReadModel
from web.presentation.alerts import alert_schema, silence_schema
from web.presentation.instants import rfc3339
from web.presentation.signals import value_schema
from web.reports.device_problems import device_problems
from web.reports.overrides import overrides_of
from web.reports.rule_counts import by_rule
from web.reports.shift_history import ShiftHistory, ended_alerts, simulated
from web.reports.silences import silences_in_force
from web.schemas import AlertSchema, BedHandoverSchema, HandoverSchema, SilenceSchema

# Ended alerts of one bed that are listed one by one; more are counted by rule.
MOST_LISTED = 10


class HandoverSpan(NamedTuple):
    """The time that a handover is about: [start, end), with the name of the shift, empty where it is none."""

    start: Micros
    end: Micros
    shift: str = ""


def handover_subject(ward: str, span: HandoverSpan) -> str:
    """What the report of a ward is about, in the log of actions."""
    return f"handover {ward} {rfc3339(span.start)}"


def handover(model: ReadModel, ward: str, span: HandoverSpan, history: ShiftHistory, now: Now) -> HandoverSchema:
    """Call with the lock of the model. `history` is what the store has of the span."""
    view, board = model.config_view, board_state(model, now)
    ended = ended_alerts(model, history, ward, span[:2], now)
    silences = silences_in_force(view, ward, model.silences.unexpired(now.wall), now.wall)
    tiles = {tile.id: tile for tile in board.beds if tile.ward == ward}
    beds = [
        _bed(model, tiles[bed.id], [alert for alert in ended if alert["bed"] == bed.id],
             [silence_schema(silence, now.wall) for silence in silences.by_bed.get(bed.id, ())], now)
        for bed in view.inventory.beds.values() if bed.ward == ward
    ]  # fmt: skip
    elsewhere = [alert for alert in model.alerts.active() if _of_no_bed(alert, ward, tiles)]
    others_ended = [alert for alert in ended if alert["bed"] not in tiles]
    every = [*(alert for tile in tiles.values() for alert in tile.alerts), *elsewhere]
    return {
        "at": rfc3339(now.wall), "ward": ward, "ward_name": printable(view.inventory.wards[ward].name, 80),
        "shift": span.shift, "start": rfc3339(span.start), "end": rfc3339(span.end), "config": view.config.hash,
        "open": len(every), "unacknowledged": sum(alert.ack is None for alert in every), "ended": len(ended),
        "not_known": list(_not_known(model, span, history, ended, now)),
        "silences": [silence_schema(silence, now.wall) for silence in silences.whole_ward], "beds": beds,
        "others": [alert_schema(model, alert, now) for alert in elsewhere],
        "others_ended": others_ended if len(others_ended) <= MOST_LISTED else [],
        "others_ended_by_rule": by_rule(others_ended) if len(others_ended) > MOST_LISTED else [],
        "sent": [
            {"at": rfc3339(sent.at), "by": printable(sent.by, 80), "receivers": list(sent.receivers)}
            for sent in model.reports.of(handover_subject(ward, span))
        ],
    }  # fmt: skip


def nothing_to_say(bed: BedHandoverSchema) -> bool:
    """Whether a bed has no alert, nothing in force, and all of its signals are evaluated."""
    return not any((
        bed["open"], bed["ended_total"], bed["silences"], bed["overrides"], bed["devices"], bed["not_evaluated"],
    ))  # fmt: skip


def _of_no_bed(alert: Alert, ward: str, tiles: Iterable[str]) -> bool:
    return alert.labels.get("ward", "") == ward and alert.labels.get("bed", "") not in tiles


def _bed(
    model: ReadModel, tile: Tile, ended: Sequence[AlertSchema], silences: list[SilenceSchema], now: Now
) -> BedHandoverSchema:
    view, many = model.config_view, len(ended) > MOST_LISTED
    vitals = [value for value in tile.values if value.signal in view.vitals]
    return {
        "bed": tile.id, "label": printable(tile.label, 80), "patient": tile.patient,
        "patient_since": rfc3339(tile.patient_since),
        "values": [value_schema(view, value) for value in vitals], "now": _values(view, vitals),
        "open": [alert_schema(model, alert, now) for alert in tile.alerts],
        "ended": [] if many else list(ended), "ended_total": len(ended),
        "ended_by_rule": by_rule(ended) if many else [],
        "silences": silences, "overrides": overrides_of(view, tile.id, now.wall),
        "devices": list(device_problems(model, tile, now)), "not_evaluated": _not_evaluated(tile),
    }  # fmt: skip


def _values(view: ConfigView, values: Iterable[SignalValue]) -> str:
    """`Heart rate 74 /min, SpO2 97 % (4 min old)`: a value that is not live says how old it is."""
    return ", ".join(
        f"{(signal := view.signal(value.signal)).label} {signal.show(value.value)} {signal.display}".rstrip()
        + ("" if value.state == "live" else f" ({format_span(value.age or 0)} old)")
        for value in values
        if value.value is not None
    )


def _not_evaluated(tile: Tile) -> str:
    if tile.data == "unmonitored":
        return "Not monitored: no device is at this bed"
    return "" if tile.evaluated.current else "Readings are not evaluated: an alert may be missing"


def _not_known(
    model: ReadModel, span: HandoverSpan, history: ShiftHistory, ended: Sequence[AlertSchema], now: Now
) -> Iterator[str]:
    """What the report cannot say, and what does not work now."""
    if not model.ready:
        yield "Wardwatch has just started and has not read everything: open alerts may be missing."
    if model.age > _STALE_AFTER:
        yield f"Nothing newer than {_local(model, now.wall - round(model.age * SECOND), now)} is known."
    if history.problem:
        yield history.problem
    if span.end > now.wall:
        yield f"The shift goes on until {_local(model, span.end, now)}: what comes after this report is not in it."
    if count := simulated(ended):
        yield f"{count} of the ended alerts were simulated by the demo: no patient was in that bed."
    for banner in banners(model, now):
        since = f", since {_local(model, banner.since, now)}" if banner.since else ""
        yield f"{banner.text}{since}."


_STALE_AFTER = 10.0  # seconds


def _local(model: ReadModel, at: Micros, now: Now) -> str:
    return local_time(at, model.config_view.config.alerting.timezone, now.wall)
