"""`wardwatch device try`: its result is that of the bridge, and its remedies name the right place."""

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from iotcore import Broker

from app.devices.payload_trial import PayloadTrial
from app.settings.config_reader import config_reader
from bridge.codecs import Codec
from bridge.decoded_reading import DecodedReading
from bridge.refusal import RefusalReason, Refused
from tests.app.calling import ADDRESSES, SHIPPED, call
from tests.bridge.sparkplug_node import SparkplugNode, metric
from tests.config.config_reader import copied
from tests.simulators.test_on_a_broker import until
from ward.adapters.mqtt.gateway_connection import MqttGatewayConnection
from ward.clock import ManualClock

READINGS = "ward/icu/mon-icu-01/readings"


def payload(tmp_path: Path, content: bytes | dict[str, object], name: str = "payload") -> Path:
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else json.dumps({"v": 1, **content}).encode() + b"\n")
    return file


def test_a_duplicate_is_reported_and_is_no_refusal(tmp_path: Path) -> None:
    file = payload(tmp_path, {"boot": "k", "seq": 7, "values": {"heart_rate": 72}})
    found = call("device", "try", "--topic", READINGS, file, file)
    assert found.exit_code == 0
    assert "number  7 of boot k" in found.output
    assert "duplicate  1 of its readings arrived before" in found.output


def test_a_payload_without_a_topic_is_decoded_by_all_matching_lines(tmp_path: Path) -> None:
    found = call("device", "try", payload(tmp_path, {"values": {"heart_rate": 72}}))
    assert (found.exit_code, found.output.count("topic ")) == (0, 1)
    found = call("device", "try", payload(tmp_path, b'{"hr": 72}'))
    lines = len(PayloadTrial(config_reader(SHIPPED, ADDRESSES)(ManualClock().now()), SHIPPED, ManualClock()).topics())
    assert (found.exit_code, found.output.count("refused  ")) == (1, lines)


def test_standard_input_is_a_payload() -> None:
    from click.testing import CliRunner

    from app.cli import main

    environ = {**ADDRESSES, "WARDWATCH_CONFIG": str(SHIPPED)}
    found = CliRunner().invoke(main, ["device", "try", "-", "--topic", "ward/icu/x7/status"], "online\n", environ)
    assert found.exit_code == 0
    assert "value   online 1" in found.output


def test_control_characters_of_a_payload_do_not_reach_the_terminal(tmp_path: Path) -> None:
    found = call("device", "try", "--topic", "ward/\x1b[2J/x/readings", payload(tmp_path, b"\x1b[2J"))
    assert found.exit_code == 1
    assert "\x1b" not in found.output


def test_missing_or_contradicting_options_exit_with_2(tmp_path: Path) -> None:
    file = payload(tmp_path, {"values": {}})
    assert call("device", "try").exit_code == 2
    assert call("device", "try", "--topic", "ward/#", file).exit_code == 2
    missing = call("device", "try", tmp_path / "none", "--topic", READINGS)
    assert (missing.exit_code, "cannot be read: No such file" in missing.output) == (1, True)


def test_the_faults_of_the_config_are_reported_instead(tmp_path: Path) -> None:
    folder = copied(SHIPPED, tmp_path / "config")
    bridge = folder / "bridge.yaml"
    bridge.write_text(bridge.read_text(encoding="utf-8").replace(": native", ": nativ"), encoding="utf-8")
    found = call("device", "try", "--topic", READINGS, payload(tmp_path, {"values": {}}), "--config", folder)
    assert found.exit_code == 1
    assert "there is no codec 'nativ'; did you mean 'native'?" in found.output


def trial(tmp_path: Path, bridge: str) -> tuple[PayloadTrial, ManualClock]:
    folder, clock = copied(SHIPPED, tmp_path / "config"), ManualClock()
    (folder / "bridge.yaml").write_text(bridge, encoding="utf-8")
    return PayloadTrial(config_reader(folder, ADDRESSES)(clock.now()), folder, clock), clock


def lines(trial: PayloadTrial, topic: str, body: bytes) -> dict[str, str]:
    return dict(line.split(maxsplit=1) for line in trial.lines(trial.decode(topic, body)))


def test_births_are_remembered_from_one_message_to_the_next(tmp_path: Path) -> None:
    shown_by, _ = trial(tmp_path, "root: ward\ntopics:\n  spBv1.0/#: sparkplug\n  ward/+/+/readings: native\n")
    node = SparkplugNode()
    data = node.message("NDATA", metric(alias=1, value=71.0))
    refused = lines(shown_by, "/".join(data[0]), data[1])
    assert refused["refused"].startswith("birth: the birth message of the edge node gw1 was not received")
    assert refused["to"].startswith(f"do    {tmp_path.as_posix()}/config/bridge.yaml:3:3: Sparkplug data need")
    for kind, known in (("NBIRTH", metric("heart_rate", 70.0, alias=1)), ("NDATA", metric(alias=1, value=71.0))):
        message = node.message(kind, known)
        shown = lines(shown_by, "/".join(message[0]), message[1])
    assert shown["value"] == "heart_rate 71 /min"
    others = lines(shown_by, "spBv1.0/icu/NCMD/gw1", b"x")
    assert others["nothing"].startswith("the message has no reading")


