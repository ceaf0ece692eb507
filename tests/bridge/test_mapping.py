"""A vendor's JSON by a mapping: what is decoded, what is refused with which text, and that no input crashes it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.decoded_reading import DecodedReading
from bridge.distinct_ids import distinct_id
from bridge.refusal import RefusalReason, Refused
from tests.bridge import refusals
from tests.bridge.mapped import mapped
from ward.clock import SECOND, parse_instant
from ward.ids import is_id

LEVELS = ["acme", "m7", "obs"]
NORTHGATE = {
    "hdr": {"sn": 20817, "t": 1764000000123, "n": 412, "unit": "ICU West"},
    "obs": [
        {"code": "HR", "val": 88},
        {"code": "TEMP", "val": 103.1},
        {"code": "SAT", "val": "0.97"},
        {"code": "SYS", "val": 16.0},
        {"code": "RR", "val": -1},
    ],
}


def read(codec: Any, payload: Any, levels: list[str] | None = None) -> list[DecodedReading]:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    found: list[DecodedReading] = codec.decode(levels or LEVELS, body)
    return found


def refusal(codec: Any, payload: Any, levels: list[str] | None = None) -> Refused:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    found = refusals.refusal(codec, levels or LEVELS, body)
    assert found.detail.isprintable()
    return found


def northgate(**more: Any) -> Any:
    return mapped(
        {
            "heart_rate": "obs[code=HR].val",
            "temperature": {"path": "obs[code=TEMP].val", "unit": "°F"},
            "spo2": {"path": "obs[code=SAT].val", "unit": "fraction"},
            "systolic_bp": {"path": "obs[code=SYS].val", "unit": "kPa"},
            "respiratory_rate": "obs[code=RR].val",
        },
        **{
            "device": {"path": "hdr.sn", "prefix": "ng-"},
            "ward": {"path": "hdr.unit", "names": {"ICU West": "icu"}},
            "time": {"path": "hdr.t", "format": "epoch_ms"},
            "absent": [-1],
            "device_kind": "bedside_monitor",
        }
        | more,
    )


def test_a_vendors_payload_becomes_a_reading_in_the_units_of_the_catalogue() -> None:
    (reading,) = read(northgate(), NORTHGATE)
    assert (reading.device, reading.ward, reading.device_kind) == ("ng-20817", "icu", "bedside_monitor")
    assert reading.at == 1764000000123 * 1000
    assert reading.values == {"heart_rate": 88, "temperature": 39.5, "spo2": 97, "systolic_bp": 120.0098521}


@pytest.mark.parametrize(
    ("sent", "how", "value"),
    [
        (98.6, {"unit": "°F"}, 37.0),
        (98.6, {"unit": "[degF]"}, 37.0),
        (310.15, {"unit": "K"}, 37.0),
        (37.2, {}, 37.2),
        (372, {"times": 0.1}, 37.2),
        (986, {"times": 0.1, "unit": "F"}, 37.0),
        (172, {"times": 0.1, "plus": 20}, 37.2),
        (936, {"times": 0.1, "plus": 5, "unit": "°F"}, 37.0),
        ("37.2", {}, 37.2),
        (" 3.72e1 ", {}, 37.2),
        (True, {"words": {"true": 1, "false": 0}}, 1.0),
        ("hot", {"words": {"hot": 104}, "unit": "°F"}, 40.0),
    ],
)
def test_a_number_is_scaled_and_converted(sent: object, how: dict[str, Any], value: float) -> None:
    (reading,) = read(mapped({"temperature": {"path": "t", **how}}), {"t": sent})
    assert reading.values == {"temperature": value}


@pytest.mark.parametrize(
    ("path", "payload"),
    [
        ("a.b.c", {"a": {"b": {"c": 70}}}),
        ("a[1].c", {"a": [{}, {"c": 70}]}),
        ("a[-1]", {"a": [60, 70]}),
        ("[0]", [70]),
        ("a[id=3].v", {"a": [{"id": 2, "v": 1}, {"id": 3, "v": 70}]}),
        ('a[id="x]y"].v', {"a": [{"id": "x]y", "v": 70}]}),
        ('["a.b"]["c d"]', {"a.b": {"c d": 70}}),
        ("Herzfrequenz.würde", {"Herzfrequenz": {"würde": 70}}),
        ("$.hr", {"hr": 70}),
    ],
)
def test_a_path_finds_its_value(path: str, payload: object) -> None:
    assert read(mapped({"heart_rate": path}), payload)[0].values == {"heart_rate": 70}


@pytest.mark.parametrize("sent", [None, -1, -1.0, 8388607, "---", "-1", " --- "])
def test_a_sentinel_for_no_reading_is_left_out_while_other_values_are_read(sent: object) -> None:
    codec = mapped({"heart_rate": "hr", "spo2": {"path": "sat", "absent": ["---"]}}, absent=[-1, 8388607])
    assert read(codec, {"hr": 70, "sat": sent})[0].values == {"heart_rate": 70}
    assert read(codec, {"hr": 70})[0].values == {"heart_rate": 70}


def test_true_does_not_match_the_sentinel_1() -> None:
    codec = mapped({"online": {"path": "on", "words": {"true": 1}}}, absent=[1])
    assert read(codec, {"on": True})[0].values == {"online": 1}


def test_a_payload_without_values_makes_an_empty_reading() -> None:
    assert read(mapped({"heart_rate": "hr"}, absent=[-1]), {"hr": -1})[0].values == {}


@pytest.mark.parametrize(
    ("payload", "reason", "words"),
    [
        ({"pulse": 70}, RefusalReason.SCHEMA, "no signal found: of `vital.hr` there is no `vital`, only pulse"),
        ({"vital": {"\x1b[2J": 1}}, RefusalReason.SCHEMA, r"there is no `hr`, only \x1b[2J"),
        ({"vital": {"hr": "much\n"}}, RefusalReason.SCHEMA, r"heart_rate at `vital.hr` is 'much\n': no number"),
        ({"vital": {"hr": "70bpm"}}, RefusalReason.SCHEMA, "heart_rate at `vital.hr` is '70bpm': no number"),
        ({"vital": {"hr": True}}, RefusalReason.SCHEMA, "heart_rate at `vital.hr` is true or false: no number"),
        ({"vital": {"hr": [70]}}, RefusalReason.SCHEMA, "heart_rate at `vital.hr` is a list: no number"),
        (b'{"vital": {"hr": NaN}}', RefusalReason.SCHEMA, "heart_rate at `vital.hr` is not finite"),
        (b'{"vital": {"hr": 1e999}}', RefusalReason.SCHEMA, "heart_rate at `vital.hr` is not finite"),
        (b'{"vital": {"hr": 1' + b"0" * 400 + b"}}", RefusalReason.SCHEMA, "too large"),
        (b'{"vital": {"hr": 70, "hr": 80}}', RefusalReason.SCHEMA, "heart_rate at `vital.hr` is two values: no number"),
        (b"\xff", RefusalReason.SYNTAX, "not JSON"),
        (b"[" * 60000, RefusalReason.SYNTAX, "nested too deeply"),
    ],
)
def test_a_payload_that_does_not_fit_is_refused_with_path_and_value(
    payload: object, reason: RefusalReason, words: str
) -> None:
    refused = refusal(mapped({"heart_rate": "vital.hr"}), payload)
    assert refused.reason is reason
    assert words in refused.detail


def test_two_entries_of_one_name_are_refused() -> None:
    twice = {"obs": [{"code": "HR", "val": 60}, {"code": "HR", "val": 160}]}
    assert "[code=HR] is there 2 times" in refusal(mapped({"heart_rate": "obs[code=HR].val"}), twice).detail


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"t": {"u": "C"}, "v": 1, "hr": 70}, "`t.u` is 'C'; this mapping is for 'F'"),
        ({"t": {"u": "F"}, "v": True, "hr": 70}, "`v` is true or false; this mapping is for 1"),
        ({"v": 1, "hr": 70}, "`t.u` is not there; this mapping is for 'F'"),
    ],
)
def test_what_a_mapping_expects_must_be_there(payload: object, words: str) -> None:
    codec = mapped({"heart_rate": "hr"}, expect={"t.u": "F", "v": 1})
    assert read(codec, {"t": {"u": "F"}, "v": 1, "hr": 70})
    assert words in refusal(codec, payload).detail


@pytest.mark.parametrize(
    ("sent", "payload", "levels", "device"),
    [
        ({"topic": 3}, {}, ["a", "b", "c"], "c"),
        ({"always": "kiosk"}, {}, None, "kiosk"),
        ("sn", {"sn": 4711}, None, "4711"),
        ({"path": "mac", "instead": "-"}, {"mac": "AA:BB 01"}, None, "AA-BB-01-551a8be7"),
        ({"path": "sn", "names": {"7": "mon-icu-07"}}, {"sn": 7}, None, "mon-icu-07"),
    ],
)
def test_the_device_id_comes_from_the_place_that_the_mapping_names(
    sent: object, payload: dict[str, object], levels: list[str] | None, device: str
) -> None:
    (reading,) = read(mapped({"heart_rate": "hr"}, device=sent), {"hr": 70, **payload}, levels)
    assert reading.device == device


@pytest.mark.parametrize(
    ("sent", "payload", "reason", "words"),
    [
        ({"topic": 9}, {}, RefusalReason.TOPIC, "the device's id at level 9 of the topic is ''"),
        ("sn", {"sn": "a/b\x00"}, RefusalReason.SCHEMA, r"the device's id at `sn` is 'a/b\\x00'"),
        ("sn", {"sn": None}, RefusalReason.SCHEMA, "the device's id is missing: `sn` is null"),
        ("sn", {"sn": True}, RefusalReason.SCHEMA, "`sn` is true or false"),
        ("hdr.sn", {}, RefusalReason.SCHEMA, "the device's id is missing: there is no `hdr`, only hr"),
    ],
)
def test_an_invalid_id_is_refused(sent: object, payload: dict[str, object], reason: RefusalReason, words: str) -> None:
    refused = refusal(mapped({"heart_rate": "hr"}, device=sent), {"hr": 70, **payload})
    assert refused.reason is reason
    assert words in refused.detail


@pytest.mark.parametrize(
    ("sent", "time", "at"),
    [
        (1764000000, {"format": "epoch_s"}, "2025-11-24T16:00:00Z"),
        (1764000000.25, {"format": "epoch_s"}, "2025-11-24T16:00:00.250Z"),
        ("1764000000123", {"format": "epoch_ms"}, "2025-11-24T16:00:00.123Z"),
        (1764000000123456, {"format": "epoch_us"}, "2025-11-24T16:00:00.123456Z"),
        (1764000000123456789, {"format": "epoch_ns"}, "2025-11-24T16:00:00.123456Z"),
        ("2025-11-24T17:00:00+01:00", {}, "2025-11-24T16:00:00Z"),
        ("2025-11-24T17:00:00.5", {"zone": "Europe/Berlin"}, "2025-11-24T16:00:00.500Z"),
        ("2025-11-24T16:00:00Z", {"zone": "Europe/Berlin"}, "2025-11-24T16:00:00Z"),
        ("24.11.2025 17:00:00", {"format": "%d.%m.%Y %H:%M:%S", "zone": "Europe/Berlin"}, "2025-11-24T16:00:00Z"),
        ("24.07.2025 18:00:00", {"format": "%d.%m.%Y %H:%M:%S", "zone": "Europe/Berlin"}, "2025-07-24T16:00:00Z"),
        ("11/24/25 11:00 AM -0500", {"format": "%m/%d/%y %I:%M %p %z"}, "2025-11-24T16:00:00Z"),
    ],
)
def test_a_time_is_read_in_the_vendors_format(sent: object, time: dict[str, str], at: str) -> None:
    (reading,) = read(mapped({"heart_rate": "hr"}, time={"path": "t", **time}), {"hr": 70, "t": sent})
    assert reading.at == parse_instant(at)


def test_a_day_and_a_time_apart_are_one_instant() -> None:
    time = {"path": "d", "then": "t", "format": "%Y%m%d %H%M%S", "zone": "UTC"}
    (reading,) = read(mapped({"heart_rate": "hr"}, time=time), {"hr": 70, "d": 20251124, "t": "160000"})
    assert reading.at == parse_instant("2025-11-24T16:00:00Z")


BERLIN = {"path": "t", "format": "%Y-%m-%d %H:%M", "zone": "Europe/Berlin"}


def test_in_the_repeated_hour_of_a_clock_change_the_time_of_arrival_is_used() -> None:
    codec = mapped({"heart_rate": "hr"}, time=BERLIN)
    assert read(codec, {"hr": 70, "t": "2025-10-26 02:30"})[0].at is None
    assert read(codec, {"hr": 70, "t": "2025-10-26 03:30"})[0].at == parse_instant("2025-10-26T02:30:00Z")
    assert "is skipped by the clocks of Europe/Berlin" in refusal(codec, {"hr": 70, "t": "2025-03-30 02:30"}).detail


@pytest.mark.parametrize(
    ("sent", "time"),
    [
        ("soon", {"format": "epoch_s"}),
        (-2, {"format": "epoch_s"}),
        (2**33, {"format": "epoch_s"}),
        (1764000000123, {"format": "epoch_s"}),
        (10**400, {"format": "epoch_ns"}),
        (True, {"format": "epoch_s"}),
        ("2025-11-24T16:00:00", {}),
        (1764000000, {}),
        ("2025-02-30T16:00:00", {"zone": "UTC"}),
        ("31.02.2025 10:00", {"format": "%d.%m.%Y %H:%M", "zone": "UTC"}),
        ("0001-01-01 00:00", {"format": "%Y-%m-%d %H:%M", "zone": "Asia/Tokyo"}),
    ],
)
def test_an_unreadable_time_is_refused(sent: object, time: dict[str, str]) -> None:
    codec = mapped({"heart_rate": "hr"}, time={"path": "t", **time})
    if str(sent).startswith("0001"):
        assert read(codec, {"hr": 70, "t": sent})[0].at is not None  # too old: the bridge does not use it
        return
    refused = refusal(codec, {"hr": 70, "t": sent})
    assert refused.reason is RefusalReason.TIME
    assert "the time at `t`" in refused.detail


def test_each_entry_of_a_list_is_a_reading_and_paths_may_begin_at_the_root() -> None:
    codec = mapped(
        {"heart_rate": "hr"},
        device="$.sn",
        each="samples",
        time={"path": "t", "format": "epoch_s"},
        seq="n",
        boot="$.b",
    )
    payload = {"sn": "m1", "b": "k1", "samples": [{"t": 1764000000 + i, "n": i, "hr": 70 + i} for i in range(3)]}
    readings = read(codec, payload)
    assert [(d.device, d.values["heart_rate"], d.boot, d.seq) for d in readings] == [
        ("m1", 70 + i, "k1", i) for i in range(3)
    ]
    assert readings[2].at == 1764000002 * SECOND
    assert read(codec, {"sn": "m1", "samples": []}) == []
    assert "there may be 500" in refusal(codec, {"sn": "m1", "samples": [{"hr": 1}] * 501}).detail
    assert "is a number, not a list" in refusal(codec, {"sn": "m1", "samples": 7}).detail
    assert "there is no `samples`" in refusal(codec, {"sn": "m1"}).detail


def test_a_missing_key_is_reported_with_the_keys_that_are_there_and_a_hint_at_the_root() -> None:
    codec = mapped({"heart_rate": "hr"}, each="s", device="unit.id")
    refused = refusal(codec, {"s": [{"hr": 70}]})
    assert refused.detail == "`s`, entry 0: the device's id is missing: there is no `unit`, only hr"
    refused = refusal(codec, {"unit": {"id": "m7"}, "s": [{"hr": 70}]})
    assert refused.detail.endswith("only hr; outside of the entries of `each` it is `$.unit.id`")
    codec = mapped({"heart_rate": "hr"}, each="s", device="$.unit.id")
    assert read(codec, {"unit": {"id": "m7"}, "s": [{"hr": 70}]})[0].device == "m7"


def test_an_id_with_invalid_characters_is_refused_with_a_hint() -> None:
    payload = {"hr": 70, "sn": "PX 0042/7"}
    assert (
        "`instead` under `device` makes an id of any name"
        in refusal(mapped({"heart_rate": "hr"}, device="sn"), payload).detail
    )
    (reading,) = read(mapped({"heart_rate": "hr"}, device={"path": "sn", "instead": "-"}), payload)
    assert reading.device.startswith("PX-0042-7-")


@pytest.mark.guarantee("Two names of a vendor are two devices, whatever characters an id cannot have.")
@pytest.mark.parametrize("pair", [("zig/7号房", "zig/7号床"), ("Bett 7", "Bett-7"), ("房", "床"), ("a" * 70, "a" * 71)])
def test_two_names_are_two_ids(pair: tuple[str, str]) -> None:
    codec = mapped({"heart_rate": "hr"}, device={"path": "sn", "instead": "-"})
    first, second = (read(codec, {"hr": 70, "sn": name})[0].device for name in pair)
    assert first != second
    assert is_id(first)
    assert is_id(second)


def test_a_topic_without_the_level_of_the_id_is_refused_also_with_a_prefix() -> None:
    for instead in ({}, {"instead": "-"}):
        codec = mapped({"heart_rate": "hr"}, device={"topic": 9, "prefix": "ng-", **instead})
        assert "at level 9 of the topic is ''" in refusal(codec, {"hr": 70}).detail


@given(st.lists(st.text(max_size=9), unique=True, min_size=2, max_size=9), st.sampled_from(["", "-", "_", "x"]))
def test_any_names_are_as_many_ids(names: list[str], instead: str) -> None:
    ids = {distinct_id(name, instead, "ng-") for name in names}
    assert len(ids) == len(names)
    assert all(map(is_id, ids))


def test_a_bad_entry_of_a_list_costs_no_other_entry() -> None:
    codec = mapped({"heart_rate": "hr"}, each="s", device="d", seq="n")
    good = [{"d": "m1", "hr": 70, "n": 1}, {"d": "m2", "hr": 71, "n": 1}]
    readings = read(codec, {"s": [good[0], {"d": "a/b", "hr": 72}, 7, {"hr": 73}, good[1]]})
    assert [(r.device, r.values, r.refused) for r in readings] == [
        ("m1", {"heart_rate": 70.0}, []), ("m2", {"heart_rate": 71.0}, []),
    ]  # fmt: skip
    details = [refused.detail for refused in codec.refused()]
    assert [detail.partition(":")[0] for detail in details] == ["`s`, entry 1", "`s`, entry 2", "`s`, entry 3"]
    assert codec.refused() == []


def test_a_bad_ward_or_number_costs_no_value() -> None:
    codec = mapped({"heart_rate": "hr"}, ward="w", seq="n", boot="b")
    (reading,) = read(codec, {"hr": 70, "w": "a/b", "n": "x", "b": 1})
    assert (reading.values, reading.ward, reading.boot, reading.seq) == ({"heart_rate": 70.0}, "", "", -1)
    assert ["ward" in part.detail or "number" in part.detail for part in reading.refused] == [True, True]


OPENICE: dict[str, Any] = {
    "device": "unique_device_identifier", "time": {"path": "time"}, "ignore": {"topic": ["SampleArray", "AlarmLimit"]},
    "metric": {"path": "metric_id", "value": "value", "ignore": ["MDC_ECG_*"]},
}  # fmt: skip
SHELLY: dict[str, Any] = {"metric": {"topic": 4, "ignore": ["input*", "cloud"]}, "absent": [999]}


def test_one_metric_a_message_with_its_name_in_the_payload() -> None:
    codec = mapped(
        {"spo2": "MDC_PULS_OXIM_SAT_O2", "temperature": {"path": "MDC_TEMP", "unit": "MDC_DIM_FAHR"}}, **OPENICE
    )
    message = {"unique_device_identifier": "u1", "time": "2025-11-24T16:00:00Z"}
    (reading,) = read(codec, {**message, "metric_id": "MDC_PULS_OXIM_SAT_O2", "value": 97})
    assert (reading.device, reading.values) == ("u1", {"spo2": 97.0})
    assert read(codec, {**message, "metric_id": "MDC_TEMP", "value": 98.6})[0].values == {"temperature": 37.0}
    assert read(codec, {**message, "metric_id": "MDC_ECG_HEART_RATE", "value": 70}) == []
    assert read(codec, {"topic": "SampleArray", "values": [1, 2]}) == []
    assert "the metric 'MDC_RESP' is none of `values`" in refusal(codec, {**message, "metric_id": "MDC_RESP"}).detail
    assert "the metric's name at `metric_id` is missing" in refusal(codec, message).detail
    assert "spo2 at `MDC_PULS_OXIM_SAT_O2` is 'n'" in (
        refusal(codec, {**message, "metric_id": "MDC_PULS_OXIM_SAT_O2", "value": "n"}).detail
    )


def test_one_metric_a_message_with_its_name_in_the_topic_and_nothing_but_its_value_as_payload() -> None:
    codec = mapped({"temperature": "temperature", "online": {"path": "relay", "words": {"on": 1, "off": 0}}}, **SHELLY)

    def sent(name: str, payload: bytes) -> list[dict[str, float]]:
        return [reading.values for reading in read(codec, payload, ["shellies", "ht-1", "sensor", name])]

    assert sent("temperature", b"21.4") == [{"temperature": 21.4}]
    assert sent("relay", b"on") == [{"online": 1.0}]
    assert sent("temperature", b"999") == [{}]
    assert sent("input0", b"{not json") == sent("cloud", b"\xff") == []
    for payload in (b"21,4", b"overtemperature", b"{", b"nan"):
        assert refusal(codec, payload, ["shellies", "ht-1", "sensor", "temperature"])
    assert refusal(codec, b"1", ["shellies", "ht-1"])


def test_a_value_that_means_no_reading_is_no_time_either() -> None:
    codec = mapped({"heart_rate": "hr"}, time={"path": "t", "format": "epoch_s"}, absent=[8388607])
    for absent in (8388607, -1, "", "N/A", None):
        (reading,) = read(codec, {"hr": 70, "t": absent})
        assert (reading.at, reading.values, reading.refused) == (None, {"heart_rate": 70.0}, [])


def test_a_unit_that_is_written_with_another_sign_is_the_expected_one() -> None:
    codec = mapped({"temperature": "t"}, expect={"u": "°C"})
    assert read(codec, {"t": 37, "u": "℃"})[0].values == {"temperature": 37.0}
    assert refusal(codec, {"t": 37, "u": "℉"})
    assert read(mapped({"temperature": {"path": "t", "unit": "℉"}}), {"t": 98.6})[0].values == {"temperature": 37.0}


def numbered(codec: Any, *numbers: object, at: int = 0) -> list[tuple[int, bool]]:
    found = []
    for i, number in enumerate(numbers):
        (reading,) = read(codec, {"hr": 70, "n": number, "t": 1764000000 + at + i})
        found.append((reading.lost, reading.repeat))
    return found


TIMED: dict[str, Any] = {"time": {"path": "t", "format": "epoch_s"}}


def test_numbers_that_wrap_show_missing_and_repeated_messages() -> None:
    codec = mapped({"heart_rate": "hr"}, seq={"path": "n", "wraps": 256}, **TIMED)
    assert numbered(codec, 250, 251, 255, 0, 3) == [(0, False), (0, False), (3, False), (0, False), (2, False)]
    assert numbered(codec, 3, at=4) == [(0, True)]
    # The same number with another time: the device has restarted, or its numbers have wrapped.
    assert numbered(codec, 3, at=9) == [(0, False)]


def test_numbers_without_a_range_that_fall_back_mean_a_restart() -> None:
    codec = mapped({"heart_rate": "hr"}, seq="n", **TIMED)
    assert numbered(codec, 1000, "1002", 0, 1, 10**9) == [(0, False), (1, False), (0, False), (0, False), (0, False)]


def test_each_device_has_its_own_numbers() -> None:
    codec = mapped({"heart_rate": "hr"}, seq="n")
    read(codec, {"hr": 70, "n": 1}, ["acme", "m1"])
    assert read(codec, {"hr": 70, "n": 5}, ["acme", "m2"])[0].lost == 0
    assert read(codec, {"hr": 70, "n": 5}, ["acme", "m1"])[0].lost == 3


def test_with_a_boot_id_the_reading_has_boot_and_seq() -> None:
    codec = mapped({"heart_rate": "hr"}, seq="n", boot="b")
    (first,) = read(codec, {"hr": 70, "n": 5, "b": "2025-11-24 16:00"})
    (other,) = read(codec, {"hr": 70, "n": 5, "b": 7})
    assert is_id(first.boot)
    assert (first.seq, other.boot) == (5, "7")
    assert read(codec, {"hr": 70, "b": 7})[0].boot == ""
    assert "no whole number from 0 up" in refusal(codec, {"hr": 70, "n": 1.5, "b": 7}).detail
    assert "is null" in refusal(codec, {"hr": 70, "n": 1, "b": None}).detail


def read_or_refused(codec: Any, payload: Any) -> list[DecodedReading]:
    """The readings; none where the payload is refused with a printable text."""
    detail = ""
    try:
        return read(codec, payload)
    except Refused as refused:
        detail = refused.detail
    assert detail.isprintable()
    return []


NAMES = st.sampled_from(["a", "b", "code", "HR", "t", "n", "s"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from([-1, "70", 70]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=4), inner, max_size=5),
    max_leaves=20,
)
PATHS = st.sampled_from(["a", "b", "a.b", "a[0]", "a[-1].b", "s[code=HR].t", "$.a", "t", "[0]", "n", '["a"].t'])
TIMES = st.sampled_from(
    [None, {"format": "epoch_ms"}, {"format": "epoch_ns"}, {}, {"zone": "Europe/Berlin"},
     {"format": "%d.%m.%Y %H:%M", "zone": "America/New_York"}]
)  # fmt: skip


@given(JSON, PATHS, PATHS, PATHS, PATHS, TIMES, st.booleans())
def test_any_json_is_read_or_refused(
    payload: Any, value: str, device: str, each: str, at: str, time: dict[str, str] | None, numbers: bool
) -> None:
    more: dict[str, Any] = {"device": device, "absent": [-1, "x"]}
    more |= {} if time is None else {"time": {"path": at, **time}}
    more |= {"seq": {"path": "n", "wraps": 256}} if numbers else {"each": each}
    codec = mapped({"temperature": {"path": value, "unit": "°F"}, "spo2": "b"}, **more)
    for reading in read_or_refused(codec, payload):
        assert is_id(reading.device)
        assert all(abs(x) < float("inf") for x in reading.values.values())


@given(st.binary(max_size=60))
def test_noise_is_read_or_refused(payload: bytes) -> None:
    read_or_refused(northgate(), payload)
