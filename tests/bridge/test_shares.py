"""Several bridges share the devices: each device is at one of them, and its share moves without loss or repeat."""

import json
from collections import Counter
from collections.abc import Set
from typing import Any

import pytest

from bridge.share import Share
from bridge.shares import ALONE_AFTER
from tests.bridge.mapped import mapping
from tests.bridge.sparkplug_node import SparkplugNode, metric
from tests.bridge.test_intake import CONFIG as NATIVE
from tests.kit.guarantees import Figure
from tests.kit.shared_bridges import SharedWard, SharingBridge
from ward.adapters.memory.log import MemoryLog
from ward.clock import Clock, format_instant
from ward.config.codec_rule import CodecRule
from ward.config.config import Config
from ward.errors import LogUnavailable
from ward.ports import OnRevoke
from ward.reading import Flag

BATCHES = mapping({"heart_rate": "hr"}, device={"path": "id"}, each="all")
CONFIG = Config(
    "test", NATIVE.catalogue, NATIVE.inventory,
    codecs=(*NATIVE.codecs, CodecRule("acme/+", "mapping", {}, BATCHES), CodecRule("spBv1.0/#", "sparkplug")),
)  # fmt: skip
DEVICES = [f"m{n}" for n in range(20)]
OF = [[device for device in DEVICES if Share(number, 2).has(device)] for number in range(2)]


class Ward(SharedWard):
    """Devices that send one reading each."""

    def __init__(self, count: int = 2, log: MemoryLog | None = None) -> None:
        super().__init__(CONFIG, count, log)
        self.seq = 0

    def send(self, *kinds: str) -> None:
        """A numbered reading, one with a time, or one without both, of each device."""
        self.seq += 1
        self.clock.advance(0.1)
        for device in DEVICES:
            for kind in kinds or ("numbered",):
                body: dict[str, Any] = {"v": 1, "values": {"heart_rate": 60.0 + self.seq}}
                if kind == "numbered":
                    body |= {"boot": "k", "seq": self.seq}
                elif kind == "timed":
                    body |= {"at": format_instant(self.clock.now())}
                self.deliver(f"ward/icu/{device}/readings", json.dumps(body).encode())

    def each_once(self, times: int = 1) -> bool:
        """Whether each device has as many readings as it sent."""
        found = Counter((reading.device, reading.values["heart_rate"]) for reading in self.readings())
        return found == {(device, 61.0 + n): times for device in DEVICES for n in range(self.seq)}


def both(*bridges: SharingBridge, times: int = 6) -> None:
    for _ in range(times):
        for bridge in bridges:
            bridge.step(1)


def test_each_device_is_in_one_share_and_the_hash_is_that_of_all_versions() -> None:
    shares = [Share(number, 3) for number in range(3)]
    assert all(sum(share.has(f"dev-{n}") for share in shares) == 1 for n in range(1000))
    numbers = [next(s.number for s in shares if s.has(name)) for name in ("mon-icu-01", "m0", "m3", "Bett 7")]
    assert numbers == [0, 2, 1, 1]


@pytest.mark.guarantee("Of two bridges each device is at one: no reading is stored twice, none is left out.")
def test_two_bridges_store_each_reading_once_and_their_counters_add_up(figure: Figure) -> None:
    ward = Ward()
    one, two = ward.start(), ward.start()
    both(one, two)
    assert {one.role, two.role} == {"share 1 of 2", "share 2 of 2"}
    for _ in range(5):
        ward.send("numbered", "timed", "untimed")
        both(one, two)
    assert ward.each_once(3)
    assert ward.waiting() == 0
    received = [bridge.number("bridge_readings_received_total") for bridge in (one, two)]
    assert sorted(received) == sorted(15.0 * len(of) for of in OF)
    assert received == [bridge.number("bridge_readings_accepted_total") for bridge in (one, two)]
    figure(f"{len(ward.readings())} of 300 readings stored once")


def test_one_bridge_has_all_shares() -> None:
    ward = Ward()
    one = ward.start()
    one.step()
    ward.send()
    one.step()
    assert (one.role, ward.each_once()) == ("shares 1, 2 of 2", True)
    assert one.number("bridge_unregistered_devices") == 0
    ward.clock.advance(6)
    one.step()
    assert one.number("bridge_unregistered_devices") == len(DEVICES) - 1  # m9 is registered
    one.shares.close()
    assert one.number("bridge_unregistered_devices") == 0


