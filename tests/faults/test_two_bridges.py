"""Two processes of the bridge on a real Mosquitto and Kafka: one is killed, frozen or stopped while devices send.

Each reading must be in the log exactly once, by device, boot and number. Times are recorded, not asserted.
"""

import itertools
import json
import os
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.engines.engine import Engine
from tests.faults.hospital import ROOT
from tests.faults.one_of_two import OneOfTwo
from tests.kit.guarantees import Figure
from tests.kit.log_records import log_messages
from ward.adapters.kafka.log import KafkaLog
from ward.adapters.kafka.settings import KafkaSettings
from ward.reading import Reading
from ward.topics import HEARTBEATS, READINGS
from ward.wire import HEARTBEAT_WIRE, READING_WIRE

pytestmark = pytest.mark.engines
DEVICES = [f"dev-{n}" for n in range(20)]
EVERY = 0.1  # seconds between two readings of a device
_NUMBERS = itertools.count(1)


class Devices:
    """Devices that publish numbered readings all the time, over one connection that waits for the broker's answers."""

    def __init__(self, port: int, root: str) -> None:
        self.sent: set[tuple[str, int]] = set()
        self._root = root
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, f"{root}-devices")
        self._client.max_inflight_messages_set(0)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        for seq in itertools.count():
            for device in DEVICES:
                body = {"v": 1, "boot": "b", "seq": seq, "values": {"heart_rate": 70.0}}
                self._client.publish(f"{self._root}/icu/{device}/readings", json.dumps(body), qos=1)
                self.sent.add((device, seq))
            if self._ended.wait(EVERY):
                return

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self._client.loop_stop()


class Pair:
    """Two bridges and the devices."""

    def __init__(self, folder: Path, mosquitto: Engine, kafka: Engine, shares: int) -> None:
        name = f"bridges{next(_NUMBERS)}"
        config = folder / "config"
        shutil.copytree(ROOT / "config", config)
        file = config / "bridge.yaml"
        text = file.read_text(encoding="utf-8").replace("\nroot: ward\n", f"\nroot: {name}\n")
        file.write_text(text.replace("ward/+/+/", f"{name}/+/+/"), encoding="utf-8")
        self.log = KafkaLog(KafkaSettings(servers=f"127.0.0.1:{kafka.port}", prefix=f"{name}."))
        environ = {
            "WARDWATCH_CONFIG": str(config), "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"],
            "WARDWATCH_LOG_URL": f"kafka://127.0.0.1:{kafka.port}?prefix={name}.", "WARDWATCH_CANARY": "0",
            "WARDWATCH_MQTT_URL": f"mqtt://127.0.0.1:{mosquitto.port}", "WARDWATCH_BRIDGE_SHARES": str(shares),
        }  # fmt: skip
        self.one, self.two = (OneOfTwo("bridge", folder, name, environ) for name in ("one", "two"))
        self.one.start()
        self.until(lambda: "one" in self.roles(), "the first works")
        self.two.start()
        self._mosquitto, self._root = mosquitto, name
        self.devices: Devices | None = None

    def send(self, *roles: str) -> None:
        """Devices begin to send when the bridges have these roles and sessions at the broker."""
        self.until_roles(*roles)
        time.sleep(1)  # the sessions are subscribed
        self.devices = Devices(self._mosquitto.port, self._root)
        self.until_stored()

    def until_roles(self, *roles: str) -> None:
        self.until(lambda: set(self.roles().values()) == set(roles), f"the roles are {roles}")

    def roles(self) -> dict[str, str]:
        """The role of each process by its newest heartbeat."""
        beats = log_messages(self.log, HEARTBEATS, HEARTBEAT_WIRE)
        return {beat.instance.partition("-")[0]: beat.role for beat in beats}

    def readings(self) -> list[Reading]:
        return log_messages(self.log, READINGS, READING_WIRE)

    def until_stored(self) -> float:
        """Wait until all that has been sent by now is in the log. Returns how long that took."""
        assert self.devices is not None
        sent = set(self.devices.sent)
        return self.until(lambda: sent <= {(r.device, r.seq) for r in self.readings()}, "all is in the log")

    def until_moved(self) -> float:
        """Wait until what is sent in the next second is in the log. Returns how long that took, from now on."""
        start = time.monotonic()
        time.sleep(1)
        self.until_stored()
        return time.monotonic() - start

    def assert_each_once(self) -> int:
        """All that was sent, in the end, is in the log once. Returns how many readings that is."""
        assert self.devices is not None
        self.devices.close()
        self.until_stored()
        time.sleep(2)  # for a second one to come
        found = Counter((r.device, r.seq) for r in self.readings())
        assert found == Counter(self.devices.sent)
        return len(found)

    def until(self, done: Callable[[], object], what: str, seconds: float = 60) -> float:
        """Wait until a condition is true. Returns how long that took."""
        start = time.monotonic()
        while not done():
            if time.monotonic() - start > seconds:
                words = "\n".join(f"--- {one.name}\n{one.words()}" for one in (self.one, self.two))
                pytest.fail(f"not within {seconds:.0f} s: {what}; {self.roles()}\n{words}")
            time.sleep(0.2)
        return time.monotonic() - start

    def close(self) -> None:
        if self.devices is not None:
            self.devices.close()
        for one in (self.one, self.two):
            one.end()
        self.log.close()


