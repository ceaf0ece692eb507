"""What the screens know: small views of the log, in memory, with the instant of their last look."""

import threading
from dataclasses import dataclass

from ward.action import Action
from ward.alert import Alert
from ward.clock import Clock, Micros, format_instant
from ward.config.live_config import LiveConfig
from ward.ids import printable
from ward.reading import Reading
from ward.simulated_past import SimulatedPast
from ward.wire import Health, QuarantinedMessage, Score
from web.model.alert_index import AlertIndex
from web.model.config_view import ConfigView
from web.model.imaging import Imaging
from web.model.latest_values import LatestValues
from web.model.program_health import ProgramHealthIndex
from web.model.quarantine import QuarantineIndex
from web.model.silence_index import SilenceIndex
from web.model.sparklines import Sparklines
from web.schemas import ConfigSchema


@dataclass(frozen=True, slots=True)
class Problem:
    """What does not work, and since when."""

    text: str
    since: Micros


class ReadModel:
    """Written by the follower, read by every handler; whoever does either holds `lock`.

    It outlives the follower: while the log is away, what is known stays and visibly grows old.
    """

    def __init__(self, live: LiveConfig, clock: Clock) -> None:
        self.lock = threading.RLock()
        self._live = live
        self._clock = clock
        self._config_view = ConfigView(live.config)
        self._faults: tuple[str, ...] = ()
        self._refused_at: Micros | None = None
        self._pulse = clock.monotonic()
        self.values = LatestValues(lambda device: device in self.config_view.inventory.devices)
        self.trails = Sparklines()
        self.alerts = AlertIndex()
        self.silences = SilenceIndex()
        self.health = ProgramHealthIndex()
        self.imaging = Imaging()
        self.quarantine = QuarantineIndex()
        self.problems: dict[str, Problem] = {}
        self.followed = False  # whether everything in the log has been seen once
        self.simulated_past: SimulatedPast | None = None
        self.recalled = False  # whether the store has been asked once, answer or not

    @property
    def config_view(self) -> ConfigView:
        """The config in force, with what follows from it."""
        if self._config_view.config is not self._live.config:
            self._config_view = ConfigView(self._live.config)
        return self._config_view

    @property
    def ready(self) -> bool:
        return self.followed and self.recalled

    @property
    def age(self) -> float:
        """Seconds since the log was last followed."""
        return max(0.0, self._clock.monotonic() - self._pulse)

    def beat(self) -> None:
        """Say that the log has just been followed to where it was."""
        self._pulse = self._clock.monotonic()
        self.mended("log")

    def take(self, message: object, offset: int) -> None:
        """Fold one message of the log in, which stands there at `offset`."""
        if isinstance(message, Reading):
            self._take_reading(message)
        elif isinstance(message, Alert):
            self.alerts.take(message, offset)
        elif isinstance(message, Action):
            self.silences.take(message, offset)
        elif isinstance(message, Health):
            self.health.take(message, self._clock.monotonic())
        elif isinstance(message, Score):
            self.imaging.take(message)
        elif isinstance(message, QuarantinedMessage):
            self.quarantine.take(message)

    def broken(self, what: str, why: str) -> None:
        """Note that something does not work; since when is kept until it does."""
        with self.lock:
            known = self.problems.get(what)
            since = known.since if known else self._clock.now()
            self.problems[what] = Problem(printable(why, 200), since)

    def mended(self, what: str) -> None:
        """Note that it works."""
        if what in self.problems:
            with self.lock:
                self.problems.pop(what, None)

    def config(self) -> ConfigSchema:
        """The config in force, and what was wrong with the last edit."""
        faults = tuple(self._live.faults)
        if faults != self._faults:
            self._faults = faults
            self._refused_at = self._clock.now() if faults else None
        return {
            "hash": self._live.config.hash,
            "faults": [printable(fault, 400) for fault in faults],
            "refused_at": format_instant(self._refused_at) if self._refused_at is not None else None,
        }

    def _take_reading(self, reading: Reading) -> None:
        self.values.take(reading, self._clock.monotonic())
        config_view = self.config_view
        if reading.device in config_view.inventory.devices:
            self.trails.take(reading.device, reading.at, reading.values, config_view.vitals)
