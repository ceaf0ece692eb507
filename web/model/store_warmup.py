"""Fills the read model from the store with values that are older than the part of the log that is read."""

import threading
from collections.abc import Iterable

from ward.clock import SECOND, Clock, Micros
from ward.errors import WardwatchError
from ward.periodic import Periodic
from ward.ports import Row, Store
from ward.simulated_past import simulated_past
from web.model.read_model import ReadModel
from web.model.score_history import LENGTH, STEP, EarlierScore

_RETRY_EVERY = 5.0
_POLL_EVERY = 1.0  # seconds between two looks at a simulated past that is being written
_LOOKBACK = 3600 * SECOND
_MINUTE = 60 * SECOND
_MAX_SCORES = 10_000  # of one minute
POINTS = "points_"  # of a part: what a field of `scores` begins with
_MAX_DEVICES = 500  # devices queried one by one because they sent nothing in the last hour


class StoreWarmup:
    """A part: fills the read model once. After a failure it polls the store until it answers again.

    While a simulated past is being written, it polls for the progress.

    It has its own thread, so that a store that hangs cannot stop the screens.
    """

    def __init__(self, store: Store, model: ReadModel, clock: Clock) -> None:
        self._store = store
        self._model = model
        self._clock = clock
        self._filled = False
        self._period = Periodic(clock, _RETRY_EVERY)
        self._closed = threading.Event()

    def step(self, wait: float) -> int:
        if self._idle():
            self._closed.wait(wait)
            return 0
        try:
            self._model.simulated_past = simulated_past(self._store)
            if self._filled:
                self._store.rows("alerts", {}, self._clock.now() - SECOND, self._clock.now(), 1)
            else:
                self._fill()
        except WardwatchError as error:
            self._failed(error)
            return 0
        except Exception as error:
            self._failed(error)
            raise
        self._filled = self._model.warmed_up = True
        self._model.clear_problem("store")
        if self._past_unfinished():
            self._period.restart(_POLL_EVERY)
        return 1

    def close(self) -> None:
        self._closed.set()

    def _failed(self, error: Exception) -> None:
        self._model.set_problem("store", str(error) or type(error).__name__)
        self._model.warmed_up = True
        self._period.restart()

    def _idle(self) -> bool:
        done = self._filled and "store" not in self._model.problems and not self._past_unfinished()
        return done or self._period.seconds_left() > 0

    def _past_unfinished(self) -> bool:
        """Whether a simulated past is being written."""
        past = self._model.simulated_past
        return past is not None and not past.complete

    def _fill(self) -> None:
        since = self._clock.now() - _LOOKBACK
        for measurement in ("vitals", "telemetry"):
            for device, fields in self._store.latest(measurement, "device", since).items():
                for signal, (at, value) in fields.items():
                    if not signal.endswith("_implausible"):
                        self._restore(device, signal, at, value)
        for device, signal in self._missing():
            for at, value in self._store.last("vitals", signal, {"device": device}, 1):
                self._restore(device, signal, at, value)
        self._fill_scores()

    def _fill_scores(self) -> None:
        """One score of each rule and bed in ten minutes: the store has one a minute."""
        now = self._clock.now()
        for start in range(now - LENGTH, now, STEP):
            minute = start // _MINUTE * _MINUTE
            for row in self._store.rows("scores", {}, minute, minute + _MINUTE, _MAX_SCORES):
                self._restore_score(row)

    def _restore_score(self, row: Row) -> None:
        past, bed = self._model.simulated_past, row.tags.get("bed", "")
        at_least = row.fields.get("at_least")
        if not isinstance(at_least, float) or (past is not None and past.contains(row.at)):
            return
        known = frozenset(name.removeprefix(POINTS) for name in row.fields if name.startswith(POINTS))
        with self._model.lock:
            patient = self._model.config_view.inventory.patient(bed, row.at)
            one = EarlierScore(row.at, patient, at_least, "value" in row.fields, known)
            self._model.scores.restore(bed, row.tags.get("rule", ""), one)

    def _restore(self, device: str, signal: str, at: Micros, value: float) -> None:
        """Restore a value. A simulated past is shown as a curve only, never as the latest value of a bed; a value from
        before the clock was set back has no age now, and is not shown."""
        past = self._model.simulated_past
        if at <= self._clock.now() and (past is None or not past.contains(at)):
            with self._model.lock:
                self._model.values.restore(device, signal, at, value, self._clock.monotonic())

    def _missing(self) -> Iterable[tuple[str, str]]:
        """(device, vital sign) of each device at a bed without a value: the last one shows since when data are lost."""
        with self._model.lock:
            view, now = self._model.config_view, self._clock.now()
            missing = [
                (placed.device.id, signal)
                for bed in view.inventory.beds
                for placed in view.places.devices(bed, now)
                if self._model.values.get(placed.device.id) is None
                for signal in view.vitals[:1]
            ]
        return missing[:_MAX_DEVICES]
