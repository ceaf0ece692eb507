"""The whole ward at one instant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ward.alert import Alert
from ward.alert_order import by_priority
from ward.clock import Micros
from ward.simulated_past import SimulatedPast
from web.board.banners import Banner, banners, beds_not_evaluated
from web.board.live_alert import live_alert, live_config_status
from web.board.tile import Tile, bed_tile, sort_key, unassigned_tile
from web.model.latest_values import DeviceState
from web.model.now import Now
from web.model.read_model import ConfigStatus, ReadModel

_MAX_UNASSIGNED = 60


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of active alerts; `high`, `medium` and `low` count unacknowledged ones."""

    active: int
    unacknowledged: int
    high: int
    medium: int
    low: int

    @classmethod
    def of(cls, alerts: Iterable[Alert]) -> "Counts":
        active = list(alerts)
        open_ = [str(alert.severity) for alert in active if alert.ack is None]
        return cls(len(active), len(open_), open_.count("high"), open_.count("medium"), open_.count("low"))


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the system itself; `age` is the seconds since the log was last followed, `not_evaluated` the number
    of beds whose readings are not evaluated."""

    now: Now
    age: float
    ready: bool
    counts: Counts
    not_evaluated: int
    config: ConfigStatus
    banners: tuple[Banner, ...]
    simulated_past: SimulatedPast | None


@dataclass(frozen=True, slots=True)
class BoardState:
    """All beds by priority, the first of the unassigned devices, and the alerts that belong to neither."""

    status: Status
    beds: tuple[Tile, ...]
    unassigned: tuple[Tile, ...]
    unassigned_total: int
    others: tuple[Alert, ...]


def status(model: ReadModel, now: Now) -> Status:
    """The state of the system now."""
    return Status(
        now, model.age, model.ready, Counts.of(model.alerts.active()),
        len(beds_not_evaluated(model, now)), live_config_status(model, now),
        tuple(banners(model, now)), model.simulated_past,
    )  # fmt: skip


def board_state(model: ReadModel, now: Now) -> BoardState:
    """The whole ward now."""
    view, active = model.config_view, [live_alert(model, alert, now) for alert in model.alerts.active()]
    by_bed, by_device = _by_label(active, "bed"), _by_label(active, "device_id")
    beds = [bed_tile(model, bed, by_bed.get(bed, ()), now) for bed in view.inventory.beds]
    devices = _unassigned(model, by_device, now.wall)
    shown = [unassigned_tile(model, d, by_device.get(d.device, ()), now) for d in devices[:_MAX_UNASSIGNED]]
    in_tiles = {alert.id for tile in (*beds, *shown) for alert in tile.alerts}
    return BoardState(
        status(model, now), _sorted(model, beds), _sorted(model, shown), len(devices),
        tuple(by_priority((alert for alert in active if alert.id not in in_tiles), view.catalogue)),
    )  # fmt: skip


def _by_label(alerts: Iterable[Alert], label: str) -> dict[str, list[Alert]]:
    found: dict[str, list[Alert]] = {}
    for alert in alerts:
        found.setdefault(alert.labels.get(label, ""), []).append(alert)
    return found


def _unassigned(model: ReadModel, alerts: Mapping[str, object], now: Micros) -> list[DeviceState]:
    """Devices that the inventory assigns to no place: those with alerts first, then the newest.

    A logger that is attached to an imaging device has its place there and is left out, unless it has an alert.
    """
    places = model.config_view.places
    devices = [
        state
        for state in model.values
        if not places.assigned(state.device, now) and (not state.attached or state.device in alerts)
    ]
    return sorted(devices, key=lambda state: (state.device not in alerts, -state.received_at))


def _sorted(model: ReadModel, tiles: Iterable[Tile]) -> tuple[Tile, ...]:
    return tuple(sorted(tiles, key=lambda tile: sort_key(model.config_view, tile)))
