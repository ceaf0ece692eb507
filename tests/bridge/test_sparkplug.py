"""Sparkplug B: births define names, data are decoded, gaps are counted, and deaths mean offline."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.codecs.sparkplug import SparkplugCodec
from bridge.decoded_reading import DecodedReading
from bridge.refusal import RefusalReason, Refused
from bridge.sparkplug.payload import read_payload, rebirth_command
from tests.bridge import refusals
from tests.bridge.mapped import mapping
from tests.bridge.sparkplug_node import (
    BOOLEAN,
    FLOAT,
    INT8,
    INT16,
    INT32,
    INT64,
    STRING,
    UINT32,
    SparkplugNode,
    field,
    metric,
    payload,
)  # fmt: skip


def born(node: SparkplugNode, codec: SparkplugCodec | None = None) -> SparkplugCodec:
    """A codec that has received the births of a node and of its monitor."""
    codec = codec or SparkplugCodec()
    codec.decode(*node.message("NBIRTH", metric("Node Control/Rebirth", False, kind=BOOLEAN)))
    vitals = (metric("Vitals/heart_rate", 70.0, alias=1), metric("Vitals/spo2", 97, kind=INT32, alias=2))
    codec.decode(*node.message("DBIRTH", *vitals, device="mon7"))
    return codec


def values_of(readings: list[DecodedReading]) -> list[tuple[str, dict[str, float]]]:
    return [(reading.device, reading.values) for reading in readings]


def refusal(codec: SparkplugCodec, levels: list[str], body: bytes) -> Refused:
    found = refusals.refusal(codec, levels, body)
    assert found.detail.isprintable()
    return found


def test_a_birth_is_online_and_a_reading_of_its_values() -> None:
    node, codec = SparkplugNode(), SparkplugCodec()
    session = (metric("Node Control/Rebirth", False, kind=BOOLEAN), metric("Node Info/Name", "x", kind=STRING))
    readings = codec.decode(*node.message("NBIRTH", metric("battery", 80.0), *session))
    assert values_of(readings) == [("gw1", {"online": 1.0}), ("gw1", {"battery": 80.0})]
    assert [reading.status for reading in readings] == [True, False]
    readings = codec.decode(*node.message("DBIRTH", metric("heart_rate", 70.0), device="mon7"))
    assert values_of(readings) == [("gw1.mon7", {"online": 1.0}), ("gw1.mon7", {"heart_rate": 70.0})]
    assert readings[1].at == node.at * 1000


def test_aliases_are_resolved_by_the_birth() -> None:
    node = SparkplugNode()
    codec = born(node)
    readings = codec.decode(*node.message("DDATA", metric(alias=1, value=151.0, typed=False), device="mon7"))
    assert values_of(readings) == [("gw1.mon7", {"heart_rate": 151.0})]


@pytest.mark.parametrize(
    ("value", "kind", "read"),
    [
        (-3, INT32, -3.0),
        (-3, INT8, -3.0),
        (-3, INT16, -3.0),
        # Some nodes write only the bits of the type.
        (253, INT8, -3.0),
        (65533, INT16, -3.0),
        (-3, INT64, -3.0),
        (4_000_000_000, UINT32, 4e9),
        (36.6, FLOAT, 36.6),
        (101325.5, FLOAT, 101325.5),
        (True, BOOLEAN, 1.0),
    ],
)
def test_a_value_has_the_sign_and_digits_of_its_type_also_where_only_the_birth_names_the_type(
    value: Any, kind: int, read: float
) -> None:
    node, codec = SparkplugNode(), SparkplugCodec()
    codec.decode(*node.message("NBIRTH", metric("level", 0, kind=kind, alias=0)))
    (reading,) = codec.decode(*node.message("NDATA", metric(alias=0, value=value, kind=kind, typed=False)))
    assert reading.values == {"level": read}


def test_null_is_no_value_and_the_reading_is_empty() -> None:
    node = SparkplugNode()
    codec = born(node)
    readings = codec.decode(*node.message("DDATA", metric(alias=1), metric(alias=2), device="mon7"))
    assert values_of(readings) == [("gw1.mon7", {})]
    # Some nodes set is_null and leave the last value in its field.
    stale = field(2, field(2, 2) + field(7, 1) + field(10, 97))
    assert values_of(codec.decode(*node.message("DDATA", stale, device="mon7"))) == [("gw1.mon7", {})]


def test_metrics_with_different_times_are_different_readings() -> None:
    node = SparkplugNode()
    codec = born(node)
    metrics = [metric(alias=1, value=float(70 + i), at=1764000000000 + i) for i in range(3)]
    readings = codec.decode(*node.message("DDATA", *metrics, device="mon7"))
    assert [(reading.at, reading.values["heart_rate"]) for reading in readings] == [
        ((1764000000000 + i) * 1000, 70 + i) for i in range(3)
    ]


def test_the_type_of_a_metric_is_that_of_its_device_and_not_of_another_with_the_same_name() -> None:
    node, codec = SparkplugNode(), SparkplugCodec()
    codec.decode(*node.message("NBIRTH"))
    codec.decode(*node.message("DBIRTH", metric("level", 0, kind=INT8), device="a"))
    codec.decode(*node.message("DBIRTH", metric("level", 0, kind=UINT32), device="b"))
    (reading,) = codec.decode(*node.message("DDATA", metric("level", -3, kind=INT8, typed=False), device="a"))
    assert reading.values == {"level": -3.0}


def test_a_gap_in_the_numbers_is_lost_readings_also_where_they_wrap() -> None:
    node = SparkplugNode()
    codec = born(node)
    lost = []
    for seq in (2, 3, 6, 254, 255, 0, 2, 100, 200, 250, 1):
        node.seq = seq
        readings = codec.decode(*node.message("DDATA", metric(alias=1, value=70.0), device="mon7"))
        lost.append(readings[0].lost)
    # 0 follows 255. From 6 to 254 is more than half of the range: the number of wraps is unknown, so none is counted.
    assert lost == [0, 0, 2, 0, 0, 0, 1, 97, 99, 49, 6]


def test_lost_readings_before_a_message_with_several_times_are_reported_once() -> None:
    node = SparkplugNode()
    codec = born(node)
    node.seq = 5
    metrics = [metric(alias=1, value=70.0, at=1764000000000 + i) for i in range(3)]
    assert [reading.lost for reading in codec.decode(*node.message("DDATA", *metrics, device="mon7"))] == [3, 0, 0]


def test_no_number_is_missing_before_a_birth() -> None:
    node = SparkplugNode()
    codec = born(node)
    node.seq = 200
    codec.decode(*node.message("DDATA", metric(alias=1, value=70.0), device="mon7"))
    assert [reading.lost for reading in codec.decode(*node.message("NBIRTH"))] == [0]


def test_lost_readings_before_a_refused_message_are_reported_with_the_next() -> None:
    node = SparkplugNode()
    codec = born(node)
    node.seq = 5
    refusal(codec, *node.message("DDATA", metric(alias=1, value=70.0), device="unborn"))
    (reading,) = codec.decode(*node.message("DDATA", metric(alias=1, value=70.0), device="mon7"))
    assert reading.lost == 3


def test_a_message_received_again_is_a_repeat_and_a_repeated_birth_changes_nothing() -> None:
    node = SparkplugNode()
    codec = SparkplugCodec()
    birth = node.message("NBIRTH")
    codec.decode(*birth)
    codec.decode(*node.message("DBIRTH", metric("heart_rate", 70.0, alias=1), device="mon7"))
    data = node.message("DDATA", metric(alias=1, value=70.0), device="mon7")
    assert not codec.decode(*data)[0].repeat
    assert all(reading.repeat for message in (birth, data) for reading in codec.decode(*message))
    assert not codec.decode(*node.message("DDATA", metric(alias=1, value=71.0), device="mon7"))[0].repeat


def test_a_new_birth_restarts_the_numbers() -> None:
    node = SparkplugNode()
    codec = born(node)
    node.session += 1
    assert [reading.lost for reading in codec.decode(*node.message("NBIRTH"))] == [0]
    assert (
        refusal(codec, *node.message("DDATA", metric(alias=1, value=70.0), device="mon7")).reason is RefusalReason.BIRTH
    )


def test_the_death_of_a_node_is_offline_for_it_and_all_its_devices() -> None:
    node = SparkplugNode()
    codec = born(node)
    readings = codec.decode(*node.message("NDEATH"))
    assert values_of(readings) == [("gw1", {"online": 0.0}), ("gw1.mon7", {"online": 0.0})]
    assert all(reading.status for reading in readings)
    assert refusal(codec, *node.message("NDATA", metric("x", 1.0))).reason is RefusalReason.BIRTH


def test_the_last_will_of_an_earlier_session_is_ignored() -> None:
    node = SparkplugNode(session=4)
    codec = born(node)
    node.session = 3
    assert codec.decode(*node.message("NDEATH")) == []
    node.session = 4
    assert len(codec.decode(*node.message("NDEATH"))) == 2


def test_session_numbers_wrap_too() -> None:
    node = SparkplugNode(session=0)
    codec = born(node)
    node.session = 255
    assert codec.decode(*node.message("NDEATH")) == []


def test_after_its_death_a_device_is_offline_and_needs_a_new_birth() -> None:
    node = SparkplugNode()
    codec = born(node)
    assert values_of(codec.decode(*node.message("DDEATH", device="mon7"))) == [("gw1.mon7", {"online": 0.0})]
    assert (
        refusal(codec, *node.message("DDATA", metric(alias=1, value=1.0), device="mon7")).reason is RefusalReason.BIRTH
    )


def test_data_without_a_birth_are_refused_and_the_node_is_asked_ever_more_rarely() -> None:
    node, codec, requests = SparkplugNode(), SparkplugCodec(), []
    for _ in range(8):
        refused = refusal(codec, *node.message("NDATA", metric(alias=1, value=70.0)))
        assert refused.reason is RefusalReason.BIRTH
        requests.append(codec.replies())
    assert [len(replies) for replies in requests] == [1, 1, 0, 1, 0, 0, 0, 1]
    assert requests[0] == [("spBv1.0/icu/NCMD/gw1", rebirth_command())]
    (command,) = read_payload(rebirth_command()).metrics
    assert (command.name, command.datatype, command.value) == ("Node Control/Rebirth", 11, True)
    born(node, codec)
    assert codec.replies() == []


def test_a_node_whose_session_has_ended_is_asked_at_once() -> None:
    node, codec = SparkplugNode(), SparkplugCodec()
    for _ in range(2):
        refusal(codec, *node.message("NDATA", metric("x", 1.0)))
    born(node, codec)
    codec.decode(*node.message("NDEATH"))
    codec.replies()
    refusal(codec, *node.message("NDATA", metric("x", 1.0)))
    assert len(codec.replies()) == 1


@pytest.mark.parametrize("name", ["a/b", "+", "#", "x y"])
def test_no_birth_is_requested_on_a_topic_with_unsafe_levels(name: str) -> None:
    codec = SparkplugCodec()
    for group, edge in ((name, "gw1"), ("icu", name)):
        refusal(codec, ["spBv1.0", group, "NDATA", edge], payload(metric("x", 1.0), seq=1))
        assert codec.replies() == []


def test_two_metrics_that_would_be_one_signal_are_refused() -> None:
    node = SparkplugNode()
    refused = refusal(
        SparkplugCodec(), *node.message("NBIRTH", metric("ECG/heart_rate", 60.0), metric("SpO2/heart_rate", 9.0))
    )
    assert "two metrics would be heart_rate, the second is SpO2/heart_rate: write a mapping" in refused.detail


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (metric("temperature", float("nan")), "temperature is not finite"),
        (metric("temperature", "21,4", kind=STRING, typed=False), "temperature is text, not a number"),
        (metric(alias=77, value=21.4), "no birth message has defined the alias 77"),
        (metric(value=21.4), "a metric has neither name nor alias"),
        (metric("a/temperature", 1.0) + metric("b/temperature", 2.0), "two metrics would be temperature"),
        (metric("temperature", float("inf"), at=2**60), "timestamp"),
    ],
)
def test_a_bad_metric_costs_no_other(bad: bytes, words: str) -> None:
    node = SparkplugNode()
    codec = born(node)
    codec.decode(
        *node.message("DBIRTH", metric("temperature", 37.0), metric("heart_rate", 70.0, alias=1), device="mon7")
    )
    readings = codec.decode(*node.message("DDATA", metric(alias=1, value=77.0), bad, device="mon7"))
    assert readings[0].values == {"heart_rate": 77.0}
    assert words in readings[0].refused[0].detail
    assert (codec.replies() != []) == ("alias 77" in words), "the births are asked for where an alias is not defined"


def test_a_metric_without_a_name_costs_no_birth() -> None:
    node, codec = SparkplugNode(), SparkplugCodec()
    codec.decode(*node.message("NBIRTH", metric(alias=3, value=1.0), metric("battery", 80.0, alias=4)))
    (reading,) = codec.decode(*node.message("NDATA", metric(alias=4, value=79.0)))
    assert reading.values == {"battery": 79.0}


def test_a_mapping_names_and_converts_signals_and_places_ids() -> None:
    rule = mapping(
        {"temperature": {"path": '["Vitals/T.core"]', "unit": "°F"}, "heart_rate": "ECG/HR"},
        device={"topic": 5},
        ward={"topic": 2},
        absent=[-1],
        device_kind="bedside_monitor",
    )
    node, codec = SparkplugNode(), SparkplugCodec({}, rule)
    assert values_of(codec.decode(*node.message("NBIRTH"))) == [("gw1", {"online": 1.0})]
    metrics = (metric("Vitals/T.core", 98.6), metric("ECG/HR", -1, kind=INT32), metric("SpO2/HR", 9.0))
    readings = codec.decode(*node.message("DBIRTH", *metrics, device="mon7"))
    assert values_of(readings)[1] == ("mon7", {"temperature": 37.0})
    assert {(reading.ward, reading.device_kind) for reading in readings} == {("icu", "bedside_monitor")}


@pytest.mark.parametrize("levels", [["icu", "NCMD", "gw1"], ["icu", "DCMD", "gw1", "mon7"], ["STATE", "host"]])
def test_messages_for_other_programs_are_ignored(levels: list[str]) -> None:
    assert SparkplugCodec().decode(["spBv1.0", *levels], b"whatever") == []


@pytest.mark.parametrize(
    ("levels", "body", "reason"),
    [
        (["spBv1.0", "icu", "NDATA"], payload(), RefusalReason.TOPIC),
        (["spBv1.0", "icu", "DDATA", "gw1"], payload(), RefusalReason.TOPIC),
        (["spBv1.0", "icu", "NDATA", "gw1", "x"], payload(), RefusalReason.TOPIC),
        (["spBv1.0", "icu", "XDATA", "gw1"], payload(), RefusalReason.TOPIC),
        (["spBv1.0", "icu", "NBIRTH", "g w"], payload(metric("a", 1.0), seq=0), RefusalReason.TOPIC),
        (["spBv1.0", "icu", "NBIRTH", "gw1"], b"\xff\xff\xff", RefusalReason.SYNTAX),
        (["spBv1.0", "icu", "NBIRTH", "gw1"], payload(seq=256), RefusalReason.SCHEMA),
        (["spBv1.0", "icu", "NBIRTH", "gw1"], payload(metric(alias=1, value=1.0), seq=0), RefusalReason.BIRTH),
        (["spBv1.0", "icu", "NBIRTH", "gw1"], payload(at=2**60), RefusalReason.TIME),
        (["spBv1.0", "icu", "NBIRTH", "gw1"], payload(*[metric("a", 1.0)] * 4001), RefusalReason.SIZE),
    ],
)
def test_a_malformed_message_is_refused(levels: list[str], body: bytes, reason: RefusalReason) -> None:
    assert refusal(SparkplugCodec(), levels, body).reason is reason


def test_the_numbers_of_nodes_and_of_their_devices_are_bounded() -> None:
    node, codec = SparkplugNode(), SparkplugCodec()
    codec.decode(*node.message("NBIRTH"))
    for i in range(500):
        codec.decode(*node.message("DBIRTH", device=f"m{i}"))
    assert refusal(codec, *node.message("DBIRTH", device="one-more")).reason is RefusalReason.SIZE
    assert codec.decode(*node.message("DBIRTH", device="m7")), "a known device may send its birth again"
    others = [SparkplugNode(edge=f"e{i}") for i in range(1000)]
    for other in others[:999]:
        codec.decode(*other.message("NBIRTH"))
    others[0].session += 1
    for other in (others[0], others[999], SparkplugNode(edge="last")):
        codec.decode(*other.message("NBIRTH"))
    # The session with the oldest birth was dropped, and then the next.
    assert refusal(codec, *node.message("NDATA", metric("x", 1.0))).reason is RefusalReason.BIRTH
    assert refusal(codec, *others[1].message("NDATA", metric("x", 1.0))).reason is RefusalReason.BIRTH
    assert codec.decode(*others[0].message("NDATA", metric("x", 1.0)))


KINDS = st.sampled_from(["NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH"])
METRICS = st.lists(
    st.builds(
        metric,
        st.sampled_from(["", "a", "V/a", "bdSeq", "x y", "\x00"]),
        st.none() | st.floats() | st.integers(),
        alias=st.none() | st.integers(0, 3),
        at=st.none() | st.integers(0, 2**45),
    ),
    max_size=4,
)


@given(st.lists(st.tuples(KINDS, METRICS, st.integers(0, 300), st.binary(max_size=3)), max_size=8))
def test_any_message_is_decoded_or_refused(messages: list[tuple[str, list[bytes], int, bytes]]) -> None:
    codec, details = SparkplugCodec(), ""
    for kind, metrics, seq, noise in messages:
        levels = ["spBv1.0", "icu", kind, "gw1"] + (["mon7"] if kind[0] == "D" else [])
        try:
            readings = codec.decode(levels, payload(*metrics, seq=seq) + noise)
        except Refused as refused:
            details += refused.detail
        else:
            assert all(abs(x) < float("inf") for reading in readings for x in reading.values.values())
    assert details.isprintable()
