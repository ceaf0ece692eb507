"""A ward from its beds to the notifications, in virtual time, and the alerts that it must raise. No other may begin.

with simulated_ward(tmp_path) as ward:
    ward.set_signal("mon-icu-02", "heart_rate", "160x60", at=30)
    ward.expect_alert(30, 31, "tachycardia", "mon-icu-02")
    ward.run(150)
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from alerts.storage.outbox_file import OutboxFile
from app.runtime.resources import Resources
from detectors.tapes.tape import parse
from tests.kit.log_records import log_messages
from tests.kit.running_programs import RunningPrograms
from tests.kit.shipped import ward_only
from ward.alert import Alert
from ward.clock import SECOND
from ward.topics import ALERTS, DeviceTopics
from ward.wire import ALERT_WIRE

HEALTHY = {
    "heart_rate": 74.0, "systolic_bp": 120.0, "diastolic_bp": 76.0, "spo2": 97.0, "temperature": 36.8,
    "respiratory_rate": 15.0,
}  # fmt: skip
_STEPS = {"heart_rate": 2, "systolic_bp": 3, "diastolic_bp": 2, "spo2": 1, "temperature": 0.1, "respiratory_rate": 1}


@dataclass(frozen=True)
class ExpectedAlert:
    """An alert that must begin between two seconds of the run."""

    earliest: float
    latest: float
    rule: str
    device: str


class SimulatedWard:
    """Bridge, detectors and alerts on the shipped config; every bed publishes once a second, healthy unless set.

    Seconds count from the beginning of the run.
    """

    def __init__(self, folder: Path) -> None:
        self.config = ward_only(folder)
        self.programs = RunningPrograms(folder, self.config, ("bridge", "detectors", "alerts"))
        self.clock = self.programs.clock
        self.devices = [device.id for device in self.resources.live.config.inventory.devices.values()]
        self.began = self.clock.now()
        self._values: dict[tuple[str, str], list[float]] = {}
        self._disconnected: dict[str, tuple[float, float]] = {}
        self._expected: list[ExpectedAlert] = []
        self._random = np.random.default_rng(1)
        self._outbox = OutboxFile.in_folder(self.programs.settings.data, durable=False)
        self._subjects: dict[str, list[str]] = {}

    def restart_after(self, seconds: float) -> None:
        """All programs stop, and start again after some seconds; devices and the broker go on."""
        self.programs.stop(*self.programs.names)
        self.clock.advance(seconds)
        self.programs.start(*self.programs.names)

    @property
    def resources(self) -> Resources:
        """What the programs use now."""
        return self.programs.resources

    def start_again(self) -> None:
        """All programs end and start as new processes: they read the config files again."""
        self.programs.start_again()

    def set_signal(self, device: str, signal: str, text: str, at: float = 0) -> None:
        """From second `at` on a device publishes these values, one a second, in the notation of tapes."""
        values = [np.nan if step is None else step[0] for step in parse(text)]
        self._values[device, signal] = [np.nan] * round(at) + values

    def disconnect(self, device: str, since: float, until: float = np.inf) -> None:
        """A device publishes nothing between two seconds."""
        self._disconnected[device] = since, until

    def expect_alert(self, earliest: float, latest: float, rule: str, device: str) -> None:
        """An alert of `rule` about a device, or a program, must begin between two seconds."""
        self._expected.append(ExpectedAlert(earliest, latest, rule, device))

    @property
    def now(self) -> float:
        """The second of the run."""
        return (self.clock.now() - self.began) / SECOND

    def run(self, seconds: int) -> None:
        """Let seconds pass: in each all beds publish, all programs make a step, and all notifications go out."""
        for _ in range(seconds):
            second = round(self.now)
            for device in self.devices:
                since, until = self._disconnected.get(device, (np.inf, np.inf))
                if not since <= second < until:
                    self._publish_values(device, second)
            self.clock.advance(1)
            self.programs.step()
            self._deliver()

    def alerts(self) -> list[Alert]:
        """All alerts so far, each as it was published last."""
        return list({alert.id: alert for alert in log_messages(self.resources.log, ALERTS, ALERT_WIRE)}.values())

    def alert(self, rule: str, device: str) -> Alert:
        """The newest alert of a rule about a device. Raises `IndexError` when there is none."""
        about = rule, device
        return [a for a in self.alerts() if (a.labels["alertname"], a.labels.get("device_id", "")) == about][-1]

    def subjects(self, channel: str = "mail") -> list[str]:
        """The subjects of all notifications by a channel, oldest first."""
        return self._subjects.get(channel, [])

    def publish(self, topic: str, payload: bytes, retained: bool = False) -> None:
        """Any message to the broker."""
        self.programs.broker.deliver(topic, payload, retained)

    @staticmethod
    def ward_of(device: str) -> str:
        """The ward in whose topics a device publishes."""
        return device.split("-")[1].replace("med", "medical")

    def check(self) -> None:
        """Raises `AssertionError` unless exactly the expected alerts have begun, each between its two seconds."""
        begun = {_about(alert): (alert.starts_at - self.began) / SECOND for alert in self.alerts()}
        assert begun.keys() == {(alert.rule, alert.device) for alert in self._expected}, begun
        for expected in self._expected:
            assert expected.earliest <= begun[expected.rule, expected.device] <= expected.latest, (expected, begun)

    def close(self) -> None:
        self._outbox.close()
        self.programs.close()

    def _deliver(self) -> None:
        """Take every notification out of the outbox, as senders do that always succeed."""
        for channel in self.resources.live.config.alerting.channels:
            for waiting in list(self._outbox.waiting(channel.name)):
                self._subjects.setdefault(channel.name, []).append(waiting.message.subject)
                self._outbox.delivered(waiting)

    def _publish_values(self, device: str, second: int) -> None:
        values = {}
        for signal, usual in HEALTHY.items():
            noise = _STEPS[signal] * int(self._random.integers(-1, 2))
            series = self._values.get((device, signal), [])
            own = series[second] if second < len(series) else np.nan
            values[signal] = round(usual + noise if np.isnan(own) else own, 1)
        values["spo2"] = min(values["spo2"], 100.0)
        topics = DeviceTopics("ward", self.ward_of(device), device)
        self.publish(topics.readings, json.dumps({"v": 1, "values": values}).encode())


def _about(alert: Alert) -> tuple[str, str]:
    """The rule, and the device or the program."""
    return alert.labels["alertname"], alert.labels.get("device_id") or alert.labels.get("program", "")


@contextmanager
def simulated_ward(folder: Path) -> Iterator[SimulatedWard]:
    """A ward in `folder` whose alerts are checked at the end of the `with` block."""
    ward = SimulatedWard(folder)
    try:
        yield ward
        ward.check()
    finally:
        ward.close()
