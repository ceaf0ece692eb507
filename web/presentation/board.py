"""The whole ward, as the ward page requests it every second."""

from collections.abc import Sequence
from typing import NamedTuple

from ward.alert import Alert
from ward.clock import Clock
from web.board.state import BoardState, board_state, status
from web.model.now import Now
from web.model.read_model import ReadModel
from web.presentation.alerts import alert_schema
from web.presentation.status import status_schema
from web.presentation.tiles import tile_schema
from web.schemas import AlertSchema, BoardSchema, StatusSchema, WardSchema

MAX_OTHERS = 60
_CACHE_FOR = 0.5  # seconds for which all clients get the same answer


class _Cached(NamedTuple):
    made_at: float  # monotonic, seconds
    state: BoardState
    schema: BoardSchema


class Board:
    """Computed at most twice a second, however many clients ask."""

    def __init__(self, model: ReadModel, clock: Clock) -> None:
        self._model = model
        self._clock = clock
        self._cached: _Cached | None = None

    def state(self) -> BoardState:
        """The whole ward, with instants in microseconds."""
        return self._current().state

    def all(self) -> BoardSchema:
        """The whole ward. The answer is shared: no caller may change it."""
        return self._current().schema

    def invalidate(self) -> None:
        """Drop the cached answer: the caller has changed what it shows."""
        self._cached = None

    def ward(self, ward: str) -> BoardSchema:
        """One ward. Devices and alerts of no ward, or of an unknown one, are in the answer for every ward."""
        current = self._current()
        board, wards = current.schema, self._model.config_view.inventory.wards
        unassigned = [tile for tile in board["unassigned"] if tile["ward"] == ward or tile["ward"] not in wards]
        others = [a for a in current.state.others if (of := a.labels.get("ward", "")) == ward or of not in wards]
        with self._model.lock:
            shown = _others_schema(self._model, others, current.state.status.now)
        return {
            "status": board["status"],
            "beds": [tile for tile in board["beds"] if tile["ward"] == ward],
            "unassigned": unassigned,
            "unassigned_total": len(unassigned),
            "others": shown,
            "others_total": len(others),
        }

    def bed(self, bed: str) -> BoardSchema:
        """One bed."""
        board = self.all()
        beds = [tile for tile in board["beds"] if tile["id"] == bed]
        return {
            "status": board["status"], "beds": beds, "unassigned": [], "unassigned_total": 0, "others": [],
            "others_total": 0,
        }  # fmt: skip

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
                "active": sum(of == ward.id for of, _ in alerts),
                "unacknowledged": sum(of == ward.id and unacknowledged for of, unacknowledged in alerts),
            }
            for ward in wards
        ]

    def status(self) -> StatusSchema:
        """The head of every page. It is not cached, since it says how old everything else is."""
        with self._model.lock:
            return status_schema(status(self._model, Now.of(self._clock)))

    def _current(self) -> _Cached:
        with self._model.lock:
            now = self._clock.monotonic()
            if self._cached is None or not 0 <= now - self._cached.made_at < _CACHE_FOR:
                state = board_state(self._model, Now.of(self._clock))
                self._cached = _Cached(now, state, _board_schema(self._model, state))
            return self._cached


def _board_schema(model: ReadModel, state: BoardState) -> BoardSchema:
    now = state.status.now
    return {
        "status": status_schema(state.status),
        "beds": [tile_schema(model, tile, now) for tile in state.beds],
        "unassigned": [tile_schema(model, tile, now) for tile in state.unassigned],
        "unassigned_total": state.unassigned_total,
        "others": _others_schema(model, state.others, now),
        "others_total": len(state.others),
    }


def _others_schema(model: ReadModel, others: Sequence[Alert], now: Now) -> list[AlertSchema]:
    """The first of them by priority: another system may have thousands, and each screen asks every second."""
    return [alert_schema(model, alert, now) for alert in others[:MAX_OTHERS]]
