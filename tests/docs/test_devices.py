"""docs/devices.md, carried out step by step: a vendor's JSON is on the ward screen after edits of config alone."""

import json
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from iotcore import Broker

from bridge.codecs.base import MOST_BYTES
from bridge.codecs.observations import ObservationCodec
from bridge.codecs.strict_json import parse
from bridge.intake import Intake
from bridge.unknown_signals import MOST_OF_A_DEVICE, MOST_OF_UNREGISTERED
from tests.app.calling import ADDRESSES, SHIPPED, call
from tests.app.test_commands_doc import plain
from tests.docs.pages import ROOT, blocks, shell, text
from tests.kit.log_records import log_messages
from tests.kit.simulated_ward import SimulatedWard, simulated_ward
from tests.simulators.test_on_a_broker import until
from tests.web.scene import Http
from ward.adapters.memory.log import MemoryLog
from ward.adapters.mqtt.broker import MqttBroker
from ward.clock import SECOND, SystemClock
from ward.config.live_config import FixedConfig
from ward.metrics import Metrics
from ward.topics import READINGS
from ward.wire import READING_WIRE
from web.app import make_app
from web.dependencies import Dependencies
from web.model.log_follower import LogFollower
from web.model.read_model import ReadModel

PAGE = ROOT / "docs" / "devices.md"
TEXT = text(PAGE)
NATIVE, OBSERVATION, MONITOR, OTHER = blocks(PAGE, "json")
LINE, MAPPING, ONE_METRIC, ALARMS, KIND, BED, DEVICE, SPARKPLUG_LINE, SPARKPLUG = blocks(PAGE, "yaml")
CONSOLES = [
    part.rstrip("\n").split("\n")
    for block in blocks(PAGE, "console")
    for part in re.split(r"^\$ wardwatch ", block, flags=re.MULTILINE)[1:]
]
(PUBLISHED,) = [shlex.split(line) for line in shell(PAGE) if "northgate/icu" in line]


def insert(file: Path, after: str, block: str) -> None:
    before = file.read_text(encoding="utf-8")
    assert before.count(after) == 1
    file.write_text(before.replace(after, after + block), encoding="utf-8")


def describe(config: Path) -> None:
    """The first step of the page."""
    bridge = config / "bridge.yaml"
    insert(bridge, "\ntopics:\n", LINE)
    bridge.write_text(bridge.read_text(encoding="utf-8") + MAPPING, encoding="utf-8")


