"""Vendors' messages through the intake: counts of codecs, replies to nodes, and what a config reload preserves."""

import json
from dataclasses import replace

from bridge.intake import Intake
from tests.bridge.mapped import CATALOGUE, mapping
from tests.bridge.sparkplug_node import SparkplugNode, metric
from tests.kit.log_records import log_messages
from ward.adapters.memory.broker import MemoryBroker
from ward.adapters.memory.log import MemoryLog
from ward.clock import ManualClock
from ward.config.codec_rule import CodecRule
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.inventory import Inventory
from ward.metrics import Metrics
from ward.reading import Flag, Reading
from ward.topics import QUARANTINE, READINGS
from ward.wire import QUARANTINED_WIRE, READING_WIRE, QuarantinedMessage

NUMBERED = mapping({"heart_rate": "hr"}, seq={"path": "n", "wraps": 256}, time={"path": "t", "format": "epoch_s"})
CONFIG = Config(
    "one", CATALOGUE, Inventory(),
    codecs=(CodecRule("acme/+", "mapping", {}, NUMBERED), CodecRule("spBv1.0/#", "sparkplug")),
)  # fmt: skip


class RecordingBroker(MemoryBroker):
    """A broker that records what the bridge publishes."""

    def __init__(self) -> None:
        super().__init__()
        self.published: list[tuple[str, bytes]] = []

    def publish(self, topic: str, payload: bytes) -> None:
        self.published.append((topic, payload))


class House:
    def __init__(self) -> None:
        self.clock, self.metrics, self.broker, self.log = ManualClock(), Metrics(), RecordingBroker(), MemoryLog()
        self.live = FixedConfig(CONFIG)
        self.intake = Intake(self.broker, self.log, self.live, self.clock, self.metrics)
        self.node = SparkplugNode()

    def acme(self, number: int, at: int = 0) -> None:
        body = {"hr": 70, "n": number, "t": 1_764_000_000 + at}
        self.take("acme/m7", json.dumps(body).encode())

    def sparkplug(self, kind: str, *metrics: bytes, device: str = "") -> None:
        levels, body = self.node.message(kind, *metrics, device=device)
        self.take("/".join(levels), body)

    def take(self, topic: str, payload: bytes) -> None:
        self.broker.deliver(topic, payload)
        self.intake.step(0)

    def readings(self) -> list[Reading]:
        return log_messages(self.log, READINGS, READING_WIRE)

    def quarantine(self) -> list[QuarantinedMessage]:
        return log_messages(self.log, QUARANTINE, QUARANTINED_WIRE)

    def count(self, name: str) -> float:
        return self.metrics.numbers()[f"wardwatch_bridge_{name}_total"]


def test_missing_numbers_of_a_vendor_are_in_the_reading_and_in_a_metric() -> None:
    house = House()
    house.acme(254)
    house.acme(1, at=1)
    assert [reading.lost for reading in house.readings()] == [0, 2]
    assert house.count("readings_lost") == 2


def test_a_repeat_of_a_vendors_message_is_counted_and_stored_once() -> None:
    house = House()
    for number in (7, 7, 8):
        house.acme(number, at=number)
    assert [reading.duplicates for reading in house.readings()] == [0, 1]
    assert house.count("readings_received") == house.count("readings_accepted") + house.count("readings_duplicate") == 3


def test_a_message_for_other_programs_is_counted_and_ignored() -> None:
    house = House()
    house.take("spBv1.0/icu/NCMD/gw1", b"x")
    assert (house.count("messages_ignored"), house.count("readings_received")) == (1, 0)
    assert (house.readings(), house.quarantine()) == ([], [])


def test_data_without_a_birth_message_are_quarantined_whole_and_the_node_is_asked_for_it() -> None:
    house = House()
    house.sparkplug("NDATA", metric("heart_rate", 70.0))
    (quarantined,) = house.quarantine()
    assert (quarantined.reason, quarantined.device, quarantined.ward) == ("birth", "", "")
    assert [topic for topic, _ in house.broker.published] == ["spBv1.0/icu/NCMD/gw1"]


def test_a_death_message_is_in_the_log_as_a_status() -> None:
    house = House()
    house.sparkplug("NBIRTH")
    house.sparkplug("NDEATH")
    assert [(r.values, bool(r.flags & Flag.STATUS)) for r in house.readings()] == [
        ({"online": 1.0}, True),
        ({"online": 0.0}, True),
    ]


def test_a_reload_without_a_change_of_a_rule_preserves_what_its_codec_has_learnt() -> None:
    house = House()
    house.sparkplug("NBIRTH", metric("heart_rate", 70.0, alias=1))
    house.acme(7)
    house.live.config = replace(CONFIG, hash="two", codecs=CONFIG.codecs[::-1])
    house.intake.step(0)
    house.sparkplug("NDATA", metric(alias=1, value=71.0))
    house.acme(9, at=1)
    assert [r.values for r in house.readings() if r.device == "gw1"][-1] == {"heart_rate": 71.0}
    assert house.count("readings_lost") == 1


def test_a_changed_mapping_applies_from_the_next_message() -> None:
    house = House()
    house.acme(1)
    changed = mapping({"heart_rate": {"path": "hr", "times": 0.5}})
    house.live.config = replace(CONFIG, hash="two", codecs=(CodecRule("acme/+", "mapping", {}, changed),))
    house.intake.step(0)
    house.acme(2, at=1)
    assert [r.values["heart_rate"] for r in house.readings()] == [70, 35]


def test_no_acknowledgement_is_published_where_the_topic_has_no_ward() -> None:
    house = House()
    boots = mapping({"heart_rate": "hr"}, seq="n", boot="b")
    house.live.config = replace(CONFIG, hash="two", codecs=(CodecRule("acme/+", "mapping", {}, boots),))
    house.intake.step(0)
    house.take("acme/m7", b'{"hr": 70, "n": 1, "b": "k"}')
    assert house.readings()[0].seq == 1
    assert house.broker.published == []
