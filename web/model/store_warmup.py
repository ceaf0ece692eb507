"""Asks the store for what the tail of the log no longer has."""

import threading
from collections.abc import Iterable

from ward.clock import SECOND, Clock, Micros
from ward.errors import WardwatchError
from ward.periodic import Periodic
from ward.ports import Store
from ward.simulated_past import simulated_past
from web.model.read_model import ReadModel

_RETRY = 5.0
_LOOK = 1.0  # seconds between two looks at a past that is being written
_BACK = 3600 * SECOND
_MOST_ASKED = 500  # devices asked for one by one, when the last hour has nothing of them


class StoreWarmup:
    """A part: fills the read model once, and polls a store that does not answer until it does.

    A simulated past that is being written is looked at until it is whole.

    It has a thread of its own, so that a store that hangs cannot stop the screens.
    """

    def __init__(self, store: Store, model: ReadModel, clock: Clock) -> None:
        self._store = store
        self._model = model
        self._clock = clock
        self._full = False
        self._period = Periodic(clock, _RETRY)
        self._closed = threading.Event()

    def step(self, wait: float) -> int:
        if self._idle():
            self._closed.wait(wait)
            return 0
        try:
            self._model.simulated_past = simulated_past(self._store)
            if self._full:
                self._store.events("alerts", {}, self._clock.now() - SECOND, self._clock.now(), 1)
            else:
                self._fill()
        except WardwatchError as error:
            self._away(error)
            return 0
        except Exception as error:
            self._away(error)
            raise
        self._full = self._model.recalled = True
        self._model.mended("store")
        if self._unfinished():
            self._period.restart(_LOOK)
        return 1

    def close(self) -> None:
        self._closed.set()

    def _away(self, error: Exception) -> None:
        self._model.broken("store", str(error) or type(error).__name__)
        self._model.recalled = True
        self._period.restart()

    def _idle(self) -> bool:
        done = self._full and "store" not in self._model.problems and not self._unfinished()
        return done or self._period.left() > 0

    def _unfinished(self) -> bool:
        """Whether a simulated past is being written."""
        past = self._model.simulated_past
        return past is not None and not past.whole

    def _fill(self) -> None:
        since = self._clock.now() - _BACK
        for measurement in ("vitals", "telemetry"):
            for device, fields in self._store.latest(measurement, "device", since).items():
                for signal, (at, value) in fields.items():
                    if not signal.endswith("_implausible"):
                        self._recall(device, signal, at, value)
        for device, signal in self._missing():
            for at, value in self._store.last("vitals", signal, {"device": device}, 1):
                self._recall(device, signal, at, value)

    def _recall(self, device: str, signal: str, at: Micros, value: float) -> None:
        """Restore a value. A simulated past is shown as a curve only, never as the latest value of a bed."""
        past = self._model.simulated_past
        if past is None or not past.holds(at):
            with self._model.lock:
                self._model.values.recall(device, signal, at, value, self._clock.monotonic())

    def _missing(self) -> Iterable[tuple[str, str]]:
        """One vital sign of each device at a bed that has said nothing lately: since when is it gone?"""
        with self._model.lock:
            config_view, now = self._model.config_view, self._clock.now()
            silent = [
                (at.device.id, signal)
                for bed in config_view.inventory.beds
                for at in config_view.places.devices(bed, now)
                if self._model.values.get(at.device.id) is None
                for signal in config_view.vitals[:1]
            ]
        return silent[:_MOST_ASKED]
