"""The whole ward at a glance: what the ward page asks for every second."""

from collections.abc import Iterable, Mapping

from ward.alert import Alert
from ward.clock import Clock, Micros, format_instant
from ward.simulated_past import SimulatedPast
from web.model.instant import Instant
from web.model.latest_values import Held
from web.model.read_model import ReadModel
from web.presentation.alert_schema import alert_schema
from web.presentation.banners import banners
from web.presentation.tiles import bed_tile, order, stranger_tile
from web.schemas import BoardSchema, CountSchema, SimulatedPastSchema, StatusSchema, TileSchema, WardSchema

_KEPT = 0.5  # seconds in which all who ask get the same answer
_MOST_STRANGERS = 60


class Board:
    """Composed at most twice a second, however many screens ask."""

    def __init__(self, model: ReadModel, clock: Clock) -> None:
        self._model = model
        self._clock = clock
        self._kept: tuple[float, BoardSchema] | None = None

    def all(self) -> BoardSchema:
        """Every ward. Nobody may change the answer."""
        with self._model.lock:
            now = self._clock.monotonic()
            if self._kept is None or not 0 <= now - self._kept[0] < _KEPT:
                self._kept = now, _compose(self._model, Instant.of(self._clock))
            return self._kept[1]

    def fresh(self) -> None:
        """Forget the kept answer: someone has just done something and wants to see it."""
        self._kept = None

    def ward(self, ward: str) -> BoardSchema:
        """One ward; devices and alerts of no ward, or of one nobody configured, are everybody's."""
        board = self.all()
        wards = self._model.config_view.inventory.wards
        strangers = [tile for tile in board["unassigned"] if tile["ward"] == ward or tile["ward"] not in wards]
        return {
            "status": board["status"],
            "beds": [tile for tile in board["beds"] if tile["ward"] == ward],
            "unassigned": strangers,
            "unassigned_total": len(strangers),
            "others": [a for a in board["others"] if a["ward"] == ward or a["ward"] not in wards],
        }

    def bed(self, bed: str) -> BoardSchema:
        """One bed."""
        board = self.all()
        beds = [tile for tile in board["beds"] if tile["id"] == bed]
        return {"status": board["status"], "beds": beds, "unassigned": [], "unassigned_total": 0, "others": []}

    def wards(self) -> list[WardSchema]:
        """Each ward with its counts, in the order of the inventory."""
        board = self.all()
        with self._model.lock:
            wards = list(self._model.config_view.inventory.wards.values())
            alerts = [(a.labels.get("ward", ""), a.ack is None) for a in self._model.alerts.active()]
        return [
            {
                "id": ward.id,
                "name": ward.name,
                "beds": sum(tile["ward"] == ward.id for tile in board["beds"]),
                "unassigned": sum(tile["ward"] == ward.id for tile in board["unassigned"]),
                "active": sum(where == ward.id for where, _ in alerts),
                "unacknowledged": sum(where == ward.id and nobody for where, nobody in alerts),
            }
            for ward in wards
        ]

    def status(self) -> StatusSchema:
        """The head of every page, not kept: it tells how old everything else is."""
        with self._model.lock:
            return _status(self._model, self._model.alerts.active(), Instant.of(self._clock))


def _compose(model: ReadModel, now: Instant) -> BoardSchema:
    config_view, active = model.config_view, model.alerts.active()
    by_bed: dict[str, list[Alert]] = {}
    by_device: dict[str, list[Alert]] = {}
    for alert in active:
        by_bed.setdefault(alert.labels.get("bed", ""), []).append(alert)
        by_device.setdefault(alert.labels.get("device_id", ""), []).append(alert)
    beds = [bed_tile(model, bed, by_bed.get(bed, ()), now) for bed in config_view.inventory.beds]
    strangers = _strangers(model, by_device, now.at)
    shown = [stranger_tile(model, h, by_device.get(h.device, ()), now) for h in strangers[:_MOST_STRANGERS]]
    told = {alert["id"] for tile in (*beds, *shown) for alert in tile["alerts"]}
    return {
        "status": _status(model, active, now),
        "beds": _sorted(model, beds),
        "unassigned": _sorted(model, shown),
        "unassigned_total": len(strangers),
        "others": [alert_schema(model, alert, now.at) for alert in active if alert.id not in told],
    }


def _strangers(model: ReadModel, alerts: Mapping[str, object], now: Micros) -> list[Held]:
    """Devices at no bed and no place, those with alerts first, then the latest heard of.

    A logger that sits in an imaging device has its place there, whoever configured it.
    """
    places = model.config_view.places
    strangers = [
        held
        for held in model.values
        if not places.assigned(held.device, now) and (not held.attached or held.device in alerts)
    ]
    return sorted(strangers, key=lambda held: (held.device not in alerts, -held.seen))


def _sorted(model: ReadModel, tiles: Iterable[TileSchema]) -> list[TileSchema]:
    return sorted(tiles, key=lambda tile: order(model.config_view, tile))


def _status(model: ReadModel, active: Iterable[Alert], now: Instant) -> StatusSchema:
    return {
        "at": format_instant(now.at),
        "age": round(model.age, 2),
        "ready": model.ready,
        "counts": _counts(list(active)),
        "config": model.config(),
        "banners": banners(model, now),
        "simulated_past": _simulated_past(model.simulated_past),
    }


def _simulated_past(past: SimulatedPast | None) -> SimulatedPastSchema | None:
    if past is None:
        return None
    return {
        "start": format_instant(past.start), "end": format_instant(past.end), "written": past.written,
        "periods": dict(past.periods),
    }  # fmt: skip


def _counts(active: list[Alert]) -> CountSchema:
    free = [str(alert.severity) for alert in active if alert.ack is None]
    return {
        "active": len(active),
        "unacknowledged": len(free),
        "high": free.count("high"),
        "medium": free.count("medium"),
        "low": free.count("low"),
    }
