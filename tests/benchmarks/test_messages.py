"""What the benchmarks send is what devices send."""

from itertools import islice

from benchmarks.messages import packets, payload, records, values
from benchmarks.ward_config import VITALS, full_config
from bridge.codecs.native import NativeCodec
from ward.clock import SECOND
from ward.reading import Reading
from ward.wire import READING_WIRE

NOW = 1_764_000_000 * SECOND


def test_a_payload_is_read_by_the_codec() -> None:
    row = next(values(1))[0]
    (draft,) = NativeCodec({}).decode(["ward", "icu", "dev-0", "readings"], payload("k3f9", 7, NOW, row))
    assert (draft.device, draft.boot, draft.seq, draft.at, draft.values) == ("dev-0", "k3f9", 7, NOW, row)
    assert list(row) == list(VITALS)


def test_a_packet_is_a_publish_at_qos_1_with_its_length_topic_and_number() -> None:
    for number, packet in enumerate(packets(3, 2, NOW)):
        assert packet[0] == 0x32
        length = (packet[1] & 127) + (packet[2] << 7)  # all of them are longer than 127 and shorter than 16,384
        assert len(packet) == 3 + length
        topic = packet[5 : 5 + int.from_bytes(packet[3:5])].decode()
        assert topic == f"ward/icu/dev-{number % 3}/readings"
        assert int.from_bytes(packet[5 + len(topic) :][:2]) == number + 1


def test_records_are_readings_in_rounds_that_repeat_with_their_seed() -> None:
    found = [READING_WIRE.decode(record) for record in records(2, 3)]
    assert [(reading.device, reading.seq) for reading in found] == [(f"dev-{d}", i) for i in range(3) for d in range(2)]
    assert all(isinstance(reading, Reading) for reading in found)
    assert records(2, 3) == records(2, 3) != records(2, 3, seed=2)


def test_each_signal_is_watched_by_limits_rolling_and_cusum() -> None:
    rules = full_config(3).rules
    assert {(rule.detector, rule.signals[0]) for rule in rules} == {
        (detector, signal) for detector in ("limits", "rolling", "cusum") for signal in VITALS
    }
    assert len(list(islice(rules, 100))) == 24