@pytest.mark.parametrize("count", [1, 2])
def test_a_killed_bridge_loses_and_repeats_nothing(count: int) -> None:
    ward = Ward(count)
    one, two = ward.start(), ward.start()
    both(one, two)
    ward.send("numbered", "timed", "untimed")
    both(one, two)
    for intake in one.shares._intakes.values():  # received, and neither in the log nor acknowledged
        ward.send("numbered", "timed", "untimed")
        intake._broker.receive(100, 0)
    one.shares.__dict__.clear()  # the process is gone, and with it its member of the group
    ward.send("numbered", "timed", "untimed")
    both(two, times=12)
    assert ward.each_once(3)
    assert (two.role, ward.waiting()) == ("active" if count == 1 else "shares 1, 2 of 2", 0)


@pytest.mark.parametrize("kind", ["numbered", "timed"])
def test_what_the_log_has_and_the_broker_delivers_again_after_a_kill_is_stored_once(kind: str) -> None:
    ward = Ward()
    one, two = ward.start(), ward.start()
    both(one, two)
    for connection in one.connections:
        connection.acknowledge = lambda messages: None  # type: ignore[method-assign]
    ward.send(kind)
    both(one, two)
    one.shares.__dict__.clear()
    both(two, times=12)
    assert ward.each_once()


def test_a_share_moves_to_a_new_bridge_and_back_at_a_clean_stop() -> None:
    ward = Ward()
    one = ward.start()
    one.step()
    ward.send()
    one.step()
    two = ward.start()
    both(two, one)
    assert {one.role, two.role} == {"share 1 of 2", "share 2 of 2"}
    ward.send()
    both(two, one)
    two.shares.close()
    ward.send()
    one.step(12)
    assert (one.role, ward.each_once(), ward.waiting()) == ("shares 1, 2 of 2", True, 0)


def test_the_second_bridge_of_one_share_is_a_standby() -> None:
    ward = Ward(1)
    one, two = ward.start(), ward.start()
    both(one, two)
    ward.send("numbered", "untimed")
    both(one, two)
    assert (one.role, two.role, ward.each_once(2)) == ("active", "standby", True)
    assert two.number("bridge_readings_received_total") == 0
    one.shares.close()
    ward.send("numbered", "untimed")
    two.step()
    assert (two.role, ward.each_once(2)) == ("active", True)


def test_the_number_of_shares_is_that_of_the_first_bridge() -> None:
    ward = Ward(2)
    one = ward.start()
    one.step()
    ward.count = 3
    two = ward.start()
    both(one, two)
    assert {one.role, two.role} == {"share 1 of 2", "share 2 of 2"}


def test_a_message_with_devices_of_two_shares_is_stored_by_both_and_what_is_refused_once() -> None:
    ward = Ward()
    one, two = ward.start(), ward.start()
    both(one, two)
    entries = [{"id": device, "hr": 70} for device in DEVICES] + [{"id": "no id", "hr": 70}, {"id": "m1", "hr": "x"}]
    ward.deliver("acme/x", json.dumps({"all": entries}).encode())
    for topic, payload in (("acme/x", b"{"), ("ward/icu/m1/readings", b"{"), ("ward/icu/m 1/readings", b"{}")):
        ward.deliver(topic, payload)
    ward.deliver("loggers/x", b"")
    both(one, two)
    assert sorted(reading.device for reading in ward.readings()) == sorted(DEVICES)
    whole = [message.topic for message in ward.quarantine() if "entry" not in message.detail]
    assert sorted(whole) == ["acme/x", "loggers/x", "ward/icu/m 1/readings", "ward/icu/m1/readings"]
    assert sum("entry 20" in message.detail for message in ward.quarantine()) == 1
    assert len({(message.topic, message.detail) for message in ward.quarantine()}) == len(ward.quarantine())
    assert ward.waiting() == 0