def test_clock_gap_and_place_are_reported_with_a_remedy(tmp_path: Path) -> None:
    shown_by, clock = trial(
        tmp_path,
        "root: ward\ntopics:\n  ward/+/+/readings: native\n  acme/+: acme\nmappings:\n  acme:\n    device: {topic: 2}\n"
        "    time: {path: t, format: epoch_s}\n    seq: n\n    values: {spo2: s}\n",
    )
    now = clock.now() // 1_000_000
    first = lines(shown_by, "acme/mon-icu-02", json.dumps({"t": now - 30 * 86400, "n": 1, "s": 97}).encode())
    assert first["place"] == "ward icu, bed icu-02 (bedside_monitor)"
    assert first["flag"].startswith("clock_behind: its time is older than `timing.oldest`")
    assert "the device's clock says 2025-10-25T16:00:00.000Z" in first["time"]
    second = lines(shown_by, "acme/mon-icu-02", json.dumps({"t": now, "n": 4, "s": None}).encode())
    assert second["lost"] == "2 readings before it are missing"
    assert second["value"] == "none: the device is online and measures nothing"
    wrong = lines(shown_by, "acme/mon-icu-02", b'{"t": 1, "sat": 97}')
    assert wrong["refused"] == "schema: no signal found: of `s` there is no `s`, only t, sat"
    assert wrong["to"].endswith("bridge.yaml:6:3: compare the payload with the paths of this mapping")


@pytest.fixture
def url() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    broker = Broker(port=port, listen="127.0.0.1").start()
    yield f"mqtt://127.0.0.1:{port}"
    broker.stop()


def test_live_messages_are_shown_as_they_arrive(url: str) -> None:
    device, over = MqttGatewayConnection(url, "device"), threading.Event()
    device.connect()
    until(lambda: device.connected)

    def speak() -> None:
        while not over.wait(0.05):
            device.publish(READINGS, b'{"v":1,"values":{"heart_rate":72}}')

    speaking = threading.Thread(target=speak)
    speaking.start()
    try:
        found = call("device", "try", "--topic", "ward/+/+/readings", "--listen", "2", WARDWATCH_MQTT_URL=url)
    finally:
        over.set()
        speaking.join()
        device.close()
    assert found.exit_code == 0
    assert found.output.count("heart_rate 72 /min") == 2


def test_a_topic_without_messages_and_an_unavailable_broker_have_different_errors(url: str) -> None:
    found = call("device", "try", "--topic", "a/b", "--wait", "0.5", WARDWATCH_MQTT_URL=url)
    assert (found.exit_code, "no messages on 'a/b'" in found.output) == (1, True)
    away = call("device", "try", "--topic", "a/b", "--wait", "0.1", WARDWATCH_MQTT_URL="mqtt://127.0.0.1:1")
    assert (away.exit_code, "the broker does not answer" in away.output) == (1, True)


class PumpCodec(Codec, name="pump_of_this_test"):
    """A codec of bytes, as a developer adds one."""

    def decode(self, levels: Sequence[str], payload: bytes) -> list[DecodedReading]:
        reason = RefusalReason.SYNTAX if payload[:1] == b"\x02" else RefusalReason.SCHEMA
        raise Refused(reason, "the frame has no end")


@pytest.mark.parametrize("bytes_", [b"\x02FLOW", b"FLOW"])
def test_a_refusal_of_a_codec_that_does_not_read_json_names_its_file(tmp_path: Path, bytes_: bytes) -> None:
    mine = copied(SHIPPED, tmp_path / "config")
    bridge = mine / "bridge.yaml"
    lines = bridge.read_text(encoding="utf-8").replace("\ntopics:\n", "\ntopics:\n  pumps/+: pump_of_this_test\n")
    bridge.write_text(lines, encoding="utf-8")
    found = call("device", "try", "--config", mine, "--topic", "pumps/p1", payload(tmp_path, bytes_))
    assert found.exit_code == 1
    assert "JSON" not in found.output
    file = f"{PumpCodec.__module__.replace('.', '/')}.py"
    assert f"compare the payload with what the codec pump_of_this_test reads: {file}" in found.output


def test_a_refusal_of_a_status_names_what_a_status_is(tmp_path: Path) -> None:
    found = call("device", "try", "--topic", "ward/icu/x7/status", payload(tmp_path, b"maybe"))
    assert "let the device send `online` or `offline`: docs/devices.md shows it" in found.output
