"""Writes what the screens show into the store, for the dashboard on the wall."""

import logging

from ward.clock import Clock
from ward.errors import SettingsError, StoreRefused, StoreUnavailable
from ward.ids import printable
from ward.metrics import Metrics
from ward.periodic import Periodic
from ward.ports import Store
from web.model.read_model import ReadModel
from web.presentation.board import Board
from web.presentation.wall_snapshot import snapshot

log = logging.getLogger(__name__)

EVERY = 5.0
BLIND = 10.0  # seconds without a look at the log, from which on the screens say that they are blind


class WallWriter:
    """A part: a snapshot every five seconds, on a thread of its own, so that a slow store hurts no screen.

    A snapshot that the store does not accept is counted and discarded, never retried: the next one replaces it. While
    the read model is incomplete or stale, nothing is written, and a dashboard that queries the last fifteen seconds
    shows no data.
    """

    def __init__(self, store: Store, board: Board, model: ReadModel, clock: Clock, metrics: Metrics) -> None:
        self._store = store
        self._board = board
        self._model = model
        self._clock = clock
        self._metrics = metrics
        self._period = Periodic(clock, EVERY)
        self._away = ""

    def step(self, wait: float) -> int:
        if not self._period.wait(wait):
            return 0
        if not self._model.ready or self._model.age > BLIND:
            self._metrics.wall_snapshots.labels("blind").inc()
            return 0
        return self._write()

    def close(self) -> None:
        """It holds nothing."""

    def _write(self) -> int:
        board = self._board.all()
        config_view = self._model.config_view
        points = list(snapshot(board, config_view.inventory, config_view.vitals, self._clock.now()))
        try:
            self._store.write(points)
        except (StoreUnavailable, StoreRefused, SettingsError) as error:  # the last where it is opened for reading only
            self._metrics.wall_snapshots.labels("away" if isinstance(error, StoreUnavailable) else "refused").inc()
            self._tell(printable(str(error)))
            return 0
        self._metrics.wall_snapshots.labels("written").inc()
        self._tell("")
        return len(points)

    def _tell(self, away: str) -> None:
        """Once when it begins and once when it is over: that the store is away, the archive tells everyone."""
        if bool(away) != bool(self._away):
            log.warning("the dashboard on the wall %s", f"stands still: {away}" if away else "goes on")
        self._away = away