def test_an_edge_node_with_devices_of_two_shares() -> None:
    ward, node = Ward(), SparkplugNode()
    one, two = ward.start(), ward.start()
    running = [one, two]
    both(*running)
    of = [next(d for d in DEVICES if Share(n, 2).has(f"{node.edge}.{d}")) for n in range(2)]

    def publish(kind: str, *metrics: bytes, device: str = "") -> None:
        levels, body = node.message(kind, *metrics, device=device)
        ward.deliver("/".join(levels), body)
        both(*running)

    publish("NBIRTH")
    for device in of:
        publish("DBIRTH", metric("heart_rate", 70.0, alias=1), device=device)
        publish("DDATA", metric("heart_rate", 71.0, alias=1), device=device)
    found = Counter(r.device for r in ward.readings() if r.values.get("heart_rate") == 71.0)
    assert found == {f"{node.edge}.{device}": 1 for device in of}
    one.shares.close()
    published = len(two.connections)
    two.step()
    running.remove(one)
    for device in of:
        publish("DDATA", metric("heart_rate", 72.0), device=device)
    moved = [message.device for message in ward.quarantine()]
    assert len(moved) == 1, "the codec of the share that moved has not received the births"
    assert [topic for c in two.connections[published:] for topic, _ in c.published if "NCMD" in topic]


def test_a_retained_status_is_that_of_one_share_after_a_move_too() -> None:
    ward = Ward()
    one, two = ward.start(), ward.start()
    both(one, two)
    for device in DEVICES:
        ward.deliver(f"ward/icu/{device}/status", b"online", retain=True)
    both(one, two)
    assert Counter(r.device for r in ward.readings()) == dict.fromkeys(DEVICES, 1)
    one.shares.close()
    two.step()
    again = OF[0] if two.role == "share 2 of 2" else DEVICES  # those that moved, as after a restart
    assert set(Counter(r.device for r in ward.readings() if r.flags & Flag.RETAINED)) <= set(again)
    assert ward.waiting() == 0


class ScriptedOwnership:
    """An ownership that the test gives and confirms."""

    def __init__(self, clock: Clock, places: int) -> None:
        self.clock, self.places = clock, places
        self.held: Set[int] = frozenset()
        self.away = False
        self.certain_until = float("-inf")

    def poll(self, wait: float) -> None:
        if self.away:
            raise LogUnavailable("the group's coordinator does not answer")
        if self.held:
            self.certain_until = self.clock.monotonic() + 5

    def lose(self) -> None:
        self.held, self.certain_until = frozenset(), float("-inf")

    def close(self) -> None:
        self.lose()


class ScriptedLog(MemoryLog):
    """A log whose ownerships the test gives, one for each bridge."""

    clock: Clock

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[ScriptedOwnership] = []

    def ownership(self, name: str, places: int | None = None, on_revoke: OnRevoke | None = None) -> Any:
        self.asked.append(ScriptedOwnership(self.clock, places or 1))
        return self.asked[-1]


class Scripted:
    """Two bridges of two shares, of which the first has both."""

    def __init__(self, count: int = 2) -> None:
        self.log = ScriptedLog()
        self.ward = Ward(count, self.log)
        self.log.clock = self.ward.clock
        self.one, self.two = self.ward.start(), self.ward.start()
        both(self.one, self.two)
        self.first, self.second = self.log.asked
        self.all = frozenset(range(count))
        self.first.held = self.all
        both(self.one, self.two)
        self.ward.send()
        both(self.one, self.two)
        assert self.ward.each_once()

    def take_over(self) -> None:
        """The group gives all shares to the second bridge while the first one does not ask."""
        self.second.held = self.all
        self.two.step()


@pytest.mark.guarantee("A bridge that was frozen disconnects nobody and stores nothing when it wakes up.")
@pytest.mark.parametrize("count", [1, 2])
def test_a_frozen_bridge_that_wakes_up_takes_nothing(count: int) -> None:
    pair = Scripted(count)
    ward = pair.ward
    ward.clock.advance(30)
    pair.take_over()
    ward.send()
    pair.two.step()
    opened = [session.owner for session in ward.sessions]
    pair.first.away = True  # it wakes up, and has no answer yet
    pair.one.step()
    ward.send()
    both(pair.one, pair.two)
    assert [session.owner for session in ward.sessions] == opened
    pair.first.away = False
    pair.first.lose()
    both(pair.one, pair.two)
    assert (pair.one.role, ward.each_once(), ward.waiting()) == ("standby", True, 0)


