"""Acknowledged means durable; every message ends in exactly one place; a bad message harms no other."""

import json
from collections.abc import Sequence

import pytest

from bridge.codecs import Codec
from bridge.decoded_reading import DecodedReading
from bridge.device_acks import EVERY
from simulators.device_client.memory_connection import MemoryDeviceConnection
from tests.kit.intake_harness import IntakeHarness
from tests.kit.log_records import log_keys
from ward.adapters.memory.log import MemoryLog
from ward.clock import parse_instant
from ward.config.codec_rule import CodecRule
from ward.config.config import Config
from ward.errors import LogUnavailable
from ward.inventory import Assignment, Device, Inventory
from ward.ports import Receipt
from ward.reading import Flag, Reading
from ward.signals import Catalogue, Signal
from ward.topics import READINGS, DeviceTopics

HEART_RATE = Signal(
    name="heart_rate", label="Heart rate", unit="/min", display="/min", low=10, high=300, measurement="vitals"
)
ONLINE = Signal(name="online", label="Online", unit="1", display="")
CONFIG = Config(
    "test",
    Catalogue({"heart_rate": HEART_RATE, "online": ONLINE}),
    Inventory(devices=[Device(id="m9", device_kind="bedside_monitor", assignments=(Assignment(ward="hdu"),))]),
    codecs=(
        CodecRule("ward/+/+/readings", "native"),
        CodecRule("ward/+/+/status", "status"),
        CodecRule("loggers/+", "humidity_logger"),
    ),
)
TOPIC = "ward/icu/m7/readings"


class SlowLog(MemoryLog):
    """A log whose records become durable when the test allows it."""

    def __init__(self) -> None:
        super().__init__()
        self.durable = True
        self.given_up = False

    def send(self, topic: str, records: object) -> Receipt:  # type: ignore[override]
        super().send(topic, records)  # type: ignore[arg-type]
        return self

    def acked(self, wait: float) -> bool:
        if self.given_up:
            raise LogUnavailable("the log has given a record up")
        return self.durable


class NativeIntake(IntakeHarness):
    """An intake with one device that listens for acknowledgements."""

    def __init__(self, log: MemoryLog | None = None) -> None:
        super().__init__(CONFIG, log)
        self.device = MemoryDeviceConnection(self.broker, DeviceTopics("ward", "icu", "m7"))
        self.device.connect()
        self.step()
        self.device.receive()

    def send(self, *seqs: int, boot: str = "k", topic: str = TOPIC, **more: object) -> None:
        """One message of a device for each sequence number, then `step`."""
        for seq in seqs:
            whole = {"v": 1, "boot": boot, "seq": seq, "values": {"heart_rate": 70 + seq}, **more}
            self.broker.deliver(topic, json.dumps(whole).encode())
        self.step()

    def acks(self) -> list[int]:
        """The acknowledgements of the device, also those that wait."""
        self.clock.advance(EVERY)
        self.step()
        return [json.loads(payload)["seq"] for _, payload in self.device.receive()]

    def readings(self) -> list[Reading]:
        """All readings but those of a device's status."""
        return [reading for reading in super().readings() if not reading.flags & Flag.STATUS]


def test_nothing_is_acknowledged_before_it_is_durable() -> None:
    log = SlowLog()
    bridge = NativeIntake(log)
    log.durable = False
    bridge.send(1, 2)
    assert bridge.acks() == []
    bridge.broker.reconnect()
    log.durable = True
    bridge.step()
    assert bridge.acks() == [2, 2]
    assert bridge.number("bridge_readings_duplicate_total") == 2


def test_a_log_that_gives_up_a_record_ends_the_intake_and_the_next_intake_receives_it_again() -> None:
    log = SlowLog()
    bridge = NativeIntake(log)
    log.given_up = True
    with pytest.raises(LogUnavailable):
        bridge.send(1)
    assert bridge.device.receive() == []
    log.given_up = False
    bridge.broker.reconnect()
    bridge.start()
    bridge.step()
    assert bridge.acks() == [1]


def test_while_the_log_does_not_answer_nothing_more_is_received() -> None:
    log = SlowLog()
    bridge = NativeIntake(log)
    log.durable = False
    bridge.send(1)
    bridge.send(2, 3)
    assert [r.seq for r in bridge.readings()] == [1]
    log.durable = True
    bridge.step()
    assert [r.seq for r in bridge.readings()] == [1, 2, 3]


def test_an_acknowledgement_of_an_earlier_connection_is_never_sent() -> None:
    log = SlowLog()
    bridge = NativeIntake(log)
    log.durable = False
    bridge.send(1)
    bridge.broker.reconnect()
    log.durable = True
    assert bridge.intake.step(0) == 1
    assert len(bridge.broker.receive(10, 0)) == 1


def test_readings_of_a_device_keep_their_order_in_the_log_because_they_are_keyed_by_it() -> None:
    bridge = NativeIntake()
    bridge.send(1)
    bridge.send(1, topic="ward/icu/m8/readings")
    bridge.send(1, topic="ward/hdu/m9/readings")
    assert set(log_keys(bridge.log, READINGS)) == {"m7", "m8", "m9"}


