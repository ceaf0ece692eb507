"""A running Wardwatch for tests of the commands that use one: real ward screen and pipeline, a clock set by tests."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from alerts.pipeline import Pipeline
from tests.kit.alert_timeline import open_store, ward_config
from tests.kit.web_app import lend_app
from ward.adapters.memory.log import MemoryLog
from ward.adapters.sqlite.store import SqliteStore
from ward.alert import Alert
from ward.clock import SECOND, ManualClock
from ward.config.live_config import FixedConfig
from ward.finding import EndReason, Finding, Kind, Severity, Transition
from ward.metrics import Metrics
from ward.topics import ALERTS, FINDINGS
from ward.wire import ALERT_WIRE, FINDING_WIRE
from web.dependencies import Dependencies
from web.model.log_follower import LogFollower
from web.model.read_model import ReadModel
from web.server import Server, bind


class LiveWard:
    """Serves on a free port of 127.0.0.1 from `with` on; `settle` lets what was done take effect."""

    def __init__(self, data: Path, **alerting: Any) -> None:
        self.clock, self.log, metrics = ManualClock(), MemoryLog(), Metrics()
        self.live = live = FixedConfig(ward_config(**alerting))
        self.store = SqliteStore(data / "store.db", durable=False)
        model = ReadModel(live, self.clock)
        self.pipeline = Pipeline(self.log, live, open_store(data, self.clock), self.clock, metrics)
        self.follower = LogFollower(self.log, model, self.clock, metrics)
        deps = Dependencies(log=self.log, store=self.store, live=live, clock=self.clock, metrics=metrics, model=model)
        self._closing = ExitStack()
        self.app = lend_app(deps, self._closing)

    def __enter__(self) -> "LiveWard":
        self.listener = bind("127.0.0.1", 0)
        self.server = Server(self.app, self.listener)
        self.settle()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.close()
        self.listener.close()
        for part in (self.pipeline, self.follower, self.log, self.store):
            part.close()
        self._closing.close()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def settle(self) -> None:
        """The pipeline takes what was done, and the screen what came of it."""
        for _ in range(3):
            self.clock.advance(1)
            self.pipeline.step(0)
            while self.follower.step(0):
                pass

    def finds(
        self, rule: str, bed: str, severity: Severity = Severity.MEDIUM, *, signal: str = "spo2", text: str = "",
        over: bool = False, worst: float | None = None,
    ) -> str:  # fmt: skip
        """A detector raises an alert, or ends it. Returns its id."""
        now, episode = self.clock.now(), f"{rule}-{bed}"
        finding = Finding(
            episode=episode, transition=Transition.CLEARED if over else Transition.RAISED, rule=rule, detector="limits",
            kind=Kind.PHYSIOLOGICAL, severity=severity, onset=now - 15 * SECOND, at=now, received_at=now,
            text=text or "SpO2 84 % < 88", device=f"mon-{bed}", signal=signal, ward=bed.split("-")[0], bed=bed,
            value=84.0, limit=88.0, ended=EndReason.RECOVERED if over else None, worst=worst,
        )  # fmt: skip
        self.log.send(FINDINGS, [(finding.device, FINDING_WIRE.encode(finding))])
        self.settle()
        return episode

    def says(self, alert: Alert) -> None:
        """Something else puts an alert into the log of alerts."""
        self.log.send(ALERTS, [(alert.fingerprint, ALERT_WIRE.encode(alert))])
        self.settle()
