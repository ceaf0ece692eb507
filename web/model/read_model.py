"""The read model of the web: indexes folded from the log, in memory."""

import threading
from dataclasses import dataclass

from ward.action import Action
from ward.alert import Alert
from ward.clock import Clock, Micros
from ward.config.edit_guard import WaitingEdit
from ward.config.live_config import LiveConfig
from ward.ids import printable
from ward.reading import Flag, Reading
from ward.score import BedScore
from ward.simulated_past import SimulatedPast
from ward.wire import DetectorCurve, DetectorLag, Heartbeat, QuarantinedMessage
from web.model.alert_index import AlertIndex
from web.model.bed_scores import BedScoreIndex
from web.model.channel_test_index import ChannelTestIndex
from web.model.config_view import ConfigView
from web.model.detector_lag import DetectorLagIndex
from web.model.detector_progress import DetectorProgressIndex
from web.model.imaging import ImagingIndex
from web.model.latest_values import LatestValues
from web.model.observation_index import ObservationIndex
from web.model.program_health import ProgramHealthIndex
from web.model.quarantine import QuarantineIndex
from web.model.report_index import ReportIndex
from web.model.silence_index import SilenceIndex
from web.model.sparklines import Sparklines


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a service (log or store) does not answer, and since when."""

    text: str
    since: Micros


@dataclass(frozen=True, slots=True)
class ConfigStatus:
    """The hash of the config in force; the faults of the last edit, and when that edit was refused.

    `waiting` is the hash of an edit that waits for a confirmation, empty without one; `ends` are the active
    alerts that it would end.
    """

    hash: str
    faults: tuple[str, ...]
    refused_at: Micros | None
    waiting: str = ""
    ends: tuple[Alert, ...] = ()


class ReadModel:
    """Written by the log follower, read by every handler; both hold `lock`.

    It outlives the follower: while the log does not answer, the state stays, and its age grows.
    """

    def __init__(self, live: LiveConfig, clock: Clock) -> None:
        self.lock = threading.RLock()
        self._live = live
        self._clock = clock
        self._config_view = ConfigView(live.config)
        self._faults: tuple[str, ...] = ()
        self._refused_at: Micros | None = None
        self._followed_at = clock.monotonic()
        self.values = LatestValues(lambda device: device in self.config_view.inventory.devices)
        self.sparklines = Sparklines()
        self.alerts = AlertIndex()
        self.silences = SilenceIndex()
        self.reports = ReportIndex()
        self.channel_tests = ChannelTestIndex()
        self.health = ProgramHealthIndex()
        self.detector_lag = DetectorLagIndex(clock)
        self.scores = BedScoreIndex(clock)
        self.observations = ObservationIndex()
        self.imaging = ImagingIndex()
        self.detector_progress = DetectorProgressIndex()
        self.quarantine = QuarantineIndex()
        self.problems: dict[str, Problem] = {}  # by service, such as `store`
        self.caught_up = False  # whether the log has been read to its end once
        self.simulated_past: SimulatedPast | None = None
        self.warmed_up = False  # whether the store has been queried once, with or without an answer

    @property
    def config_view(self) -> ConfigView:
        """The config in force, with places and limits."""
        if self._config_view.config is not self._live.config:
            self._config_view = ConfigView(self._live.config)
        return self._config_view

    @property
    def ready(self) -> bool:
        return self.caught_up and self.warmed_up

    @property
    def age(self) -> float:
        """Seconds since the log was last followed."""
        return max(0.0, self._clock.monotonic() - self._followed_at)

    def mark_followed(self) -> None:
        """Record that the log has just been followed."""
        self._followed_at = self._clock.monotonic()
        self.clear_problem("log")

    def apply(self, message: object, offset: int) -> None:
        """Apply one message of the log; `offset` is its position there."""
        if isinstance(message, Reading):
            self._apply_reading(message, offset)
        elif isinstance(message, Alert):
            self.alerts.apply(message, offset)
        elif isinstance(message, Action):
            self.silences.apply(message, offset)
            self.reports.apply(message)
            self.channel_tests.apply(message)
            self.observations.apply(message)
        elif isinstance(message, Heartbeat):
            self.health.apply(message, self._clock.monotonic())
        elif isinstance(message, DetectorLag):
            self.detector_lag.apply(message, offset, old=not self.caught_up)
        elif isinstance(message, BedScore):
            self.scores.apply(message, old=not self.caught_up)
        elif isinstance(message, DetectorCurve):
            self.imaging.apply(message)
            self.detector_progress.apply(message)
        elif isinstance(message, QuarantinedMessage):
            self.quarantine.apply(message)

    def set_problem(self, service: str, reason: str) -> None:
        """Record that a service does not answer; the first failure gives `since`."""
        with self.lock:
            known = self.problems.get(service)
            since = known.since if known else self._clock.now()
            self.problems[service] = Problem(printable(reason, 200), since)

    def clear_problem(self, service: str) -> None:
        """Record that a service answers."""
        if service in self.problems:
            with self.lock:
                self.problems.pop(service, None)

    def config_status(self) -> ConfigStatus:
        """The config in force, and the faults of the last edit."""
        faults = tuple(self._live.faults)
        if faults != self._faults:
            self._faults = faults
            self._refused_at = self._clock.now() if faults else None
        printed = tuple(printable(fault, 400) for fault in faults)
        edit = self._live.waiting
        # The two are read one after the other: the faults may be those of another edit.
        waits = edit is not None and faults[:1] == tuple(printable(line, 500) for line in edit.lines()[:1])
        waiting, ends = (edit.hash, self._ended_by(edit)) if edit is not None and waits else ("", ())
        return ConfigStatus(self._live.config.hash, printed, self._refused_at, waiting, ends)

    def _ended_by(self, edit: WaitingEdit) -> tuple[Alert, ...]:
        """The active alerts that an edit would end, the most severe first."""
        ended = (
            alert
            for alert in self.alerts.active()
            if (alert.labels.get("device_id", ""), alert.labels["alertname"]) in edit.changed
        )
        return tuple(sorted(ended, key=lambda alert: -alert.severity.rank))

    def _apply_reading(self, reading: Reading, offset: int) -> None:
        self.values.apply(reading, offset, self._clock.monotonic())
        view = self.config_view
        if reading.device in view.inventory.devices and not reading.flags & Flag.OUT_OF_ORDER:
            self.sparklines.apply(reading.device, reading.at, reading.values, view.vitals)