def test_a_repeat_is_removed_and_acknowledged_again() -> None:
    bridge = NativeIntake()
    bridge.send(1, 2)
    bridge.acks()
    bridge.send(1, 2)
    assert bridge.acks() == [2]
    assert [r.seq for r in bridge.readings()] == [1, 2]
    bridge.send(3)
    assert bridge.readings()[-1].duplicates == 2


def test_a_restarted_bridge_knows_what_was_received_before() -> None:
    bridge = NativeIntake()
    bridge.send(1, 2, 3)
    bridge.start()
    bridge.send(2, 3, 4)
    assert [r.seq for r in bridge.readings()] == [1, 2, 3, 4]
    assert bridge.acks()[-1] == 4


def test_a_gap_is_reported_with_the_next_reading_once_patience_is_over() -> None:
    bridge = NativeIntake()
    bridge.send(1, 2, 6)
    assert bridge.acks() == [2]
    bridge.clock.advance(31)
    bridge.send(7)
    bridge.send(8)
    assert [r.lost for r in bridge.readings()] == [0, 0, 0, 3, 0]
    assert bridge.number("bridge_readings_lost_total") == 3
    assert bridge.acks() == [7, 8]


def test_a_device_without_boot_and_seq_is_served_at_plain_qos_1() -> None:
    bridge = NativeIntake()
    bridge.broker.deliver(TOPIC, b'{"v":1,"values":{"heart_rate":72}}')
    bridge.step()
    (reading,) = bridge.readings()
    assert (reading.received_at, reading.flags, reading.boot) == (bridge.clock.now(), Flag.UNTIMED, "")
    assert reading.at == bridge.clock.now() + 1, "the status has the instant before it"
    assert bridge.acks() == []
    bridge.broker.reconnect()
    assert bridge.broker.receive(10, 0) == []


def test_a_refused_message_is_quarantined_whole_and_other_messages_are_not_affected() -> None:
    bridge = NativeIntake()
    bridge.broker.deliver(TOPIC, b'{"v":1,"values":{"heart_rate":NaN}}')
    bridge.broker.deliver("ward/icu/<script>/readings", b"{}")
    bridge.broker.deliver("other/x", b"{}")
    bridge.send(1)
    assert [r.seq for r in bridge.readings()] == [1]
    quarantined = bridge.quarantine()
    assert [(q.reason, q.payload[:2]) for q in quarantined] == [("schema", b'{"'), ("topic", b"{}"), ("topic", b"{}")]
    bridge.broker.reconnect()
    assert bridge.broker.receive(10, 0) == []


def test_a_refused_reading_is_acknowledged_by_its_number() -> None:
    bridge = NativeIntake()
    bridge.send(1)
    bridge.broker.deliver(TOPIC, b'{"v":1,"boot":"k","seq":2,"values":{"heart_rate":"x"}}')
    bridge.send(3)
    assert bridge.acks()[-1] == 3
    assert len(bridge.quarantine()) == 1


@pytest.mark.parametrize("payload", [b"", b'{"v":1,"values":{"heart_rate":72}}' + b" " * (64 * 1024)])
def test_an_empty_and_a_huge_payload_are_refused_by_size(payload: bytes) -> None:
    bridge = NativeIntake()
    bridge.broker.deliver(TOPIC, payload)
    bridge.step()
    assert [q.reason for q in bridge.quarantine()] == ["size"]


def test_a_payload_of_64_kib_is_read_and_one_byte_more_is_refused() -> None:
    bridge = NativeIntake()
    payload = b'{"v":1,"values":{"heart_rate":72}}'.ljust(64 * 1024)
    bridge.broker.deliver(TOPIC, payload)
    bridge.broker.deliver(TOPIC, payload + b" ")
    bridge.step()
    assert len(bridge.readings()) == 1
    assert [(q.reason, len(q.payload)) for q in bridge.quarantine()] == [("size", 64 * 1024 + 1)]


def test_a_retained_reading_is_accepted_only_with_a_time_of_its_own() -> None:
    bridge = NativeIntake()
    bridge.broker.deliver(TOPIC, b'{"v":1,"values":{"heart_rate":72}}', retained=True)
    bridge.broker.deliver(TOPIC, b'{"v":1,"at":"2025-11-24T15:59:00Z","values":{"heart_rate":72}}', retained=True)
    bridge.step()
    assert [q.reason for q in bridge.quarantine()] == ["retained"]
    assert [r.flags & Flag.RETAINED for r in bridge.readings()] == [Flag.RETAINED]


def test_an_implausible_value_is_stored_apart_and_an_unknown_signal_is_counted_by_name() -> None:
    bridge = NativeIntake()
    bridge.broker.deliver(TOPIC, b'{"v":1,"values":{"heart_rate":999,"lactate":1.5}}')
    bridge.step()
    (reading,) = bridge.readings()
    assert (reading.values, reading.implausible) == ({"lactate": 1.5}, {"heart_rate": 999.0})
    assert bridge.number('bridge_values_of_unknown_signals_total{signal="lactate"}') == 1


