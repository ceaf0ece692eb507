"""A value that cannot be used costs no other value, no other reading and no other device."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.codecs.strict_json import _STRING_OR_WORD, parse_any
from bridge.refusal import Refused
from bridge.unknown_signals import MOST_OF_A_DEVICE, MOST_OF_UNREGISTERED
from tests.bridge.mapped import CATALOGUE, mapping
from tests.bridge.sparkplug_node import DOUBLE, INT32, STRING, SparkplugNode, metric
from tests.kit.examples import examples
from tests.kit.intake_harness import IntakeHarness
from ward.config.codec_rule import CodecRule
from ward.config.config import Config
from ward.inventory import Assignment, Device, Inventory
from ward.reading import Flag, Reading

VENDOR = mapping(
    {"heart_rate": "obs[code=HR].val", "spo2": "spo2", "temperature": "temp"},
    device="sn", ward={"path": "w", "names": {"West": "icu"}}, time={"path": "t", "format": "epoch_s"}, seq="n",
    boot="b", absent=["---"],
)  # fmt: skip
SAMPLES = mapping({"heart_rate": "hr", "spo2": "spo2"}, device="sn", each="samples")
CONFIG = Config(
    "test", CATALOGUE,
    Inventory(devices=[Device(id="m9", device_kind="monitor", assignments=(Assignment(ward="icu"),))]),
    codecs=(
        CodecRule("ward/+/+/readings", "native"), CodecRule("spBv1.0/#", "sparkplug"),
        CodecRule("vendor/+", "mapping", {}, VENDOR), CodecRule("samples/+", "mapping", {}, SAMPLES),
    ),
)  # fmt: skip
TOPIC = "ward/icu/m7/readings"
T = 1764000000  # the harness's clock is a minute later


@pytest.fixture
def bridge() -> IntakeHarness:
    return IntakeHarness(CONFIG)


def native(values: str) -> bytes:
    return f'{{"v":1,"boot":"k","seq":1,"values":{{{values}}}}}'.encode()


def by_device(readings: list[Reading]) -> dict[str, dict[str, float]]:
    return {reading.device: reading.values for reading in readings if not reading.flags & Flag.STATUS}


@pytest.mark.guarantee("A value that cannot be used is quarantined by name, and the values beside it are evaluated.")
@pytest.mark.parametrize("bad", ["nan", "NaN", "null", '"21,4"', "[]", "{}", "true", "1e999", "N/A"])
def test_the_good_values_of_a_native_reading_are_kept_and_the_bad_one_is_quarantined(
    bridge: IntakeHarness, bad: str
) -> None:
    payload = native(f'"heart_rate":77,"temperature":{bad},"spo2":97')
    bridge.deliver(TOPIC, payload)
    (reading,) = bridge.readings()
    assert (reading.values, reading.seq) == ({"heart_rate": 77.0, "spo2": 97.0}, 1)
    assert reading.flags & Flag.INCOMPLETE
    (record,) = bridge.quarantine()
    assert (record.topic, record.device, record.payload, record.reason) == (TOPIC, "m7", payload, "value")
    assert record.detail.startswith("m7: temperature is ")
    assert bridge.number("bridge_values_quarantined_total") == 1


def test_a_message_of_which_nothing_can_be_used_is_refused_and_acknowledged(bridge: IntakeHarness) -> None:
    bridge.deliver(TOPIC, native('"heart_rate":nan,"a b":1'))
    assert bridge.readings() == []
    (record,) = bridge.quarantine()
    assert (record.reason, record.device) == ("schema", "m7")
    assert record.detail == "m7: heart_rate is text, not a number; 'a b' is not the name of a signal"
    assert bridge.broker.published == [("ward/icu/m7/ack", b'{"boot":"k","seq":1}')]


@pytest.mark.parametrize("bad", ['"21,4"', "nan", "[1]", "true", "1e999"])
def test_the_good_values_of_a_mapped_reading_are_kept(bridge: IntakeHarness, bad: str) -> None:
    payload = b'{"sn":"m7","obs":[{"code":"HR","val":77}],"temp":%s,"spo2":"---"}' % bad.encode()
    bridge.deliver("vendor/x", payload)
    assert by_device(bridge.readings()) == {"m7": {"heart_rate": 77.0}}
    (record,) = bridge.quarantine()
    assert (record.topic, record.device, record.payload, record.reason) == ("vendor/x", "m7", payload, "value")
    assert record.detail.startswith("m7: temperature at `temp` is ")


def test_the_good_metrics_of_a_sparkplug_message_are_kept(bridge: IntakeHarness) -> None:
    node = SparkplugNode()
    for message in (
        node.message("NBIRTH"),
        node.message("DBIRTH", metric("heart_rate", 70.0), metric("temperature", 37.0), device="mon7"),
        node.message("DDATA", metric("heart_rate", 77.0), metric("temperature", float("nan")), device="mon7"),
        node.message("DDATA", metric("heart_rate", 78.0), metric("temperature", "21,4", kind=STRING, typed=False),
                     device="mon7"),
    ):  # fmt: skip
        bridge.deliver("/".join(message[0]), message[1])
    assert [r.values for r in bridge.readings()[-2:]] == [{"heart_rate": 77.0}, {"heart_rate": 78.0}]
    details = ["gw1.mon7: temperature is not finite", "gw1.mon7: temperature is text, not a number"]
    assert [(r.reason, r.device, r.detail) for r in bridge.quarantine()] == [
        ("value", "gw1.mon7", detail) for detail in details
    ]


def test_one_record_names_every_refused_reading_and_value_of_a_message(bridge: IntakeHarness) -> None:
    samples = [
        {"sn": "m1", "hr": 70},
        {"sn": "a/b", "hr": 71},
        {"sn": "m2", "hr": "x"},
        {"sn": "m3", "hr": 73, "spo2": "y"},
    ]
    bridge.deliver("samples/x", json.dumps({"samples": samples}).encode())
    assert by_device(bridge.readings()) == {"m1": {"heart_rate": 70.0}, "m3": {"heart_rate": 73.0}}
    (record,) = bridge.quarantine()
    assert [word in record.detail for word in ("entry 1", "'a/b'", "m2: heart_rate", "m3: spo2")] == [True] * 4
    numbers = bridge.metrics.samples()
    assert numbers['wardwatch_messages_quarantined_total{reason="schema",stage="intake"}'] == 2
    assert numbers["wardwatch_bridge_readings_received_total"] == 4


def test_a_reading_with_a_thousand_names_keeps_what_is_known(bridge: IntakeHarness) -> None:
    names = ",".join(f'"s{i}":1' for i in range(1000))
    bridge.deliver(TOPIC, native(f'{names},"a b":1,"heart_rate":77'))
    (reading,) = bridge.readings()
    assert reading.values["heart_rate"] == 77.0
    assert len(reading.values) == 1 + MOST_OF_A_DEVICE
    (record,) = bridge.quarantine()
    assert f"s{MOST_OF_A_DEVICE} is not in the catalogue" in record.detail
    assert bridge.number("bridge_values_quarantined_total") == 1001 - MOST_OF_A_DEVICE


@pytest.mark.guarantee("Names that one device invents cost no other device a value.")
def test_a_device_that_invents_names_costs_no_other_device_a_value(bridge: IntakeHarness) -> None:
    for start in range(0, 2 * MOST_OF_UNREGISTERED, 100):
        names = ",".join(f'"s{i}":1' for i in range(start, start + 100))
        bridge.deliver(f"ward/icu/x{start // 200}/readings", b'{"v":1,"values":{%s}}' % names.encode())
    for device in ("m9", "x10", "m8"):
        bridge.deliver(f"ward/icu/{device}/readings", b'{"v":1,"values":{"heart_rate":77,"firmware_2":3}}')
    newest = {reading.device: reading.values for reading in bridge.readings()}
    assert newest["m9"] == {"heart_rate": 77.0, "firmware_2": 3.0}, "a registered device has names of its own"
    assert newest["x10"] == newest["m8"] == {"heart_rate": 77.0}
    labels = [name for name in bridge.metrics.samples() if "values_of_unknown_signals_total" in name]
    assert len(labels) == 201
    stored = {name for reading in bridge.readings() for name in reading.values} - set(CATALOGUE)
    assert len(stored) == MOST_OF_UNREGISTERED + 1


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["m7", -1, "70"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
NATIVE: dict[str, Any] = {"v": 1, "boot": "k", "seq": 1, "at": "2025-11-24T16:00:00Z"}
MAPPED: dict[str, Any] = {"sn": "m7", "w": "West", "t": T, "n": 1, "b": "k", "temp": 37, "spo2": 97}


def check_neighbours(topic: str, payload: object, device: str) -> None:
    """The heart rate of a payload is kept, and so is that of the message after it."""
    bridge = IntakeHarness(CONFIG)
    bridge.deliver(topic, payload if isinstance(payload, bytes) else json.dumps(payload).encode())
    bridge.deliver("ward/icu/m8/readings", b'{"v":1,"values":{"heart_rate":60}}')
    found = by_device(bridge.readings())
    assert (found[device]["heart_rate"], found["m8"]) == (77.0, {"heart_rate": 60.0})
    assert all(abs(value) < float("inf") for value in found[device].values())
    numbers = bridge.metrics.samples()
    assert numbers["wardwatch_bridge_readings_received_total"] == numbers["wardwatch_bridge_readings_accepted_total"]
    assert all((record.detail + record.topic).isprintable() for record in bridge.quarantine())


@settings(max_examples=examples(60, 500), deadline=None)
@given(st.sampled_from(["at", "boot", "seq", "x"]), st.text(max_size=6), JSON, JSON)
def test_any_json_in_any_place_of_a_native_reading_costs_no_good_value(
    key: str, name: str, other: Any, bad: Any
) -> None:
    values = {name: other, "temperature": bad, "heart_rate": 77}
    check_neighbours(TOPIC, {**NATIVE, key: bad, "values": values}, "m7")


@settings(max_examples=examples(60, 500), deadline=None)
@given(st.sampled_from(["w", "t", "n", "b", "temp", "spo2", "x"]), JSON, JSON, JSON)
def test_any_json_in_any_place_of_a_mapped_reading_costs_no_good_value(
    key: str, bad: Any, before: Any, after: Any
) -> None:
    obs = [before, {"code": "HR", "val": 77}, after]
    check_neighbours("vendor/x", {**MAPPED, key: bad, "obs": obs}, "m7")


@settings(max_examples=examples(60, 500), deadline=None)
@given(JSON, JSON, st.lists(JSON, max_size=3))
def test_any_entry_of_a_list_costs_no_other_entry(bad_id: Any, bad: Any, entries: list[Any]) -> None:
    samples = [*entries, {"sn": bad_id, "hr": 1}, {"sn": "m1", "hr": 77, "spo2": bad}]
    bridge = IntakeHarness(CONFIG)
    bridge.deliver("samples/x", json.dumps({"samples": samples}).encode())
    assert by_device(bridge.readings())["m1"]["heart_rate"] == 77.0
    numbers = bridge.metrics.samples()
    refused = sum(n for name, n in numbers.items() if name.startswith("wardwatch_messages_quarantined_total"))
    assert len(bridge.readings()) + refused == numbers["wardwatch_bridge_readings_received_total"] == len(samples)


TYPED = st.tuples(st.just(DOUBLE), st.none() | st.floats()) | st.tuples(
    st.sampled_from([0, INT32, STRING, 99]), st.none() | st.integers(0, 2**62)
)


@settings(max_examples=examples(60, 500), deadline=None)
@given(st.text(max_size=6), TYPED, st.none() | st.integers(0, 2**64 - 1), st.none() | st.integers(2, 9))
def test_any_metric_of_a_sparkplug_message_costs_no_other(
    name: str, typed: tuple[int, float | None], at: int | None, alias: int | None
) -> None:
    node, bridge = SparkplugNode(), IntakeHarness(CONFIG)
    kind, value = typed
    bad = metric(name, value, kind=kind, at=at, alias=alias, typed=kind > 0)
    for message in (
        node.message("NBIRTH", bad),
        node.message("DBIRTH", metric("heart_rate", 70.0, alias=1), bad, device="mon7"),
        node.message("DDATA", bad, metric(alias=1, value=77.0), bad, device="mon7"),
    ):
        bridge.deliver("/".join(message[0]), message[1])
    assert 77.0 in [reading.values.get("heart_rate") for reading in bridge.readings()]


@settings(max_examples=examples(60, 500), deadline=None)
@given(st.text(alphabet="nainf+-.0179eE:\"\\'()x", max_size=8).filter(lambda text: text.count('"') % 2 == 0))
def test_any_word_without_quotes_in_the_place_of_a_value_is_refused_alone_or_as_no_json(word: str) -> None:
    bridge = IntakeHarness(CONFIG)
    bridge.deliver(TOPIC, native(f'"heart_rate":77,"temperature":{word},"spo2":97'))
    for reading in bridge.readings():
        assert (reading.values["heart_rate"], reading.values["spo2"]) == (77.0, 97.0)
    assert len(bridge.readings()) + len(bridge.quarantine()) >= 1


def test_a_string_without_an_end_is_one_place_and_no_place_to_begin_anew_at_each_quote() -> None:
    """Each quote was tried to the end of the text: 9 s for 64 KB."""
    assert len(_STRING_OR_WORD.findall('"' + r"\"" * 1000)) == 1
    with pytest.raises(Refused):
        parse_any(b'{"v":1,"values":{"heart_rate":70,"note":"' + rb"\"" * 1000)
