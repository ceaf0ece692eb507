"""Acknowledged means durable; every message ends in exactly one place; a bad message harms no other."""

import json
from collections.abc import Sequence

import pytest

from bridge.codecs import Codec
from bridge.decoded_reading import DecodedReading
from bridge.intake import Intake
from simulators.device_client.memory_connection import MemoryDeviceConnection
from tests.kit.log_records import log_keys, log_messages
from ward.adapters.memory.broker import MemoryBroker
from ward.adapters.memory.log import MemoryLog
from ward.clock import ManualClock, parse_instant
from ward.config.codec_rule import CodecRule
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.errors import LogUnavailable
from ward.inventory import Assignment, Device, Inventory
from ward.metrics import Metrics
from ward.ports import Receipt
from ward.reading import Flag, Reading
from ward.signals import Catalogue, Signal
from ward.topics import QUARANTINE, READINGS, DeviceTopics
from ward.wire import QUARANTINED_WIRE, READING_WIRE, QuarantinedMessage

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
        CodecRule("loggers/+", "imaging"),
    ),
)
TOPIC = "ward/icu/m7/readings"


class SlowLog(MemoryLog):
    """A log whose records become durable when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.durable = True
        self.given_up = False

    def send(self, topic: str, records: object) -> Receipt:  # type: ignore[override]
        super().send(topic, records)  # type: ignore[arg-type]
        return self

    def settled(self, wait: float) -> bool:
        if self.given_up:
            raise LogUnavailable("the log has given a record up")
        return self.durable


class Ward:
    """An intake between a broker and a log, with one device listening for acknowledgements."""

    def __init__(self, log: MemoryLog | None = None) -> None:
        self.clock, self.metrics, self.broker = ManualClock(), Metrics(), MemoryBroker()
        self.log = log or MemoryLog()
        self.link = MemoryDeviceConnection(self.broker, DeviceTopics("ward", "icu", "m7"))
        self.link.connect()
        self.intake = self.start()
        self.step()
        self.link.receive()

    def start(self) -> Intake:
        self.intake = Intake(self.broker, self.log, FixedConfig(CONFIG), self.clock, self.metrics)
        return self.intake

    def send(self, *seqs: int, boot: str = "k", topic: str = TOPIC, **more: object) -> None:
        for seq in seqs:
            whole = {"v": 1, "boot": boot, "seq": seq, "values": {"heart_rate": 70 + seq}, **more}
            self.broker.deliver(topic, json.dumps(whole).encode())
        self.step()

    def step(self) -> None:
        while self.intake.step(0):
            pass

    def acks(self) -> list[int]:
        return [json.loads(payload)["seq"] for _, payload in self.link.receive()]

    def readings(self) -> list[Reading]:
        return [r for r in log_messages(self.log, READINGS, READING_WIRE) if not r.flags & Flag.STATUS]

    def quarantine(self) -> list[QuarantinedMessage]:
        return log_messages(self.log, QUARANTINE, QUARANTINED_WIRE)

    def number(self, name: str) -> float:
        return self.metrics.numbers().get(name, 0.0)


def test_nothing_is_acknowledged_before_it_is_durable() -> None:
    log = SlowLog()
    ward = Ward(log)
    log.durable = False
    ward.send(1, 2)
    assert ward.acks() == []
    ward.broker.reconnect()
    log.durable = True
    ward.step()
    assert ward.acks() == [2, 2]
    assert ward.number("wardwatch_bridge_readings_duplicate_total") == 2


def test_a_log_that_gives_up_a_record_ends_the_intake_and_the_next_intake_receives_it_again() -> None:
    log = SlowLog()
    ward = Ward(log)
    log.given_up = True
    with pytest.raises(LogUnavailable):
        ward.send(1)
    assert ward.acks() == []
    log.given_up = False
    ward.broker.reconnect()
    ward.start()
    ward.step()
    assert ward.acks() == [1]


def test_while_the_log_does_not_answer_nothing_more_is_received() -> None:
    log = SlowLog()
    ward = Ward(log)
    log.durable = False
    ward.send(1)
    ward.send(2, 3)
    assert [r.seq for r in ward.readings()] == [1]
    log.durable = True
    ward.step()
    assert [r.seq for r in ward.readings()] == [1, 2, 3]


def test_an_acknowledgement_of_an_earlier_connection_is_never_sent() -> None:
    log = SlowLog()
    ward = Ward(log)
    log.durable = False
    ward.send(1)
    ward.broker.reconnect()
    log.durable = True
    assert ward.intake.step(0) == 1
    assert len(ward.broker.receive(10, 0)) == 1


def test_readings_of_a_device_keep_their_order_in_the_log_because_they_are_keyed_by_it() -> None:
    ward = Ward()
    ward.send(1)
    ward.send(1, topic="ward/icu/m8/readings")
    ward.send(1, topic="ward/hdu/m9/readings")
    assert set(log_keys(ward.log, READINGS)) == {"m7", "m8", "m9"}


def test_a_repeat_is_removed_and_acknowledged_again() -> None:
    ward = Ward()
    ward.send(1, 2)
    ward.acks()
    ward.send(1, 2)
    assert ward.acks() == [2]
    assert [r.seq for r in ward.readings()] == [1, 2]
    ward.send(3)
    assert ward.readings()[-1].duplicates == 2


def test_a_restarted_bridge_knows_what_was_received_before() -> None:
    ward = Ward()
    ward.send(1, 2, 3)
    ward.start()
    ward.send(2, 3, 4)
    assert [r.seq for r in ward.readings()] == [1, 2, 3, 4]
    assert ward.acks()[-1] == 4


def test_a_gap_is_reported_with_the_next_reading_once_patience_is_over() -> None:
    ward = Ward()
    ward.send(1, 2, 6)
    assert ward.acks() == [2]
    ward.clock.advance(31)
    ward.send(7)
    ward.send(8)
    assert [r.lost for r in ward.readings()] == [0, 0, 0, 3, 0]
    assert ward.number("wardwatch_bridge_readings_lost_total") == 3
    assert ward.acks() == [7, 8]


def test_a_device_without_boot_and_seq_is_served_at_plain_qos_1() -> None:
    ward = Ward()
    ward.broker.deliver(TOPIC, b'{"v":1,"values":{"heart_rate":72}}')
    ward.step()
    (reading,) = ward.readings()
    assert (reading.at, reading.flags, reading.boot) == (ward.clock.now(), Flag.UNTIMED, "")
    assert ward.acks() == []
    ward.broker.reconnect()
    assert ward.broker.receive(10, 0) == []


def test_a_refused_message_is_quarantined_whole_and_other_messages_are_not_affected() -> None:
    ward = Ward()
    ward.broker.deliver(TOPIC, b'{"v":1,"values":{"heart_rate":NaN}}')
    ward.broker.deliver("ward/icu/<script>/readings", b"{}")
    ward.broker.deliver("other/x", b"{}")
    ward.send(1)
    assert [r.seq for r in ward.readings()] == [1]
    quarantined = ward.quarantine()
    assert [(q.reason, q.payload[:2]) for q in quarantined] == [("syntax", b'{"'), ("topic", b"{}"), ("topic", b"{}")]
    ward.broker.reconnect()
    assert ward.broker.receive(10, 0) == []


def test_a_refused_reading_is_acknowledged_by_its_number() -> None:
    ward = Ward()
    ward.send(1)
    ward.broker.deliver(TOPIC, b'{"v":1,"boot":"k","seq":2,"values":{"heart_rate":"x"}}')
    ward.send(3)
    assert ward.acks()[-1] == 3
    assert len(ward.quarantine()) == 1


@pytest.mark.parametrize("payload", [b"", b'{"v":1,"values":{"heart_rate":72}}' + b" " * (64 * 1024)])
def test_an_empty_and_a_huge_payload_are_refused_by_size(payload: bytes) -> None:
    ward = Ward()
    ward.broker.deliver(TOPIC, payload)
    ward.step()
    assert [q.reason for q in ward.quarantine()] == ["size"]


def test_a_payload_of_64_kib_is_read_and_one_byte_more_is_refused() -> None:
    ward = Ward()
    payload = b'{"v":1,"values":{"heart_rate":72}}'.ljust(64 * 1024)
    ward.broker.deliver(TOPIC, payload)
    ward.broker.deliver(TOPIC, payload + b" ")
    ward.step()
    assert len(ward.readings()) == 1
    assert [(q.reason, len(q.payload)) for q in ward.quarantine()] == [("size", 64 * 1024 + 1)]


def test_a_retained_reading_is_accepted_only_with_a_time_of_its_own() -> None:
    ward = Ward()
    ward.broker.deliver(TOPIC, b'{"v":1,"values":{"heart_rate":72}}', retained=True)
    ward.broker.deliver(TOPIC, b'{"v":1,"at":"2025-11-24T15:59:00Z","values":{"heart_rate":72}}', retained=True)
    ward.step()
    assert [q.reason for q in ward.quarantine()] == ["retained"]
    assert [r.flags & Flag.RETAINED for r in ward.readings()] == [Flag.RETAINED]


def test_an_implausible_value_is_stored_apart_and_an_unknown_signal_is_counted_by_name() -> None:
    ward = Ward()
    ward.broker.deliver(TOPIC, b'{"v":1,"values":{"heart_rate":999,"lactate":1.5}}')
    ward.step()
    (reading,) = ward.readings()
    assert (reading.values, reading.implausible) == ({"lactate": 1.5}, {"heart_rate": 999.0})
    assert ward.number('wardwatch_bridge_values_of_unknown_signals_total{signal="lactate"}') == 1


def test_the_number_of_unknown_signals_is_bounded() -> None:
    ward = Ward()
    for n in range(300):
        ward.broker.deliver(TOPIC, json.dumps({"v": 1, "values": {f"s{n}": 1.0}}).encode())
    ward.step()
    assert len(ward.readings()) == 200
    assert {q.reason for q in ward.quarantine()} == {"signals"}


def test_a_gap_before_a_refused_reading_is_reported_with_the_next_reading() -> None:
    ward = Ward()
    for n in range(200):
        ward.broker.deliver("ward/icu/x/readings", json.dumps({"v": 1, "values": {f"s{n}": 1.0}}).encode())
    ward.send(1, 3)
    ward.clock.advance(31)
    ward.send(4, values={"one_more": 1.0})
    ward.send(5)
    assert [(r.seq, r.lost) for r in ward.readings() if r.device == "m7"] == [(1, 0), (3, 0), (5, 1)]
    assert ward.number("wardwatch_bridge_readings_lost_total") == 1
    assert ward.acks()[-1] == 5


def test_a_device_that_publishes_for_another_ward_is_flagged() -> None:
    ward = Ward()
    ward.send(1, topic="ward/icu/m9/readings")
    assert ward.readings()[0].flags & Flag.MISPLACED


def test_a_reboot_is_flagged_once_and_earlier_numbers_no_longer_count() -> None:
    ward = Ward()
    ward.send(7, 8)
    ward.send(1, 2, boot="j")
    assert [bool(r.flags & Flag.REBOOTED) for r in ward.readings()] == [False, False, True, False]
    assert ward.acks() == [8, 2]


def test_the_counters_balance() -> None:
    ward = Ward()
    ward.send(1, 2, 2, 3, 9)
    for bad in (b"", b"{", b'{"v":9}'):
        ward.broker.deliver(TOPIC, bad)
    ward.clock.advance(60)
    ward.send(10)
    numbers = ward.metrics.numbers()
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
    ward = Ward()
    ward.broker.deliver(topic, b'{"v":1,"values":{"heart_rate":72}}')
    ward.step()
    (quarantined,) = ward.quarantine()
    assert quarantined.reason == "topic"
    assert (quarantined.topic + quarantined.detail + quarantined.device).isprintable()
    assert not ward.readings()


def test_a_reading_a_year_ahead_is_stored_and_flagged_with_the_bridges_time() -> None:
    ward = Ward()
    ward.send(1, at="2027-11-24T16:00:00Z")
    (reading,) = ward.readings()
    assert reading.flags & Flag.CLOCK_AHEAD
    assert reading.at == ward.clock.now()
    assert reading.claimed == parse_instant("2027-11-24T16:00:00Z")
    assert ward.number('wardwatch_bridge_readings_flagged_total{flag="clock_ahead"}') == 1


def test_a_codec_that_fails_affects_its_own_message_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: Codec, levels: Sequence[str], payload: bytes) -> list[DecodedReading]:
        raise ZeroDivisionError

    monkeypatch.setattr(Codec.registry["imaging"], "decode", fails)
    ward = Ward()
    ward.broker.deliver("loggers/0-ZZZ12345678-08K", b"whatever")
    ward.send(1)
    assert [r.seq for r in ward.readings()] == [1]
    (quarantined,) = ward.quarantine()
    assert (quarantined.topic, quarantined.payload, quarantined.reason) == (
        "loggers/0-ZZZ12345678-08K",
        b"whatever",
        "codec",
    )
    assert "imaging failed: ZeroDivisionError" in quarantined.detail
    assert ward.acks() == [1]
