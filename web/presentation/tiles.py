"""A bed, or a device at no bed, as one tile."""

from collections.abc import Sequence

from ward.alert import Alert
from ward.ids import printable
from web.model.alert_index import by_priority
from web.model.config_view import ConfigView
from web.model.instant import Instant
from web.model.latest_values import Held
from web.model.read_model import ReadModel
from web.presentation.alert_schema import alert_schema, instant
from web.presentation.bed_priority import BedPriority, priority_of
from web.presentation.signal_schema import value_schemas
from web.schemas import DataState, LostSchema, TileSchema, ValueSchema

# What says something about the device, not about its surroundings or its patient.
_ABOUT_ITSELF = frozenset({"online", "battery", "lost_readings", "duplicate_readings", "late_readings", "reboots",
                           "clock_skew"})  # fmt: skip


def bed_tile(model: ReadModel, bed: str, alerts: Sequence[Alert], now: Instant) -> TileSchema:
    """A bed: the newest value of every signal of every device there, and what is missing."""
    config_view = model.config_view
    known = config_view.inventory.beds[bed]
    stay = config_view.places.stay(bed, now.at)
    devices = list(config_view.places.devices(bed, now.at))
    values: dict[str, ValueSchema] = {}
    for device, since in devices:
        for value in value_schemas(config_view, device.id, model.values.get(device.id), since, now):
            held = values.get(value["signal"])
            if held is None or _younger(value, held):
                values[value["signal"]] = value
    tile = _tile(model, now, known.id, known.label, known.ward, alerts, values, bool(devices))
    tile["devices"] = [device.id for device, _ in devices]
    if stay is not None:
        tile["patient"], tile["patient_since"] = stay.patient, instant(stay.span.since)
    return tile


def stranger_tile(model: ReadModel, held: Held, alerts: Sequence[Alert], now: Instant) -> TileSchema:
    """A device nobody has put at a place: with whatever it sends."""
    config_view = model.config_view
    values = {value["signal"]: value for value in value_schemas(config_view, held.device, held, 0, now)}
    tile = _tile(model, now, held.device, printable(held.device, 64), held.ward, alerts, values, True)
    tile["devices"] = [held.device]
    return tile


def order(config_view: ConfigView, tile: TileSchema) -> tuple[int, int, int, str]:
    """Beds by priority; beds of equal priority in the order of the inventory, so that tiles rarely move."""
    severity = ("high", "medium", "low", "").index(tile["severity"])
    return (
        BedPriority(tile["priority"]).rank,
        severity,
        config_view.places.order.get(tile["id"], len(config_view.places.order)),
        tile["id"],
    )


def _younger(one: ValueSchema, other: ValueSchema) -> bool:
    return one["age"] is not None and (other["age"] is None or one["age"] < other["age"])


def _tile(
    model: ReadModel, now: Instant, id_: str, label: str, ward: str, alerts: Sequence[Alert],
    values: dict[str, ValueSchema], monitored: bool,
) -> TileSchema:  # fmt: skip
    config_view = model.config_view
    ordered = sorted(values.values(), key=lambda value: config_view.order(value["signal"]))
    data, since, lost = _data(config_view, ordered, monitored)
    priority, severity = priority_of(alerts, data)
    return {
        "id": id_, "label": label, "ward": ward, "patient": "", "patient_since": None,
        "priority": str(priority), "severity": str(severity or ""), "data": data, "data_since": since,
        "lost": lost, "devices": [], "values": ordered,
        "alerts": [alert_schema(model, alert, now.at) for alert in by_priority(alerts)],
    }  # fmt: skip


def _data(
    config_view: ConfigView, values: Sequence[ValueSchema], monitored: bool
) -> tuple[DataState, str | None, list[LostSchema]]:
    """Whether what matters comes: the vital signs where there are any, else everything but the device's own state."""
    if not monitored:
        return "unmonitored", None, []
    matter = [v for v in values if v["signal"] in config_view.vitals]
    matter = matter or [v for v in values if v["signal"] not in _ABOUT_ITSELF]
    gone = [v for v in matter if v["state"] != "live"]
    if matter and not gone:
        return "live", None, []
    since = max((v["at"] for v in gone if v["at"]), default=None)
    lost: list[LostSchema] = [
        {"signal": v["signal"], "label": config_view.signal(v["signal"]).label, "since": v["at"]} for v in gone
    ]
    return ("lost" if len(gone) < len(matter) else "none"), since, lost
