"""Vendors' messages through the intake: counts of codecs, replies to nodes, and what a config reload preserves."""

import json
from dataclasses import replace

from tests.bridge.mapped import CATALOGUE, mapping
from tests.bridge.sparkplug_node import SparkplugNode, metric
from tests.kit.intake_harness import IntakeHarness
from ward.config.codec_rule import CodecRule
from ward.config.config import Config
from ward.inventory import Inventory
from ward.reading import Flag

NUMBERED = mapping({"heart_rate": "hr"}, seq={"path": "n", "wraps": 256}, time={"path": "t", "format": "epoch_s"})
CONFIG = Config(
    "one", CATALOGUE, Inventory(),
    codecs=(CodecRule("acme/+", "mapping", {}, NUMBERED), CodecRule("spBv1.0/#", "sparkplug")),
)  # fmt: skip


class VendorIntake(IntakeHarness):
    """An intake with a monitor that publishes numbered JSON, and a Sparkplug node."""

    def __init__(self) -> None:
        super().__init__(CONFIG)
        self.node = SparkplugNode()

    def acme(self, number: int, at: int = 0) -> None:
        """The monitor publishes message `number` at a second."""
        body = {"hr": 70, "n": number, "t": 1_764_000_000 + at}
        self.deliver("acme/m7", json.dumps(body).encode())

    def sparkplug(self, kind: str, *metrics: bytes, device: str = "") -> None:
        """The node publishes a message."""
        levels, body = self.node.message(kind, *metrics, device=device)
        self.deliver("/".join(levels), body)


def test_missing_numbers_of_a_vendor_are_in_the_reading_and_in_a_metric() -> None:
    bridge = VendorIntake()
    bridge.acme(254)
    bridge.acme(1, at=1)
    assert [reading.lost for reading in bridge.readings()] == [0, 2]
    assert bridge.number("bridge_readings_lost_total") == 2


def test_a_repeat_of_a_vendors_message_is_counted_and_stored_once() -> None:
    bridge = VendorIntake()
    for number in (7, 7, 8):
        bridge.acme(number, at=number)
    assert [reading.duplicates for reading in bridge.readings()] == [0, 1]
    assert (
        bridge.number("bridge_readings_received_total")
        == bridge.number("bridge_readings_accepted_total") + bridge.number("bridge_readings_duplicate_total")
        == 3
    )


def shared(bridge: VendorIntake) -> list[bool]:
    """Of each reading, whether another sender used its id before."""
    return [bool(reading.flags & Flag.SOURCE_CHANGED) for reading in bridge.readings()]


def test_two_names_of_a_vendor_under_one_id_are_flagged_and_other_spellings_in_config_are_not() -> None:
    bridge = VendorIntake()
    names = {"Bett 7": "m7", "Bett-7": "m7"}
    for device, flagged in (({"path": "sn", "names": names}, False), ({"path": "sn", "prefix": "m"}, True)):
        bridge.live.config = replace(
            CONFIG, hash=str(flagged),
            codecs=(CodecRule("acme/+", "mapping", {}, mapping({"heart_rate": "hr"}, device=device)),),
        )  # fmt: skip
        for name in ("Bett 7", "Bett-7") if not flagged else ("7", "7"):
            bridge.deliver("acme/x", json.dumps({"sn": name, "hr": 70}).encode())
    assert shared(bridge) == [False, False, True, False], "one change when the mapping changes"


def test_two_edge_nodes_whose_devices_get_one_id_are_flagged_while_both_send() -> None:
    bridge = VendorIntake()
    nodes = SparkplugNode(edge="gw1"), SparkplugNode(edge="gw1.a")
    for node, device in zip(nodes, ("a.b", "b"), strict=True):
        for kind, of in (("NBIRTH", ""), ("DBIRTH", device)):
            levels, body = node.message(kind, metric("heart_rate", 70.0), device=of)
            bridge.deliver("/".join(levels), body)
    for node, device in [*zip(nodes, ("a.b", "b"), strict=True)] * 3:
        levels, body = node.message("DDATA", metric("heart_rate", 70.0), device=device)
        bridge.deliver("/".join(levels), body)
    data = [r for r in bridge.readings() if r.device == "gw1.a.b"][-6:]
    assert all(reading.flags & Flag.SOURCE_CHANGED for reading in data)


def test_a_message_for_other_programs_is_counted_and_ignored() -> None:
    bridge = VendorIntake()
    bridge.deliver("spBv1.0/icu/NCMD/gw1", b"x")
    assert (bridge.number("bridge_messages_ignored_total"), bridge.number("bridge_readings_received_total")) == (1, 0)
    assert (bridge.readings(), bridge.quarantine()) == ([], [])


def test_data_without_a_birth_message_are_quarantined_whole_and_the_node_is_asked_for_it() -> None:
    bridge = VendorIntake()
    bridge.sparkplug("NDATA", metric("heart_rate", 70.0))
    (quarantined,) = bridge.quarantine()
    assert (quarantined.reason, quarantined.device, quarantined.ward) == ("birth", "gw1", "")
    assert [topic for topic, _ in bridge.broker.published] == ["spBv1.0/icu/NCMD/gw1"]


def test_a_death_message_is_in_the_log_as_a_status() -> None:
    bridge = VendorIntake()
    bridge.sparkplug("NBIRTH")
    bridge.sparkplug("NDEATH")
    assert [(r.values, bool(r.flags & Flag.STATUS)) for r in bridge.readings()] == [
        ({"online": 1.0}, True),
        ({"online": 0.0}, True),
    ]


def test_a_reload_without_a_change_of_a_rule_preserves_what_its_codec_has_learnt() -> None:
    bridge = VendorIntake()
    bridge.sparkplug("NBIRTH", metric("heart_rate", 70.0, alias=1))
    bridge.acme(7)
    bridge.live.config = replace(CONFIG, hash="two", codecs=CONFIG.codecs[::-1])
    bridge.step()
    bridge.sparkplug("NDATA", metric(alias=1, value=71.0))
    bridge.acme(9, at=1)
    assert [r.values for r in bridge.readings() if r.device == "gw1"][-1] == {"heart_rate": 71.0}
    assert bridge.number("bridge_readings_lost_total") == 1


def test_a_changed_mapping_applies_from_the_next_message() -> None:
    bridge = VendorIntake()
    bridge.acme(1)
    changed = mapping({"heart_rate": {"path": "hr", "times": 0.5}})
    bridge.live.config = replace(CONFIG, hash="two", codecs=(CodecRule("acme/+", "mapping", {}, changed),))
    bridge.step()
    bridge.acme(2, at=1)
    assert [r.values["heart_rate"] for r in bridge.readings()] == [70, 35]


def test_no_acknowledgement_is_published_where_the_topic_has_no_ward() -> None:
    bridge = VendorIntake()
    boots = mapping({"heart_rate": "hr"}, seq="n", boot="b")
    bridge.live.config = replace(CONFIG, hash="two", codecs=(CodecRule("acme/+", "mapping", {}, boots),))
    bridge.step()
    bridge.deliver("acme/m7", b'{"hr": 70, "n": 1, "b": "k"}')
    assert bridge.readings()[0].seq == 1
    assert bridge.broker.published == []