@pytest.fixture(params=[2])
def pair(tmp_path: Path, mosquitto: Engine, kafka: Engine, request: pytest.FixtureRequest) -> Iterator[Pair]:
    made = Pair(tmp_path, mosquitto, kafka, request.param)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.guarantee("When one of two bridges is killed, the other has its devices, and each reading is stored once.")
def test_the_devices_of_a_killed_bridge_move(pair: Pair, figure: Figure) -> None:
    pair.send("share 1 of 2", "share 2 of 2")
    pair.one.kill()
    took = pair.until_moved()
    pair.one.start()
    pair.until_roles("share 1 of 2", "share 2 of 2")
    count = pair.assert_each_once()
    figure(f"{count} of {count} readings stored once; after a kill -9 its devices are stored again after {took:.1f} s")


@pytest.mark.guarantee("A bridge that was frozen and wakes up repeats no reading and disconnects no other bridge.")
def test_a_frozen_bridge_that_wakes_up_repeats_nothing(pair: Pair, figure: Figure) -> None:
    pair.send("share 1 of 2", "share 2 of 2")
    pair.one.freeze()
    took = pair.until_moved()
    pair.until(lambda: pair.roles()["two"] == "shares 1, 2 of 2", "the other one has its share")
    pair.one.thaw()
    pair.until_roles("share 1 of 2", "share 2 of 2")
    count = pair.assert_each_once()
    figure(f"{count} of {count} readings stored once; those of the frozen one after {took:.1f} s")


@pytest.mark.guarantee("A bridge that is stopped hands its devices over, and each reading is stored once.")
def test_a_stopped_bridge_hands_over(pair: Pair, figure: Figure) -> None:
    pair.send("share 1 of 2", "share 2 of 2")
    os.kill(pair.one.pid, signal.SIGTERM)
    took = pair.until_moved()
    count = pair.assert_each_once()
    figure(f"{count} of {count} readings stored once; those of the stopped one after {took:.1f} s")


@pytest.mark.guarantee("After a kill of the log, two bridges store each reading once, whichever share each has then.")
def test_after_a_kill_of_the_log_each_reading_is_stored_once(pair: Pair, kafka: Engine, figure: Figure) -> None:
    pair.send("share 1 of 2", "share 2 of 2")
    kafka.kill()
    time.sleep(8)  # longer than the session: both have lost their shares
    kafka.start()
    took = pair.until_moved()
    count = pair.assert_each_once()
    figure(f"{count} of {count} readings stored once; those of all devices {took:.1f} s after the log is back")


@pytest.mark.guarantee("With one share the second bridge is a standby, which takes over from a killed one.")
@pytest.mark.parametrize("pair", [1], indirect=True)
def test_a_standby_takes_over(pair: Pair, figure: Figure) -> None:
    pair.send("active", "standby")
    pair.one.kill()
    took = pair.until_moved()
    count = pair.assert_each_once()
    figure(f"{count} of {count} readings stored once; after a kill -9 they are stored again after {took:.1f} s")