def give_a_bed(config: Path) -> None:
    """The third."""
    ward = config / "ward.yaml"
    insert(ward, "\ndevice_kinds:\n", KIND)
    insert(ward, "  icu:\n    name: Intensive care\n    beds:\n", BED)
    insert(ward, "\ndevices:\n", DEVICE)


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the shipped config and the page's files, whose times are of a moment ago."""
    shutil.copytree(SHIPPED, tmp_path / "config")
    now = str(SystemClock().now() // SECOND)
    for name, body in (("monitor.json", MONITOR), ("other.json", OTHER)):
        (tmp_path / name).write_text(body.replace("1764000000", now), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_commands_of_the_page_print_its_output(at_home: Path) -> None:
    codes = []
    for i, (command, *output) in enumerate(CONSOLES):
        if i == 1:
            describe(at_home / "config")
        found = call(*shlex.split(command), WARDWATCH_CONFIG=None)
        codes.append(found.exit_code)
        printed = iter(map(plain, found.output.splitlines()))
        assert [line for line in output if line != "…" and plain(line) not in printed] == [], found.output
    assert codes == [1, 0, 0, 1]


def bed_in_api(ward: SimulatedWard, bed: str) -> dict[str, Any]:
    """The answer of the API about a bed."""
    used = ward.resources
    model = ReadModel(used.live, ward.clock)
    follower = LogFollower(used.log, model, ward.clock, used.metrics)
    while follower.step(0):
        pass
    deps = Dependencies(
        log=used.log, store=used.store, live=used.live, clock=ward.clock, metrics=used.metrics, model=model
    )
    found = Http(make_app(deps)).get(f"/api/v1/beds/{bed}")
    follower.close()
    assert found.status_code == 200, found.text
    body: dict[str, Any] = found.json()
    return body


def test_a_vendors_json_is_on_the_ward_screen_after_edits_of_config_alone(tmp_path: Path) -> None:
    with simulated_ward(tmp_path) as ward:
        config = ward.resources.live.config.hash
        ward.run(5)
        describe(ward.config)
        give_a_bed(ward.config)
        ward.run(5)
        assert ward.resources.live.config.hash != config, ward.resources.live.faults
        words = ["mosquitto_pub", "-t", PUBLISHED[2], "-q", "1", "-m", PUBLISHED[6]]
        assert words == PUBLISHED
        ward.expect_alert(9, 12, "fever", "NG-20817")
        for _ in range(75):
            now = str(ward.clock.now() // SECOND)
            ward.publish(PUBLISHED[2], PUBLISHED[6].replace("$(date +%s)", now).encode())
            ward.run(1)
        stored = ward.resources.store.last("vitals", "temperature", {"device": "NG-20817", "bed": "icu-11"}, 100)
        assert {value for _, value in stored} == {39.5}
        assert len(stored) >= 70
        bed = bed_in_api(ward, "icu-11")["bed"]
        assert {value["signal"]: value["text"] for value in bed["values"]} == {
            "heart_rate": "88",
            "systolic_bp": "120",
            "spo2": "97",
            "temperature": "39.5",
        }
        assert [alert["value"] for alert in bed["alerts"]] == [39.5]
        (alert,) = blocks(PAGE, "text")
        assert alert.strip() in ward.subjects()


@pytest.mark.parametrize("block", [SPARKPLUG, ONE_METRIC], ids=["sparkplug", "one metric"])
def test_the_other_mappings_of_the_page_are_sound(at_home: Path, block: str) -> None:
    bridge = at_home / "config" / "bridge.yaml"
    shipped = bridge.read_text(encoding="utf-8")
    insert(bridge, "\ntopics:\n", SPARKPLUG_LINE)
    assert call("config", "check", WARDWATCH_CONFIG=None).exit_code == 0
    line, _, mappings = block.partition("mappings:\n")
    bridge.write_text(shipped.replace("\ntopics:\n", f"\ntopics:\n{line}") + "mappings:\n" + mappings, encoding="utf-8")
    found = call("config", "check", WARDWATCH_CONFIG=None)
    assert found.exit_code == 0, found.output


def test_the_payload_of_the_page_is_valid() -> None:
    payload = parse(NATIVE.encode())
    assert payload["v"] == 1
    table = TEXT.partition("| key | needed | what it is |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(payload)
    assert f"at most {MOST_BYTES // 1024} KiB:" in TEXT
    assert f"at most {MOST_OF_A_DEVICE} names of a device" in TEXT
    assert f"at most {MOST_OF_UNREGISTERED} of all unregistered devices" in TEXT


@pytest.fixture
def port() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    broker = Broker(port=number, listen="127.0.0.1").start()
    yield number
    broker.stop()


def test_the_observation_of_the_page_is_one() -> None:
    levels = ["ward", "icu", "charting", "observations"]
    (found,) = ObservationCodec().decode(levels, OBSERVATION.encode())
    assert found.observation is not None
    assert (found.observation.by, found.observation.bed, found.device) == ("Nurse Ada", "icu-07", "charting")


def test_the_device_in_python_sends_buffers_and_is_acknowledged(port: int, tmp_path: Path) -> None:
    """It measures three times, and ends when all readings are acknowledged."""
    from app.settings.config_reader import config_reader

    (code,) = blocks(PAGE, "python")
    short = code.replace("1883", str(port)).replace("count()", "range(3)").replace("time.sleep(1)", "time.sleep(0.01)")
    end = "\nfor _ in range(500):\n    time.sleep(0.02 if buffer else 0)\nclient.disconnect()\nprint(len(buffer))\n"
    (tmp_path / "device.py").write_text(short + end, encoding="utf-8")
    clock, metrics, log = SystemClock(), Metrics(), MemoryLog()
    config = config_reader(SHIPPED, ADDRESSES)(clock.now())
    broker = MqttBroker(f"mqtt://127.0.0.1:{port}", "page", [rule.filter for rule in config.codecs], metrics, clock)
    intake = Intake(broker, log, FixedConfig(config), clock, metrics)
    until(lambda: intake.step(0.01) >= 0 and not broker.problem())
    with subprocess.Popen([sys.executable, tmp_path / "device.py"], stdout=subprocess.PIPE, text=True) as device:
        until(lambda: intake.step(0.05) >= 0 and device.poll() is not None)
        printed = device.communicate()[0]
    intake.close()
    numbered = [r for r in log_messages(log, READINGS, READING_WIRE) if r.boot]
    assert printed.strip() == "0"
    assert [(r.device, r.seq, r.values, r.flags) for r in numbered] == [
        ("x7", seq, {"heart_rate": 72.0}, 0) for seq in range(3)
    ]


def test_every_reason_and_flag_has_a_text_with_a_remedy() -> None:
    from app.devices.payload_advice import FLAGS, REMEDIES
    from bridge.refusal import RefusalReason
    from ward.reading import Flag

    # Later stages use the first two: the device has nothing to change. The others depend on the codec.
    assert set(REMEDIES) == set(RefusalReason) - {"record", "store", "syntax", "schema", "codec"}
    assert set(FLAGS) == set(Flag)


def test_a_shell_makes_of_the_published_line_what_the_monitor_sends() -> None:
    (line,) = [line for block in blocks(PAGE, "sh") for line in block.splitlines() if "northgate/icu" in line]
    script = f'mosquitto_pub() {{ printf "%s\\n" "$6"; }}\ndate() {{ echo 1764000000; }}\n{line}'
    printed = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout
    sent = json.loads(MONITOR)
    for entry in sent["obs"]:
        entry.pop("u", None)
    assert json.loads(printed) == sent
