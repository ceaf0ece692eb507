"""The acceptance walk: a device publishes, and everything that follows is looked for at its far end."""

import json
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

from simulators.device_client.client import DeviceClient
from simulators.device_client.memory_buffer import MemoryDeviceBuffer
from simulators.device_client.mqtt_connection import MqttDeviceConnection
from tests.compose.project import Project, until
from ward.adapters.mqtt.address import MqttAddress
from ward.clock import SystemClock
from ward.topics import DeviceTopics

PATIENCE = 180.0
VALUES = {
    "heart_rate": 190.0, "spo2": 97.0, "systolic_bp": 120.0, "diastolic_bp": 76.0, "temperature": 36.8,
    "respiratory_rate": 15.0,
}  # fmt: skip


class Walk:
    """A device that is not in the config, with a very high heart rate: from its first packet to a nurse's mail."""

    def __init__(self, project: Project, name: str) -> None:
        self._project, self._name, self._clock = project, name, SystemClock()
        address = MqttAddress.of(
            f"mqtt://devices@127.0.0.1:{project.mqtt}", (project.secrets / "mqtt_devices").read_text(encoding="utf-8")
        )
        topics = DeviceTopics("ward", "icu", name)
        self._device = DeviceClient(topics, MqttDeviceConnection(address, topics), MemoryDeviceBuffer(), self._clock)
        self._device.power(True, self._clock.now())
        self._device.plug(True)
        self._next = self._clock.monotonic()

    def go(self) -> None:
        """Raises `AssertionError` that names the place where it does not arrive."""
        for what, arrived in (
            ("acknowledged to the device", self.acknowledged), ("on the screen", self.on_screen),
            ("in InfluxDB, asked as Grafana asks it", self.in_store), ("mailed to the nurses", self.mailed),
        ):  # fmt: skip
            until(partial(self._going_on, arrived), PATIENCE, f"{self._name} is not {what}")

    def acknowledged(self) -> bool:
        return self._device.counts.acknowledged > 0

    def on_screen(self) -> bool:
        address = (
            f"http://127.0.0.1:{self._project.screen}/api/v1/devices/{self._name}/readings?last=5&signal=heart_rate"
        )
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status == 200 and "190" in answer.read().decode()

    def in_store(self) -> bool:
        """With Grafana's own address, database and token, from where Grafana is."""
        query = f"""SELECT last("heart_rate") FROM "vitals" WHERE "device" = '{self._name}' AND time > now() - 1h"""
        return bool(asked_as_grafana(self._project, query)["series"][0]["values"][0][1] == 190)

    def mailed(self) -> bool:
        return any(self._name in line for line in self._project.subjects().splitlines() if line.startswith("Subject: "))

    def close(self) -> None:
        self._device.power(False, self._clock.now())
        self._device.close()

    def _going_on(self, arrived: Callable[[], bool]) -> bool:
        """Measures once a second, as long as it is looked for."""
        if self._clock.monotonic() >= self._next:
            self._next = self._clock.monotonic() + 1
            self._device.measure(self._clock.now(), VALUES)
        self._device.exchange()
        return arrived()


def asked_as_grafana(project: Project, query: str) -> dict[str, Any]:
    """What the database answers to one question, with Grafana's address, database and token, from where Grafana is."""
    script = (
        'wget -q -O - --header "Authorization: Token $(cat /run/tokens/influx-token)" '
        f'"$WARDWATCH_INFLUX_URL/query?db=$WARDWATCH_INFLUX_DATABASE&q={quote(query)}"'
    )
    (result,) = json.loads(project.within("grafana", "sh", "-c", script))["results"]
    assert "error" not in result, f"{result['error']}: {query}"
    return dict(result)
