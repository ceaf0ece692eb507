"""The devices of a bed that send nothing, or not everything that is expected of them."""

from collections.abc import Iterator

from ward.ids import printable
from web.board.tile import Tile
from web.model.config_view import ConfigView
from web.model.now import Now
from web.model.read_model import ReadModel
from web.presentation.instants import rfc3339
from web.schemas import DeviceProblemSchema

_BATTERY = "battery"


def device_problems(model: ReadModel, tile: Tile, now: Now) -> Iterator[DeviceProblemSchema]:
    """Devices without data first, then signals without a live value, then low batteries."""
    view, away = model.config_view, False
    for device in tile.devices:
        state, name = model.values.get(device), _name(view, device)
        if state is None or not state.last_seen:
            away = True
            yield {"device": device, "text": f"{name}: has never sent anything that is known", "since": None}
        elif now.age(state.last_seen, state.received) > _silent_after(view, device):
            away = True
            yield {"device": device, "text": f"{name}: no data", "since": rfc3339(state.last_seen)}
    if not away:
        for lost in tile.lost:
            yield {"device": "", "text": f"{printable(lost.label, 60)}: no live value", "since": rfc3339(lost.since)}
    for value in tile.values:
        if value.signal == _BATTERY and value.value is not None and value.beyond == "low":
            shown = view.signal(_BATTERY).show(value.value)
            yield {"device": "", "text": f"Battery {shown}", "since": rfc3339(value.at)}


def _name(view: ConfigView, device: str) -> str:
    known = view.inventory.devices.get(device)
    kind = view.inventory.device_kinds.get(known.device_kind) if known else None
    return f"{printable(kind.label, 60)} {device}" if kind else device


def _silent_after(view: ConfigView, device: str) -> float:
    known = view.inventory.devices.get(device)
    kind = view.inventory.device_kinds.get(known.device_kind) if known else None
    return kind.silent_after if kind else 15.0
