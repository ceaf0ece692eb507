"""Plays on the whole way, in virtual time: what beds say, and which alerts must come of it. Nothing else may."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from alerts.pipeline import Pipeline
from alerts.storage.outbox_file import OutboxFile
from alerts.storage.schema import FILE
from alerts.storage.state_file import StateFile
from app.runtime.heartbeat import Heartbeat
from app.runtime.part_runner import Part
from app.runtime.program_parts import PROGRAMS, SETTLED
from app.runtime.resources import Resources
from app.settings.settings import Settings
from detectors.tapes.tape import parse
from tests.kit.log_records import log_messages
from tests.kit.shipped import ward_only
from ward.adapters.memory.broker import MemoryBroker
from ward.alert import Alert
from ward.clock import SECOND, ManualClock, Micros
from ward.topics import ALERTS, DeviceTopics
from ward.wire import ALERT_WIRE

OURS = ("bridge", "detectors", "alerts")
HEALTHY = {
    "heart_rate": 74.0, "systolic_bp": 120.0, "diastolic_bp": 76.0, "spo2": 97.0, "temperature": 36.8,
    "respiratory_rate": 15.0,
}  # fmt: skip
_STEPS = {"heart_rate": 2, "systolic_bp": 3, "diastolic_bp": 2, "spo2": 1, "temperature": 0.1, "respiratory_rate": 1}


@dataclass(frozen=True)
class Wanted:
    """An alert that must begin within a span of the play."""

    earliest: float
    latest: float
    rule: str
    device: str


class Play:
    """A ward whose beds speak once a second, well unless told otherwise."""

    def __init__(self, folder: Path) -> None:
        self.config = ward_only(folder)
        self.clock, self.broker = ManualClock(), MemoryBroker()
        settings = Settings(data=folder / "data", config=self.config, log_url="memory:")
        settings.data.mkdir()
        urls = {f"WARDWATCH_{name}_URL": "json://127.0.0.1:9" for name in ("MAIL", "CHAT", "SMS")}
        self.house = Resources(settings, self.clock, environ=urls, broker=lambda: self.broker)
        self.devices = [device.id for device in self.house.live.config.inventory.devices.values()]
        self._said: dict[tuple[str, str], list[float]] = {}
        self._away: dict[str, tuple[float, float]] = {}
        self._wanted: list[Wanted] = []
        self._chance = np.random.default_rng(1)
        self.began = self.clock.now()
        self.programs: dict[str, list[Part]] = {}
        self.starts(*OURS)
        self._outbox = OutboxFile(settings.data / FILE)
        self._told: dict[str, list[str]] = {}

    def _born(self, name: str) -> list[Part]:
        """The parts of a program, with its pulse."""
        house = self.house
        if name == "alerts":
            folder, metrics = house.settings.data, house.metrics
            made: list[Part] = [
                Pipeline(
                    house.log,
                    house.live,
                    StateFile.in_folder(folder, self.clock.now()),
                    self.clock,
                    metrics,
                    grace=SETTLED,
                )
            ]
        else:
            made = [recipe.make() for recipe in PROGRAMS[name](house)]
        return [*made, Heartbeat(house.log, house.live, self.clock, house.metrics, name, f"host-{round(self.now)}")]

    def stops(self, *names: str) -> None:
        """Some of us are no more."""
        for name in names:
            for part in self.programs.pop(name):
                part.close()

    def starts(self, *names: str) -> None:
        """Some of us are there again."""
        self.programs |= {name: self._born(name) for name in names}

    def is_down(self, seconds: float) -> None:
        """All of us stop, and are there again after a while; devices and the broker go on."""
        self.stops(*OURS)
        self.clock.advance(seconds)
        self.starts(*OURS)

    def says(self, device: str, signal: str, text: str, at: float = 0) -> None:
        """From `at` seconds on a device says these values, once a second, in the notation of tapes."""
        self._said[device, signal] = [np.nan] * round(at) + [
            np.nan if step is None else step[0] for step in parse(text)
        ]

    def is_away(self, device: str, since: float, until: float = np.inf) -> None:
        """Nothing comes from a device for a while."""
        self._away[device] = since, until

    def wants(self, earliest: float, latest: float, rule: str, device: str) -> None:
        """Within this span of seconds an alert must begin."""
        self._wanted.append(Wanted(earliest, latest, rule, device))

    @property
    def now(self) -> float:
        """Seconds since the beginning of the play."""
        return self._since(self.clock.now())

    def _since(self, at: Micros) -> float:
        return (at - self.began) / SECOND

    def goes_on(self, seconds: int) -> None:
        """Let the ward live; every alert that begins must be wanted, and every one wanted must begin."""
        for _ in range(seconds):
            self._second()

    def alerts(self) -> list[Alert]:
        """All alerts by now, each as it was published last."""
        return list({alert.id: alert for alert in log_messages(self.house.log, ALERTS, ALERT_WIRE)}.values())

    def alert(self, rule: str, device: str) -> Alert:
        """The newest alert of a rule about a device."""
        return [a for a in self.alerts() if (a.labels["alertname"], a.labels.get("device_id", "")) == (rule, device)][
            -1
        ]

    def subjects(self, channel: str = "mail") -> list[str]:
        """What people were told by a channel."""
        return self._told.get(channel, [])

    def post(self, topic: str, payload: bytes, retained: bool = False) -> None:
        """What somebody else publishes."""
        self.broker.deliver(topic, payload, retained)

    @staticmethod
    def ward_of(device: str) -> str:
        """The ward in whose topics a device speaks."""
        return device.split("-")[1].replace("med", "medical")

    def check(self) -> None:
        """Exactly the alerts that were wanted have begun, each in its time."""
        begun = {_about(alert): (alert.starts_at - self.began) / SECOND for alert in self.alerts()}
        assert begun.keys() == {(w.rule, w.device) for w in self._wanted}, begun
        for wanted in self._wanted:
            assert wanted.earliest <= begun[wanted.rule, wanted.device] <= wanted.latest, (wanted, begun)

    def close(self) -> None:
        self._outbox.close()
        self.house.close()

    def _second(self) -> None:
        second = round(self.now)
        for device in self.devices:
            since, until = self._away.get(device, (np.inf, np.inf))
            if not since <= second < until:
                topics = DeviceTopics("ward", self.ward_of(device), device)
                body = {"v": 1, "values": self._values(device, second)}
                self.post(topics.readings, json.dumps(body).encode())
        self.clock.advance(1)
        for name in OURS:
            for part in self.programs.get(name, ()):
                part.step(0)
        self.house.live.step(0)
        self._deliver()

    def _deliver(self) -> None:
        """Every channel takes what waits for it."""
        for channel in self.house.live.config.alerting.channels:
            for waiting in list(self._outbox.waiting(channel.name)):
                self._told.setdefault(channel.name, []).append(waiting.message.subject)
                self._outbox.delivered(waiting)

    def _values(self, device: str, second: int) -> dict[str, float]:
        values = {}
        for signal, usual in HEALTHY.items():
            jitter = _STEPS[signal] * int(self._chance.integers(-1, 2))
            said = self._said.get((device, signal), [])
            own = said[second] if second < len(said) else np.nan
            values[signal] = round(usual + jitter if np.isnan(own) else own, 1)
        values["spo2"] = min(values["spo2"], 100.0)
        return values


def _about(alert: Alert) -> tuple[str, str]:
    """The rule, and the device or the program."""
    return alert.labels["alertname"], alert.labels.get("device_id") or alert.labels.get("program", "")


@contextmanager
def play(folder: Path) -> Iterator[Play]:
    """A play whose alerts are checked when it is over."""
    made = Play(folder)
    yield made
    made.check()
    made.stops(*made.programs)
    made.close()
