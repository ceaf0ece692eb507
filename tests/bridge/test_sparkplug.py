"""Sparkplug B: births tell names, data bring readings, gaps are counted, deaths are told, and nothing is guessed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.codecs.sparkplug import Sparkplug
from bridge.codecs.sparkplug_payload import read_payload, rebirth
from bridge.decoded_reading import DecodedReading, RefusalReason, Refused
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


def born(node: SparkplugNode, codec: Sparkplug | None = None) -> Sparkplug:
    """A codec that has heard the births of a node and of its monitor."""
    codec = codec or Sparkplug()
    codec.decode(*node.says("NBIRTH", metric("Node Control/Rebirth", False, kind=BOOLEAN)))
    vitals = (metric("Vitals/heart_rate", 70.0, alias=1), metric("Vitals/spo2", 97, kind=INT32, alias=2))
    codec.decode(*node.says("DBIRTH", *vitals, device="mon7"))
    return codec


def told(drafts: list[DecodedReading]) -> list[tuple[str, dict[str, float]]]:
    return [(draft.device, draft.values) for draft in drafts]


def refusal(codec: Sparkplug, levels: list[str], body: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        codec.decode(levels, body)
    assert caught.value.detail.isprintable()
    return caught.value


def test_births_are_online_with_their_values() -> None:
    node, codec = SparkplugNode(), Sparkplug()
    session = (metric("Node Control/Rebirth", False, kind=BOOLEAN), metric("Node Info/Name", "x", kind=STRING))
    drafts = codec.decode(*node.says("NBIRTH", metric("battery", 80.0), *session))
    assert told(drafts) == [("gw1", {"online": 1.0}), ("gw1", {"battery": 80.0})]
    assert [draft.status for draft in drafts] == [True, False]
    drafts = codec.decode(*node.says("DBIRTH", metric("heart_rate", 70.0), device="mon7"))
    assert told(drafts) == [("gw1.mon7", {"online": 1.0}), ("gw1.mon7", {"heart_rate": 70.0})]
    assert drafts[1].at == node.at * 1000


def test_data_by_alias_are_read_by_the_names_of_the_birth() -> None:
    node = SparkplugNode()
    codec = born(node)
    drafts = codec.decode(*node.says("DDATA", metric(alias=1, value=151.0, typed=False), device="mon7"))
    assert told(drafts) == [("gw1.mon7", {"heart_rate": 151.0})]


@pytest.mark.parametrize(
    ("value", "kind", "read"),
    [
        (-3, INT32, -3.0),
        (-3, INT8, -3.0),
        (-3, INT16, -3.0),
        # Some nodes write just the bits of the type.
        (253, INT8, -3.0),
        (65533, INT16, -3.0),
        (-3, INT64, -3.0),
        (4_000_000_000, UINT32, 4e9),
        (36.6, FLOAT, 36.6),
        (101325.5, FLOAT, 101325.5),
        (True, BOOLEAN, 1.0),
    ],
)
def test_a_value_has_the_sign_and_digits_of_its_type_also_where_only_the_birth_told_it(
    value: Any, kind: int, read: float
) -> None:
    node, codec = SparkplugNode(), Sparkplug()
    codec.decode(*node.says("NBIRTH", metric("level", 0, kind=kind, alias=0)))
    (draft,) = codec.decode(*node.says("NDATA", metric(alias=0, value=value, kind=kind, typed=False)))
    assert draft.values == {"level": read}


def test_null_and_not_a_number_are_no_readings_and_the_device_is_heard() -> None:
    node = SparkplugNode()
    codec = born(node)
    drafts = codec.decode(*node.says("DDATA", metric(alias=1), metric(alias=2, value=float("nan")), device="mon7"))
    assert told(drafts) == [("gw1.mon7", {})]
    # Some nodes say null and leave the last number in its place.
    stale = field(2, field(2, 2) + field(7, 1) + field(10, 97))
    assert told(codec.decode(*node.says("DDATA", stale, device="mon7"))) == [("gw1.mon7", {})]


def test_metrics_of_different_instants_are_different_readings() -> None:
    node = SparkplugNode()
    codec = born(node)
    metrics = [metric(alias=1, value=float(70 + i), at=1764000000000 + i) for i in range(3)]
    drafts = codec.decode(*node.says("DDATA", *metrics, device="mon7"))
    assert [(draft.at, draft.values["heart_rate"]) for draft in drafts] == [
        ((1764000000000 + i) * 1000, 70 + i) for i in range(3)
    ]


def test_the_type_of_a_metric_is_that_of_its_device_and_not_of_another_with_the_same_name() -> None:
    node, codec = SparkplugNode(), Sparkplug()
    codec.decode(*node.says("NBIRTH"))
    codec.decode(*node.says("DBIRTH", metric("level", 0, kind=INT8), device="a"))
    codec.decode(*node.says("DBIRTH", metric("level", 0, kind=UINT32), device="b"))
    (draft,) = codec.decode(*node.says("DDATA", metric("level", -3, kind=INT8, typed=False), device="a"))
    assert draft.values == {"level": -3.0}


def test_a_gap_in_the_numbers_is_lost_readings_also_round_the_end() -> None:
    node = SparkplugNode()
    codec = born(node)
    lost = []
    for seq in (2, 3, 6, 254, 255, 0, 2, 100, 200, 250, 1):
        node.seq = seq
        drafts = codec.decode(*node.says("DDATA", metric(alias=1, value=70.0), device="mon7"))
        lost.append(drafts[0].lost)
    # After 255 comes 0; from 6 to 254 is more than half the way round: nobody can say how many times.
    assert lost == [0, 0, 2, 0, 0, 0, 1, 97, 99, 49, 6]


def test_what_is_missing_before_a_message_of_several_instants_is_told_once() -> None:
    node = SparkplugNode()
    codec = born(node)
    node.seq = 5
    metrics = [metric(alias=1, value=70.0, at=1764000000000 + i) for i in range(3)]
    assert [draft.lost for draft in codec.decode(*node.says("DDATA", *metrics, device="mon7"))] == [3, 0, 0]


def test_a_birth_follows_nothing_however_far_the_numbers_had_come() -> None:
    node = SparkplugNode()
    codec = born(node)
    node.seq = 200
    codec.decode(*node.says("DDATA", metric(alias=1, value=70.0), device="mon7"))
    assert [draft.lost for draft in codec.decode(*node.says("NBIRTH"))] == [0]


def test_what_is_missing_before_a_message_that_is_refused_is_told_with_the_next() -> None:
    node = SparkplugNode()
    codec = born(node)
    node.seq = 5
    refusal(codec, *node.says("DDATA", metric(alias=77, value=1.0), device="mon7"))
    (draft,) = codec.decode(*node.says("DDATA", metric(alias=1, value=70.0), device="mon7"))
    assert draft.lost == 3


def test_a_message_that_comes_again_is_a_repeat_and_a_birth_that_does_changes_nothing() -> None:
    node = SparkplugNode()
    codec = Sparkplug()
    birth = node.says("NBIRTH")
    codec.decode(*birth)
    codec.decode(*node.says("DBIRTH", metric("heart_rate", 70.0, alias=1), device="mon7"))
    data = node.says("DDATA", metric(alias=1, value=70.0), device="mon7")
    assert not codec.decode(*data)[0].repeat
    assert all(draft.repeat for message in (birth, data) for draft in codec.decode(*message))
    assert not codec.decode(*node.says("DDATA", metric(alias=1, value=71.0), device="mon7"))[0].repeat


def test_a_new_birth_begins_the_numbers_anew() -> None:
    node = SparkplugNode()
    codec = born(node)
    node.session += 1
    assert [draft.lost for draft in codec.decode(*node.says("NBIRTH"))] == [0]
    assert refusal(codec, *node.says("DDATA", metric(alias=1, value=70.0), device="mon7")).reason is RefusalReason.BIRTH


def test_a_death_is_offline_for_the_node_and_all_behind_it() -> None:
    node = SparkplugNode()
    codec = born(node)
    drafts = codec.decode(*node.says("NDEATH"))
    assert told(drafts) == [("gw1", {"online": 0.0}), ("gw1.mon7", {"online": 0.0})]
    assert all(draft.status for draft in drafts)
    assert refusal(codec, *node.says("NDATA", metric("x", 1.0))).reason is RefusalReason.BIRTH


def test_a_will_of_an_earlier_session_says_nothing_about_this_one() -> None:
    node = SparkplugNode(session=4)
    codec = born(node)
    node.session = 3
    assert codec.decode(*node.says("NDEATH")) == []
    node.session = 4
    assert len(codec.decode(*node.says("NDEATH"))) == 2


def test_the_numbers_of_sessions_go_round_too() -> None:
    node = SparkplugNode(session=0)
    codec = born(node)
    node.session = 255
    assert codec.decode(*node.says("NDEATH")) == []


def test_a_device_that_died_is_offline_and_must_be_born_again() -> None:
    node = SparkplugNode()
    codec = born(node)
    assert told(codec.decode(*node.says("DDEATH", device="mon7"))) == [("gw1.mon7", {"online": 0.0})]
    assert refusal(codec, *node.says("DDATA", metric(alias=1, value=1.0), device="mon7")).reason is RefusalReason.BIRTH


def test_data_without_a_birth_are_set_aside_and_the_node_is_asked_but_not_each_time() -> None:
    node, codec, asked = SparkplugNode(), Sparkplug(), []
    for _ in range(8):
        refused = refusal(codec, *node.says("NDATA", metric(alias=1, value=70.0)))
        assert refused.reason is RefusalReason.BIRTH
        asked.append(codec.replies())
    assert [len(said) for said in asked] == [1, 1, 0, 1, 0, 0, 0, 1]
    assert asked[0] == [("spBv1.0/icu/NCMD/gw1", rebirth())]
    (command,) = read_payload(rebirth()).metrics
    assert (command.name, command.datatype, command.value) == ("Node Control/Rebirth", 11, True)
    born(node, codec)
    assert codec.replies() == []


def test_a_node_that_was_born_and_is_unknown_again_is_asked_at_once() -> None:
    node, codec = SparkplugNode(), Sparkplug()
    for _ in range(2):
        refusal(codec, *node.says("NDATA", metric("x", 1.0)))
    born(node, codec)
    codec.decode(*node.says("NDEATH"))
    codec.replies()
    refusal(codec, *node.says("NDATA", metric("x", 1.0)))
    assert len(codec.replies()) == 1


@pytest.mark.parametrize("name", ["a/b", "+", "#", "x y"])
def test_nobody_is_asked_on_a_topic_that_a_stranger_could_choose(name: str) -> None:
    codec = Sparkplug()
    for group, edge in ((name, "gw1"), ("icu", name)):
        refusal(codec, ["spBv1.0", group, "NDATA", edge], payload(metric("x", 1.0), seq=1))
        assert codec.replies() == []


def test_two_metrics_that_would_be_one_signal_are_refused_and_none_is_guessed() -> None:
    node = SparkplugNode()
    refused = refusal(Sparkplug(), *node.says("NBIRTH", metric("ECG/heart_rate", 60.0), metric("SpO2/heart_rate", 9.0)))
    assert "two metrics would be heart_rate, the second is SpO2/heart_rate: write a mapping" in refused.detail


def test_a_mapping_names_the_signals_converts_them_and_says_where_ids_are() -> None:
    rule = mapping(
        {"temperature": {"path": '["Vitals/T.core"]', "unit": "°F"}, "heart_rate": "ECG/HR"},
        device={"topic": 5},
        ward={"topic": 2},
        absent=[-1],
        device_kind="bedside_monitor",
    )
    node, codec = SparkplugNode(), Sparkplug({}, rule)
    assert told(codec.decode(*node.says("NBIRTH"))) == [("gw1", {"online": 1.0})]
    metrics = (metric("Vitals/T.core", 98.6), metric("ECG/HR", -1, kind=INT32), metric("SpO2/HR", 9.0))
    drafts = codec.decode(*node.says("DBIRTH", *metrics, device="mon7"))
    assert told(drafts)[1] == ("mon7", {"temperature": 37.0})
    assert {(draft.ward, draft.device_kind) for draft in drafts} == {("icu", "bedside_monitor")}


@pytest.mark.parametrize("levels", [["icu", "NCMD", "gw1"], ["icu", "DCMD", "gw1", "mon7"], ["STATE", "host"]])
def test_what_is_meant_for_others_is_passed_over(levels: list[str]) -> None:
    assert Sparkplug().decode(["spBv1.0", *levels], b"whatever") == []


@pytest.mark.parametrize(
    ("levels", "body", "reason"),
    [
        (["spBv1.0", "icu", "NDATA"], payload(), RefusalReason.TOPIC),
        (["spBv1.0", "icu", "DDATA", "gw1"], payload(), RefusalReason.TOPIC),
        (["spBv1.0", "icu", "NDATA", "gw1", "x"], payload(), RefusalReason.TOPIC),
        (["spBv1.0", "icu", "XDATA", "gw1"], payload(), RefusalReason.TOPIC),
        (["spBv1.0", "icu", "NBIRTH", "g w"], payload(metric("a", 1.0), seq=0), RefusalReason.TOPIC),
        (["spBv1.0", "icu", "NBIRTH", "gw1"], b"\xff\xff\xff", RefusalReason.SYNTAX),
        (["spBv1.0", "icu", "NBIRTH", "gw1"], payload(seq=256), RefusalReason.SHAPE),
        (["spBv1.0", "icu", "NBIRTH", "gw1"], payload(metric(alias=1, value=1.0), seq=0), RefusalReason.SHAPE),
        (["spBv1.0", "icu", "NBIRTH", "gw1"], payload(at=2**60), RefusalReason.TIME),
        (["spBv1.0", "icu", "NBIRTH", "gw1"], payload(*[metric("a", 1.0)] * 4001), RefusalReason.SIZE),
    ],
)
def test_what_is_no_message_of_a_node_is_refused(levels: list[str], body: bytes, reason: RefusalReason) -> None:
    assert refusal(Sparkplug(), levels, body).reason is reason


def test_devices_of_a_node_and_nodes_are_bounded() -> None:
    node, codec = SparkplugNode(), Sparkplug()
    codec.decode(*node.says("NBIRTH"))
    for i in range(500):
        codec.decode(*node.says("DBIRTH", device=f"m{i}"))
    assert refusal(codec, *node.says("DBIRTH", device="one-more")).reason is RefusalReason.SIZE
    assert codec.decode(*node.says("DBIRTH", device="m7")), "one that is known may be born again"
    others = [SparkplugNode(edge=f"e{i}") for i in range(1000)]
    for other in others[:999]:
        codec.decode(*other.says("NBIRTH"))
    others[0].session += 1
    for other in (others[0], others[999], SparkplugNode(edge="last")):
        codec.decode(*other.says("NBIRTH"))
    # The one that was born longest ago gave way, and then the next.
    assert refusal(codec, *node.says("NDATA", metric("x", 1.0))).reason is RefusalReason.BIRTH
    assert refusal(codec, *others[1].says("NDATA", metric("x", 1.0))).reason is RefusalReason.BIRTH
    assert codec.decode(*others[0].says("NDATA", metric("x", 1.0)))


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
def test_whatever_nodes_say_is_read_or_refused(said: list[tuple[str, list[bytes], int, bytes]]) -> None:
    codec, words = Sparkplug(), ""
    for kind, metrics, seq, noise in said:
        levels = ["spBv1.0", "icu", kind, "gw1"] + (["mon7"] if kind[0] == "D" else [])
        try:
            drafts = codec.decode(levels, payload(*metrics, seq=seq) + noise)
        except Refused as refused:
            words += refused.detail
        else:
            assert all(abs(x) < float("inf") for draft in drafts for x in draft.values.values())
    assert words.isprintable()
