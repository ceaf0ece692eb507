"""The imaging loggers' messages, and device status."""

import json

import pytest

from bridge.codec_routing import CodecRouting
from bridge.codecs.humidity_logger import HumidityLoggerCodec, imaging_device
from bridge.codecs.native import NativeCodec
from bridge.codecs.status import StatusCodec
from bridge.refusal import RefusalReason, Refused
from tests.bridge.refusals import refusal
from ward.config.codec_rule import CodecRule

FIRST = b"""{"guid": "0-ZZZ12345678-08K", "destination": "0-AAA12345678", "medicalImagingdevice": "MRI 12",
 "eventTime": "2022-08-16T13:26:39.447974Z",
 "payload": {"format": "urn:example:sensor:humidity", "data": {"humidity": 71.7}}}"""
SECOND = b"""{"guid": "0-ZZZ12345678-02X", "destination": "0-AAA12345678", "medicalimagingdevice": "PETCT10",
 "eventTime": "2022-07-30T11:45:09.235754Z",
 "payload": {"format": "urn:example:sensor:humidity", "data": {"humidity": 58.2}}}"""


@pytest.mark.parametrize(
    ("payload", "guid", "device", "humidity"),
    [(FIRST, "0-ZZZ12345678-08K", "MRI-12", 71.7), (SECOND, "0-ZZZ12345678-02X", "PETCT-10", 58.2)],
)
def test_both_spellings_of_the_loggers_message_are_decoded(
    payload: bytes, guid: str, device: str, humidity: float
) -> None:
    (reading,) = HumidityLoggerCodec().decode(["loggers", guid], payload)
    assert (reading.device, reading.attached, reading.device_kind) == (guid, device, "humidity_logger")
    assert reading.values == {"humidity": humidity}
    assert reading.at is not None


@pytest.mark.parametrize(
    ("name", "device"),
    [
        ("MRI 12", "MRI-12"),
        ("MRI12", "MRI-12"),
        ("PET-CT 3", "PETCT-3"),
        ("PETCT10", "PETCT-10"),
        ("linac 007", "LINAC-7"),
    ],
)
def test_an_imaging_device_has_one_name_however_it_is_spelt(name: str, device: str) -> None:
    assert imaging_device(name) == device


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"guid": "0-OTHER"}, "but the topic says"),
        ({"medicalImagingdevice": "<b>"}, "is not an imaging device"),
        ({"medicalImagingdevice": 12}, "as text"),
        ({"medicalimagingdevice": "MRI 1"}, "given once"),
        ({"payload": {"data": {}}}, "`payload.data`"),
        ({"payload": "x"}, "`payload.data`"),
        ({"payload": {"data": {"humidity": "wet"}}}, "humidity is text"),
        ({"eventTime": "yesterday"}, "`eventTime` is 'yesterday'"),
    ],
)
def test_a_malformed_logger_message_is_refused_with_a_reason(change: dict[str, object], words: str) -> None:
    payload = json.dumps({**json.loads(FIRST), **change}).encode()
    assert words in refusal(HumidityLoggerCodec(), ["loggers", "0-ZZZ12345678-08K"], payload).detail


@pytest.mark.parametrize(
    "change", [{"medicalImagingdevice": "<b>"}, {"eventTime": "yesterday"}, {"eventTime": "N/A"}, {"eventTime": -1}]
)
def test_a_logger_without_a_readable_time_or_imaging_device_keeps_its_values(change: dict[str, object]) -> None:
    payload = json.dumps({**json.loads(FIRST), **change}).encode()
    (reading,) = HumidityLoggerCodec().decode(["loggers", "0-ZZZ12345678-08K"], payload)
    assert reading.values == {"humidity": 71.7}


def test_a_bad_value_of_a_logger_costs_no_other() -> None:
    payload = FIRST.replace(b'"humidity": 71.7', b'"humidity": 71.7, "temperature": nan, "dew": "21,4"')
    (reading,) = HumidityLoggerCodec().decode(["loggers", "0-ZZZ12345678-08K"], payload)
    assert reading.values == {"humidity": 71.7}
    assert [part.detail.split()[0] for part in reading.refused] == ["temperature", "dew"]


def test_a_status_is_a_value_of_online() -> None:
    for payload, value in ((b"online", 1.0), (b"offline", 0.0), (b" Online\n", 1.0)):
        (reading,) = StatusCodec().decode(["ward", "icu", "m7", "status"], payload)
        assert reading.values == {"online": value}
        assert reading.status


def test_an_invalid_status_is_refused_without_its_control_characters() -> None:
    with pytest.raises(Refused) as caught:
        StatusCodec().decode(["ward", "icu", "m7", "status"], b"\x1b[2J<script>")
    assert caught.value.reason is RefusalReason.SCHEMA
    assert caught.value.detail.isprintable()


def test_what_is_on_a_topic_that_is_not_ours_is_ignored() -> None:
    routing = CodecRouting([CodecRule("shellies/+/announce", "ignore"), CodecRule("shellies/#", "status")])
    codec, levels = routing.codec("shellies/x/announce")
    assert codec.decode(levels, b"\x00{") == []


def test_of_two_filters_that_match_the_first_one_decides() -> None:
    narrow, wide = CodecRule("ward/icu/+/readings", "status"), CodecRule("ward/+/+/readings", "native")
    assert isinstance(CodecRouting([narrow, wide]).codec("ward/icu/m1/readings")[0], StatusCodec)
    assert isinstance(CodecRouting([wide, narrow]).codec("ward/icu/m1/readings")[0], NativeCodec)
