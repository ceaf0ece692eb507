"""Real engines, each program of Wardwatch in its own process, a mail server and a simulated monitor."""

import email
import email.message
import email.policy
import json
import os
import shutil
import signal
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from simulators.device_client.client import DeviceClient
from simulators.device_client.memory_buffer import MemoryDeviceBuffer
from simulators.device_client.mqtt_connection import MqttDeviceConnection
from tests.engines.engine import Engine, free_port
from tests.engines.influx import Influx
from ward.adapters.influx.http import InfluxSettings
from ward.adapters.influx.store import InfluxStore
from ward.clock import SECOND, SystemClock
from ward.ports.store import Row
from ward.topics import DeviceTopics

ROOT = Path(__file__).parents[2]
PROGRAMS = ("bridge", "detectors", "alerts", "web")


class Program(Engine):
    """One program of Wardwatch, started by its command."""

    def __init__(self, folder: Path, name: str, environ: dict[str, str], web: int) -> None:
        self.name = name
        self._web = web
        self._environ = environ
        super().__init__(folder / name)
        self.port = web

    def command(self) -> Sequence[str]:
        said = [f"{key}={value}" for key, value in self._environ.items()]
        return ["env", *said, sys.executable, "-m", "app", "run", self.name]

    def words(self) -> str:
        return self._last_words.read_text(errors="replace")[-9000:]

    def ready(self) -> bool:
        """Only the web has a port; that the others work shows in their effects."""
        return self.name != "web" or super().ready()