def test_what_a_former_bridge_still_sends_is_refused_by_the_log() -> None:
    pair = Scripted()
    ward = pair.ward
    (intake, *_) = pair.one.shares._intakes.values()
    ward.send()
    messages = intake._broker.receive(100, 0)
    intake._broker.receive = lambda limit, wait: messages  # type: ignore[method-assign]
    pair.take_over()
    pair.one.step(1)
    assert ward.each_once()
    assert pair.one.role == "share 2 of 2"


def test_without_a_confirmation_it_goes_on_after_a_while_unless_the_broker_has_another_bridge() -> None:
    pair = Scripted()
    ward = pair.ward
    pair.first.away = True
    pair.one.step()
    ward.clock.advance(4)
    ward.send()
    pair.one.step()
    assert ward.each_once(), "it is still certain"
    ward.clock.advance(1)
    ward.send()
    waited = 0.0
    while not ward.each_once():
        ward.clock.advance(0.5)
        waited += 0.5
        pair.one.step(1)
        assert waited < 60
    assert ALONE_AFTER - 5 <= waited <= ALONE_AFTER + 1  # since it was certain last
    pair.take_over()
    ward.send()
    both(pair.one, pair.two)
    pair.first.lose()
    pair.one.step()
    assert (pair.one.role, ward.each_once()) == ("standby", True)


def test_while_nothing_is_confirmed_it_says_so() -> None:
    pair = Scripted()
    assert pair.one.shares.problem() == ""
    pair.first.away = True
    pair.ward.clock.advance(4)
    pair.one.step()
    pair.ward.clock.advance(4)
    pair.one.step()
    assert "nothing is received" in pair.one.shares.problem()


class SilentLog(MemoryLog):
    """A log that does not say who has which share: at all, or from the first question on."""

    def __init__(self, *, joins: bool) -> None:
        super().__init__()
        self.joins = joins

    def ownership(self, name: str, places: int | None = None, on_revoke: OnRevoke | None = None) -> Any:
        if not self.joins:
            raise LogUnavailable("Kafka lacks the topics ward.ownership-bridge: Topic authorization failed")
        found = ScriptedOwnership(self.clock, places or 1)
        found.away = True
        return found

    clock: Clock


def test_a_bridge_to_which_the_log_never_gives_a_share_says_why() -> None:
    log = SilentLog(joins=True)
    ward = Ward(2, log)
    log.clock = ward.clock
    one = ward.start()
    one.step()
    assert "the group's coordinator does not answer" in one.shares.problem()
    log.joins = False
    with pytest.raises(LogUnavailable, match="authorization"):
        ward.start().step()


class FetchingLog(MemoryLog):
    """A log whose consumers have to fetch first, as those of Kafka: the first poll returns nothing."""

    def follow(self, *given: Any, **more: Any) -> Any:
        consumer = super().follow(*given, **more)
        poll, first = consumer.poll, [True]
        consumer.poll = lambda limit, wait: [] if first.pop() and not wait else poll(limit, wait)  # type: ignore[method-assign]
        return consumer


def test_what_is_known_of_devices_is_read_from_a_log_that_has_to_fetch_it() -> None:
    ward = Ward(1, FetchingLog())
    for _ in range(2):
        bridge = ward.start()
        bridge.step()
        ward.seq = 0
        ward.send()
        bridge.step()
        bridge.shares.close()
    assert ward.each_once()


class NotedLog(MemoryLog):
    """A log that notes which producers are made, and when what is known of devices is read."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def transactions(self, name: str) -> Any:
        self.notes.append(name)
        return super().transactions(name)

    def scan(self, *given: Any, **more: Any) -> Any:
        self.notes.append("read")
        return super().scan(*given, **more)


def test_all_former_producers_are_fenced_before_what_is_known_of_devices_is_read() -> None:
    """A killed bridge may have left a transaction open, which hides what stands after it in the log."""
    log = NotedLog()
    ward = Ward(3, log)
    one = ward.start()
    one.step()
    assert one.role == "shares 1, 2, 3 of 3"
    assert set(log.notes[: log.notes.index("read")]) == {f"bridge-{number}-of-3" for number in (1, 2, 3)}
