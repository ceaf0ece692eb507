"""The native payload: what is decoded, and what is refused with which reason."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.codecs.native import NativeCodec
from bridge.refusal import RefusalReason, Refused
from tests.bridge.refusals import refusal
from tests.kit.examples import examples

LEVELS = ["ward", "icu", "m7", "readings"]
FULL = {"v": 1, "boot": "k3f9", "seq": 1041, "at": "2026-11-21T15:00:00.250Z", "values": {"heart_rate": 72.0}}


def refused(payload: bytes, levels: list[str] = LEVELS) -> Refused:
    return refusal(NativeCodec(), levels, payload)


def test_a_complete_reading_is_decoded() -> None:
    (reading,) = NativeCodec().decode(LEVELS, json.dumps(FULL).encode())
    assert (reading.ward, reading.device, reading.boot, reading.seq) == ("icu", "m7", "k3f9", 1041)
    assert reading.at == 1_795_273_200_250_000
    assert reading.values == {"heart_rate": 72.0}


def test_only_the_version_and_the_values_are_required() -> None:
    (reading,) = NativeCodec().decode(LEVELS, b'{"v":1,"values":{"heart_rate":72}}')
    assert (reading.at, reading.boot, reading.seq, reading.values) == (None, "", -1, {"heart_rate": 72.0})


def test_an_offset_and_a_leap_second_are_times() -> None:
    for text in ("2026-11-21T16:00:00.25+01:00", "2026-11-21T15:00:00.25Z"):
        (reading,) = NativeCodec().decode(LEVELS, json.dumps({**FULL, "at": text}).encode())
        assert reading.at == 1_795_273_200_250_000
    (reading,) = NativeCodec().decode(LEVELS, json.dumps({**FULL, "at": "2016-12-31T23:59:60Z"}).encode())
    assert reading.at == 1_483_228_799_999_999


def test_an_unknown_key_is_ignored_and_marked() -> None:
    (reading,) = NativeCodec().decode(LEVELS, json.dumps({**FULL, "firmware": "2:1"}).encode())
    assert reading.extra
    assert reading.values == {"heart_rate": 72.0}


@pytest.mark.parametrize(
    ("payload", "reason", "words"),
    [
        (b'{"v":1,"values":{"heart_rate":NaN}}', RefusalReason.SCHEMA, "heart_rate is not finite"),
        (b'{"v":1,"values":{"heart_rate":-Infinity}}', RefusalReason.SCHEMA, "heart_rate is not finite"),
        (b'{"v":1,"values":{"heart_rate":1e999}}', RefusalReason.SCHEMA, "heart_rate is not finite"),
        (
            b'{"v":1,"values":{"heart_rate":180,"heart_rate":80}}',
            RefusalReason.SCHEMA,
            "heart_rate is two values, not a number",
        ),
        (b'{"v":1,"v":1,"values":{"heart_rate":80}}', RefusalReason.VERSION, "version two values is not supported"),
        (
            b'{"v":1,"values":{"heart_rate":180},"values":{"heart_rate":80}}',
            RefusalReason.SCHEMA,
            "`values` must be an object",
        ),
        (b'{"v":1,"values":{"heart_rate":true}}', RefusalReason.SCHEMA, "heart_rate is true or false, not a number"),
        (b'{"v":1,"values":{"heart_rate":"72"}}', RefusalReason.SCHEMA, "heart_rate is text, not a number"),
        (b'{"v":1,"values":{"heart_rate":null}}', RefusalReason.SCHEMA, "heart_rate is null, not a number"),
        (b'{"v":1,"values":[72]}', RefusalReason.SCHEMA, "`values` must be an object"),
        (b'{"v":1}', RefusalReason.SCHEMA, "`values` must be an object"),
        (b'{"v":2,"values":{}}', RefusalReason.VERSION, "version 2 is not supported"),
        (b'{"v":true,"values":{}}', RefusalReason.VERSION, "version true is not supported"),
        (b'{"values":{}}', RefusalReason.VERSION, "version null is not supported"),
        (b"[]", RefusalReason.SCHEMA, "a reading is a JSON object"),
        (b"\xff\xfe", RefusalReason.SYNTAX, "not JSON"),
        (b"{" * 50_000, RefusalReason.SYNTAX, "not JSON"),
        (b"[" * 60_000, RefusalReason.SYNTAX, "nested too deeply"),
        (b'{"v":1,"values":{"heart_rate":' + b"9" * 5000 + b"}}", RefusalReason.SCHEMA, "heart_rate is not finite"),
        (b'{"v":1,"values":{"heart_rate":' + b"9" * 400 + b"}}", RefusalReason.SCHEMA, "too large"),
        (b'{"v":1,"at":"2026-11-21T15:00:00","values":{}}', RefusalReason.TIME, "RFC 3339"),
        (b'{"v":1,"at":"2026-02-30T15:00:00Z","values":{}}', RefusalReason.TIME, "day is out of range"),
        (b'{"v":1,"at":1700000000,"values":{}}', RefusalReason.TIME, "`at` must be text"),
        (b'{"v":1,"seq":4,"values":{}}', RefusalReason.SCHEMA, "`boot` must be an id"),
        (b'{"v":1,"boot":"a","values":{}}', RefusalReason.SCHEMA, "`seq` must be a whole number"),
        (b'{"v":1,"boot":"a","seq":true,"values":{}}', RefusalReason.SCHEMA, "`seq` must be a whole number"),
        (b'{"v":1,"boot":"<b>","seq":1,"values":{}}', RefusalReason.SCHEMA, "`boot` must be an id"),
    ],
)
def test_an_invalid_payload_is_refused_with_a_reason(payload: bytes, reason: RefusalReason, words: str) -> None:
    error = refused(payload)
    assert error.reason is reason
    assert words in error.detail


def test_a_refusal_has_the_number_of_the_reading_where_it_could_be_read() -> None:
    error = refused(b'{"v":1,"boot":"k3f9","seq":7,"values":"x"}')
    assert (error.boot, error.seq) == ("k3f9", 7)


@pytest.mark.parametrize(
    "levels",
    [["ward", "icu", "readings"], ["ward", "icu", "m7", "x", "readings"], ["ward", "", "m7", "readings"],
     ["ward", "icu", "<script>", "readings"], ["ward", "icu", "..", "readings"], ["ward", "icu", "a" * 65, "readings"]],
)  # fmt: skip
def test_a_topic_without_a_device_is_refused(levels: list[str]) -> None:
    assert refused(b'{"v":1,"values":{"heart_rate":72}}', levels).reason is RefusalReason.TOPIC


@pytest.mark.parametrize("bad", ["nan", "NaN", "-inf", "null", '"21,4"', "N/A", "--", "21.4C", "True", "[1]", "1e999"])
def test_a_bad_value_costs_no_other_value_of_the_reading(bad: str) -> None:
    payload = (
        '{"v":1,"boot":"k","seq":7,"at":"2026-11-21T15:00:00Z","values":{"heart_rate":77,"temperature":%s,"spo2":97}}'
    )
    (reading,) = NativeCodec().decode(LEVELS, (payload % bad).encode())
    assert (reading.values, reading.boot, reading.seq) == ({"heart_rate": 77.0, "spo2": 97.0}, "k", 7)
    assert [part.detail.split()[0] for part in reading.refused] == ["temperature"]


@pytest.mark.parametrize("key", ["at", "boot", "seq", "at,boot,seq"])
@pytest.mark.parametrize("bad", ["<b>", -7, True, [], {}, "2026-02-30T15:00:00Z"])
def test_a_bad_time_or_number_costs_no_value(key: str, bad: object) -> None:
    (reading,) = NativeCodec().decode(LEVELS, json.dumps({**FULL, **dict.fromkeys(key.split(","), bad)}).encode())
    assert reading.values == {"heart_rate": 72.0}
    assert (reading.at is None) == ("at" in key)
    assert (reading.seq == -1) == (key != "at")
    assert 1 <= len(reading.refused) <= 2


@pytest.mark.parametrize(
    "placeholder", ["", " ", "N/A", "n/a", "null", "unknown", -1, None, "0000-00-00T00:00:00Z", "-"]
)
def test_a_placeholder_in_the_place_of_the_time_is_no_time(placeholder: object) -> None:
    (reading,) = NativeCodec().decode(LEVELS, json.dumps({**FULL, "at": placeholder}).encode())
    assert (reading.at, reading.values, reading.refused) == (None, {"heart_rate": 72.0}, [])


def test_text_that_is_not_utf_8_and_raw_control_characters_cost_no_value() -> None:
    (reading,) = NativeCodec().decode(
        LEVELS, b'{"v":1,"name":"M\xfcller\t\x01","values":{"heart_rate":72,"w\xe4rme":1}}'
    )
    assert reading.values["heart_rate"] == 72.0


names = st.sampled_from(["heart_rate", "spo2", "v", "at", "boot", "values", "x:y", "a"])
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
junk = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4))


@settings(max_examples=examples(100, 600), deadline=None)
@given(
    st.dictionaries(st.sampled_from(["v", "values", "at", "boot", "seq", "zz"]), junk),
    st.sampled_from([1, 2, True, None]),
)
def test_any_json_is_decoded_or_refused(found: dict[str, object], version: object) -> None:
    payload = json.dumps({**found, "v": version}).encode()
    try:
        readings = NativeCodec().decode(LEVELS, payload)
    except Refused:
        return
    assert all(type(value) is float and value - value == 0 for value in readings[0].values.values())


@settings(max_examples=examples(100, 600), deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(payload: bytes) -> None:
    try:
        text = str(NativeCodec().decode(LEVELS, payload)[0].values.keys())
    except Refused as error:
        text = error.detail
    assert text.isprintable()


@settings(max_examples=examples(66, 400), deadline=None)
@given(
    st.dictionaries(st.sampled_from(["heart_rate", "spo2", "a", "b"]), st.floats(-1e6, 1e6)), st.integers(0, 2**53 - 1)
)
def test_the_fast_and_the_strict_decoder_agree(values: dict[str, float], seq: int) -> None:
    whole = {"v": 1, "boot": "k", "seq": seq, "at": "2026-11-21T15:00:00.250Z", "values": values}
    fast = NativeCodec().decode(LEVELS, json.dumps(whole).encode())
    strict = NativeCodec().decode(LEVELS, json.dumps({**whole, "unknown": 1}).encode())
    strict[0].extra = False
    assert fast == strict