class Mails:
    """An SMTP server, and the mails it received."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self._controller.start()

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self._controller.port}/?from=ward@ward.test&to=nurse@ward.test&mode=insecure"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(envelope.original_content)
        return "250 OK"

    def parsed(self) -> list[email.message.EmailMessage]:
        return [email.message_from_bytes(mail, policy=email.policy.default) for mail in self.mails]

    def subjects(self) -> list[str]:
        return [str(mail["subject"]) for mail in self.parsed()]

    def bodies(self) -> list[str]:
        """The plain texts of the mails."""
        found = (mail.get_body(("plain", "html")) for mail in self.parsed())
        return [str(body.get_content()) for body in found if body is not None]

    def close(self) -> None:
        self._controller.stop()


class Monitor:
    """A simulated bedside monitor with given values, which keeps unacknowledged readings."""

    def __init__(self, url: str, topics: DeviceTopics) -> None:
        self._clock = SystemClock()
        self.device = DeviceClient(topics, MqttDeviceConnection(url, topics), MemoryDeviceBuffer(), self._clock)
        self.device.power(True, self._clock.now())
        self.device.plug(True)
        self.measured: list[float] = []

    def measure(self, heart_rate: float) -> None:
        self.measured.append(heart_rate)
        rest = {"systolic_bp": 120.0, "diastolic_bp": 76.0, "spo2": 97.0, "temperature": 36.8, "respiratory_rate": 15.0}
        self.device.measure(self._clock.now(), {"heart_rate": heart_rate, **rest})
        self.device.exchange()

    def acknowledged(self) -> bool:
        """Whether all its readings are acknowledged."""
        self.device.exchange()
        return self.device.counts.buffered == 0

    def close(self) -> None:
        self.device.close()


class Hospital:
    """All programs on one set of engines, with their own topics, bucket and client ids."""

    def __init__(self, folder: Path, mosquitto: Engine, kafka: Engine, influx: Engine, name: str) -> None:
        assert isinstance(influx, Influx)
        influx.create(name)
        self.mosquitto, self.kafka, self.influx, self._name = mosquitto, kafka, influx, name
        self.mails, self.port, self.config = Mails(), free_port(), folder / "config"
        shutil.copytree(ROOT / "config", self.config)
        ward = self.config / "ward.yaml"
        only = ward.read_text(encoding="utf-8").partition("\nimaging:")[0]
        # One bed of twenty: monitors of other beds would be reported as missing.
        kept = [
            line
            for line in only.splitlines()
            if "device_kind: bedside_monitor, bed" not in line or "mon-icu-01" in line
        ]
        ward.write_text("\n".join(kept) + "\n", encoding="utf-8")
        limits = self.config / "thresholds.yaml"
        limits.write_text(limits.read_text(encoding="utf-8").partition("\noverrides:")[0], encoding="utf-8")
        # A topic level of its own, so that retained statuses of other tests are not received.
        bridge_file = self.config / "bridge.yaml"
        said = bridge_file.read_text(encoding="utf-8").replace("\nroot: ward\n", f"\nroot: {name}\n")
        bridge_file.write_text(said.replace("ward/+/+/", f"{name}/+/+/"), encoding="utf-8")
        alerts = self.config / "alerts.yaml"  # a test that runs at the change of shift gets no handover by mail
        alerts.write_text(alerts.read_text(encoding="utf-8").replace("receivers: [reports]", "receivers: []"), "utf-8")
        environ = {
            "WARDWATCH_CONFIG": str(self.config), "WARDWATCH_DATA": str(folder / "data"),
            "WARDWATCH_MQTT_URL": f"mqtt://127.0.0.1:{mosquitto.port}", "WARDWATCH_INSTANCE": name,
            "WARDWATCH_LOG_URL": f"kafka://127.0.0.1:{kafka.port}?prefix={name}.&session=6",
            "WARDWATCH_STORE_URL": f"influx://127.0.0.1:{influx.port}?bucket={name}&version=1",
            "WARDWATCH_HTTP_PORT": str(self.port), "WARDWATCH_MAIL_URL": self.mails.url, "PYTHONPATH": str(ROOT),
            "WARDWATCH_EXTERNAL_URL": f"http://127.0.0.1:{self.port}", "PATH": os.environ["PATH"],
        }  # fmt: skip
        self.programs = {program: Program(folder, program, environ, self.port) for program in PROGRAMS}
        self.store = InfluxStore(
            InfluxSettings(url=f"http://127.0.0.1:{influx.port}", bucket=name, org="", token="", version=1),
            SystemClock(),
        )
        self.monitor = Monitor(f"mqtt://127.0.0.1:{mosquitto.port}", DeviceTopics(name, "icu", "mon-icu-01"))

    def start(self) -> None:
        for program in self.programs.values():
            program.start()

    def stored(self) -> list[float]:
        """The heart rates in the store, in order of time; a reading that is written twice counts once."""
        found = self.store.last("vitals", "heart_rate", {"device": "mon-icu-01"}, 100_000)
        return [float(value) for _, value in sorted(found)]

    def rows(self, measurement: str) -> list[Row]:
        """The alerts or findings in the store."""
        now = SystemClock().now()
        return self.store.rows(measurement, {}, now - 3600 * SECOND, now + SECOND, 100)

    def alerts(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v2/alerts", timeout=5) as answer:
            found: list[dict[str, Any]] = json.load(answer)
            return found

    def evaluated(self) -> float:
        """How many readings the detectors have evaluated, by their metrics."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/pipeline", timeout=5) as answer:
            stages = {stage["name"]: stage for stage in json.load(answer)["stages"]}
        return float(stages["detectors"]["total"] or 0)

    def words(self) -> str:
        """The end of each program's log and its state, for the message of a failure."""
        for program in self.programs.values():
            os.kill(program.pid, signal.SIGUSR1)
        SystemClock().wait(0.5)
        return "\n".join(f"--- {name}\n{program.words()}" for name, program in self.programs.items())

    def close(self) -> None:
        self.monitor.close()
        for program in self.programs.values():
            program.end()
        self.mails.close()
        self.store.close()


def until(done: Callable[[], object], seconds: float, what: str | Callable[[], str], hospital: Hospital) -> None:
    """Wait until a condition is true; real programs need real time. `what` is what was seen where it is not."""
    clock = SystemClock()
    end = clock.monotonic() + seconds
    while not _safely(done):
        if clock.monotonic() > end:
            pytest.fail(f"after {seconds:.0f} s: {what if isinstance(what, str) else what()}\n{hospital.words()}")
        clock.wait(0.1)


def _safely(done: Callable[[], object]) -> bool:
    """False while an engine does not answer."""
    try:
        return bool(done())
    except Exception:  # noqa: BLE001 - any error means not yet
        return False


@contextmanager
def opened(hospital: Hospital) -> Iterator[Hospital]:
    try:
        hospital.start()
        yield hospital
    finally:
        hospital.close()
