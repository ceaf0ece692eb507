"""Acknowledgements: the first at once, the last soon, and none between them."""

import json

from hypothesis import given
from hypothesis import strategies as st

from bridge.device_acks import EVERY, DeviceAcks
from ward.adapters.memory.broker import MemoryBroker
from ward.clock import ManualClock


class SentAcks(MemoryBroker):
    """Records what is published together."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, int]] = []

    def publish(self, topic: str, payload: bytes) -> None:
        self.sent.append((topic, json.loads(payload)["seq"]))


def test_of_several_acknowledgements_within_a_moment_the_first_and_the_last_are_sent() -> None:
    broker, clock = SentAcks(), ManualClock()
    acks = DeviceAcks(broker, clock)
    assert [acks.add("ward", [("icu", "m7", "k", seq)]) for seq in range(1, 100)] == [1] + [0] * 98
    acks.add("ward", [("icu", "m8", "k", 5)])
    assert broker.sent == [("ward/icu/m7/ack", 1), ("ward/icu/m8/ack", 5)]
    clock.advance(EVERY)
    assert acks.send_waiting("ward") == 1
    assert broker.sent[2:] == [("ward/icu/m7/ack", 99)]


def test_a_device_that_sends_seldom_is_acknowledged_at_once_each_time() -> None:
    broker, clock = SentAcks(), ManualClock()
    acks = DeviceAcks(broker, clock)
    for seq in range(1, 5):
        clock.advance(1)
        acks.send_waiting("ward")
        assert acks.add("ward", [("icu", "m7", "k", seq)]) == 1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 0.3)), max_size=60))
def test_every_device_has_its_newest_acknowledgement_soon_and_few_are_sent(arrivals: list[tuple[str, float]]) -> None:
    broker, clock = SentAcks(), ManualClock()
    acks, newest, begun = DeviceAcks(broker, clock), dict[str, int](), clock.monotonic()
    for seq, (device, pause) in enumerate(arrivals, 1):
        clock.advance(pause)
        acks.send_waiting("ward")
        acks.add("ward", [("icu", device, "k", seq)])
        newest[device] = seq
    clock.advance(EVERY)
    acks.send_waiting("ward")
    for device, seq in newest.items():
        sent = [number for topic, number in broker.sent if topic == f"ward/icu/{device}/ack"]
        assert sent == sorted(sent)
        assert sent[-1] == seq
        assert len(sent) <= 2 * (1 + (clock.monotonic() - begun) / EVERY)
