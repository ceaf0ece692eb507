"""Writes snapshots of the board into the store."""

import logging

from ward.clock import Clock
from ward.errors import SettingsError, StoreRefused, StoreUnavailable
from ward.ids import printable
from ward.metrics import Metrics
from ward.periodic import Periodic
from ward.ports import Store
from web.model.read_model import ReadModel
from web.overview.snapshot import snapshot
from web.presentation.board import Board

log = logging.getLogger(__name__)

EVERY = 5.0
STALE_AFTER = 10.0  # seconds since the log was followed, after which the screens say FROZEN


class OverviewWriter:
    """A part: a snapshot every five seconds, on its own thread, so that a slow store delays no screen.

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
        self._failing = False

    def step(self, wait: float) -> int:
        if not self._period.wait(wait):
            return 0
        if not self._model.ready or self._model.age > STALE_AFTER:
            self._metrics.overview_snapshots.labels("stale").inc()
            return 0
        return self._write()

    def close(self) -> None:
        """Nothing to release."""

    def _write(self) -> int:
        points = list(snapshot(self._board.state(), self._model.config_view, self._clock.now()))
        try:
            self._store.write(points)
        except (StoreUnavailable, StoreRefused, SettingsError) as error:  # SettingsError: opened for reading only
            result = "unavailable" if isinstance(error, StoreUnavailable) else "refused"
            self._metrics.overview_snapshots.labels(result).inc()
            self._log(printable(str(error)))
            return 0
        self._metrics.overview_snapshots.labels("written").inc()
        self._log("")
        return len(points)

    def _log(self, error: str) -> None:
        """Log the first failure and the recovery only: the archive logs that the store does not answer."""
        if bool(error) != self._failing:
            log.warning("the Grafana overview %s", f"is not updated: {error}" if error else "is updated again")
        self._failing = bool(error)