def test_a_gap_before_a_refused_reading_is_reported_with_the_next_reading() -> None:
    bridge = NativeIntake()
    bridge.send(1, 3)
    bridge.clock.advance(31)
    bridge.send(4, values={"heart_rate": "x"})
    bridge.send(5)
    assert [(r.seq, r.lost) for r in bridge.readings() if r.device == "m7"] == [(1, 0), (3, 0), (5, 1)]
    assert bridge.number("bridge_readings_lost_total") == 1
    assert bridge.acks()[-1] == 5


def test_a_device_that_publishes_for_another_ward_is_flagged() -> None:
    bridge = NativeIntake()
    bridge.send(1, topic="ward/icu/m9/readings")
    assert bridge.readings()[0].flags & Flag.WRONG_WARD


def test_two_devices_with_one_id_in_two_wards_are_flagged_and_a_device_that_is_moved_once_only() -> None:
    bridge = NativeIntake()
    for seq, ward in enumerate(("icu", "icu", "hdu", "hdu", "icu", "hdu")):
        bridge.send(seq, topic=f"ward/{ward}/m7/readings")
    changed = [bool(reading.flags & Flag.SOURCE_CHANGED) for reading in bridge.readings()]
    assert changed == [False, False, True, False, True, True]


def test_a_reboot_is_flagged_once_and_earlier_numbers_no_longer_count() -> None:
    bridge = NativeIntake()
    bridge.send(7, 8)
    bridge.send(1, 2, boot="j")
    assert [bool(r.flags & Flag.REBOOTED) for r in bridge.readings()] == [False, False, True, False]
    assert bridge.acks() == [8, 2]


@pytest.mark.guarantee("Every message is stored, in quarantine or refused, and the counters add up.")
def test_the_counters_balance() -> None:
    bridge = NativeIntake()
    bridge.send(1, 2, 2, 3, 9)
    for bad in (b"", b"{", b'{"v":9}'):
        bridge.broker.deliver(TOPIC, bad)
    bridge.clock.advance(60)
    bridge.send(10)
    numbers = bridge.metrics.samples()
    refused = sum(v for k, v in numbers.items() if k.startswith("wardwatch_messages_quarantined_total"))
    ends = (
        numbers["wardwatch_bridge_readings_accepted_total"]
        + numbers["wardwatch_bridge_readings_duplicate_total"]
        + refused
    )
    assert numbers["wardwatch_bridge_readings_received_total"] == ends == 10


HOSTILE = [
    "a\r\nb",
    ",x=1",
    '") |> drop',
    "..",
    "\u202e",
    " ",
    "a b",
    "ä",
    "x" * 200,
    "$SYS",
    "-a",
    "a\x00",
    "<script>",
]
NO_DEVICE = ["ward//m7/readings", "ward/icu/m7/readings/x", "ward/icu/m7", "/ward/icu/m7/readings"]


@pytest.mark.parametrize(
    "topic",
    [*(f"ward/icu/{text}/readings" for text in HOSTILE), *NO_DEVICE],
)
def test_a_hostile_topic_is_quarantined_in_printable_text(topic: str) -> None:
    bridge = NativeIntake()
    bridge.broker.deliver(topic, b'{"v":1,"values":{"heart_rate":72}}')
    bridge.step()
    (quarantined,) = bridge.quarantine()
    assert quarantined.reason == "topic"
    assert (quarantined.topic + quarantined.detail + quarantined.device).isprintable()
    assert not bridge.readings()


def test_a_reading_a_year_ahead_is_stored_and_flagged_with_the_bridges_time() -> None:
    bridge = NativeIntake()
    bridge.send(1, at="2027-11-24T16:00:00Z")
    (reading,) = bridge.readings()
    assert reading.flags & Flag.CLOCK_AHEAD
    assert reading.at == bridge.clock.now() + 1, "the status has the instant before it"
    assert reading.device_time == parse_instant("2027-11-24T16:00:00Z")
    assert bridge.number('bridge_readings_flagged_total{flag="clock_ahead"}') == 1


def test_a_codec_that_fails_affects_its_own_message_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: Codec, levels: Sequence[str], payload: bytes) -> list[DecodedReading]:
        raise ZeroDivisionError

    monkeypatch.setattr(Codec.registry["humidity_logger"], "decode", fails)
    bridge = NativeIntake()
    bridge.broker.deliver("loggers/0-ZZZ12345678-08K", b"whatever")
    bridge.send(1)
    assert [r.seq for r in bridge.readings()] == [1]
    (quarantined,) = bridge.quarantine()
    assert (quarantined.topic, quarantined.payload, quarantined.reason) == (
        "loggers/0-ZZZ12345678-08K",
        b"whatever",
        "codec",
    )
    assert "humidity_logger failed: ZeroDivisionError" in quarantined.detail
    assert bridge.acks() == [1]
