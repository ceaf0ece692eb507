"""Samples of refused messages: few, short and escaped, and none of themselves."""

from bridge.store_points.quarantine_samples import REFUSED_BY_STORE, sample_points
from ward.adapters.influx.line_protocol import LineProtocol
from ward.clock import SECOND, Micros
from ward.wire import QuarantinedMessage

T: Micros = 1_764_000_000 * SECOND


def record(
    payload: bytes = b"{}", topic: str = "ward/icu/m1/readings", at: Micros = T, **more: str
) -> QuarantinedMessage:
    return QuarantinedMessage(
        topic=topic, payload=payload, reason=more.get("reason", "json"), detail=more.get("detail", "not JSON"), at=at,
        stage="intake", device=more.get("device", "m1"), ward=more.get("ward", "icu"),
    )  # fmt: skip


def test_a_sample_has_its_topic_and_its_reason() -> None:
    (point,) = sample_points(record(b'{"v": 1, "values": NaN}'))
    assert point.series.tags == (("reason", "json"), ("stage", "intake"))
    assert point.fields == {
        "topic": "ward/icu/m1/readings", "detail": "not JSON", "payload": '{"v": 1, "values": NaN}', "bytes": 23.0,
        "device": "m1", "ward": "icu",
    }  # fmt: skip


def test_foreign_text_is_escaped_and_cut_for_the_store() -> None:
    hostile = record(
        b"\x00\xff\n\r<script>" * 5000, topic="ward/\u202e\x00/x", reason="a\\b\n=,", detail="\x1b[31m", device="a b"
    )
    (point,) = sample_points(hostile)
    assert all(str(value).isprintable() for value in point.fields.values())
    assert len(str(point.fields["payload"])) <= 402
    assert point.fields["bytes"] == 60_000
    assert point.fields["device"] == ""
    assert LineProtocol().of([point])


def test_many_messages_make_one_sample_a_second() -> None:
    points = {point[:2] for n in range(1000) for point in sample_points(record(at=T + n * SECOND // 500))}
    assert len(points) == 2


def test_a_refused_sample_makes_no_sample() -> None:
    assert not list(sample_points(record(topic=REFUSED_BY_STORE, reason="store")))
