"""The worker between the log and the engine: what it reads, saves, takes over, gives up and tells of itself."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace

from detectors.worker.checkpoint import CYCLE, MOST
from detectors.worker.worker import Worker
from tests.detectors.builders import at, high, reading, rule, stay, ward
from tests.kit.log_records import log_values
from ward.adapters.memory.log import MemoryLog
from ward.clock import ManualClock
from ward.config.config import Config
from ward.config.live import FixedConfig
from ward.errors import LogUnavailable
from ward.finding import Edge, End, Finding, Kind, Severity
from ward.metrics import Metrics
from ward.ports import Partition
from ward.reading import Reading
from ward.topics import FINDINGS, READINGS, SCORES, STATE
from ward.wire import FINDING, READING, SCORE, SavedState, Score
from ward.wire import STATE as STATE_WIRE
from web.model.imaging_suite import ImagingSuite


class House:
    """A log, and a worker on it that can be killed."""

    def __init__(self, config: Config, partitions: int = 1) -> None:
        self.log, self.clock, self.metrics = MemoryLog(partitions), ManualClock(at(0)), Metrics()
        self.live = FixedConfig(config)
        self.begin()

    def begin(self, grace: float = 0.0) -> None:
        self.worker = Worker(self.log, self.live, self.clock, self.metrics, grace)

    def kill(self) -> None:
        """Without a chance to do anything."""
        self.worker._consumer.close()

    def restarts(self) -> None:
        self.kill()
        self.begin()

    def sends(self, *readings: Reading) -> None:
        self.log.send(READINGS, [(r.device, READING.encode(r)) for r in readings])

    def steps(self, seconds: float = 0, times: int = 1) -> list[str]:
        """Let time pass, second by second; what has been found meanwhile."""
        before = len(self.found)
        for _ in range(max(1, int(seconds))):
            self.clock.advance(min(1.0, seconds))
            for _ in range(times):
                self.worker.step(0)
        return [f"{f.rule} {f.device} {f.edge} {f.ended or f.severity}" for f in self.found[before:]]

    @property
    def found(self) -> list[Finding]:
        return [FINDING.decode(value) for value in self.values(FINDINGS)]

    @property
    def states(self) -> list[SavedState]:
        return [STATE_WIRE.decode(value) for value in self.values(STATE)]

    @property
    def scores(self) -> list[Score]:
        return [SCORE.decode(value) for value in self.values(SCORES)]

    def values(self, topic: str) -> list[bytes]:
        return log_values(self.log, topic)

    def number(self, name: str, **labels: str) -> float:
        shown = ",".join(f'{k}="{v}"' for k, v in sorted(labels.items()))
        return self.metrics.numbers().get(f"{name}{{{shown}}}" if labels else name, 0.0)

    def committed(self, number: int = 0) -> int:
        return self.log.committed("detectors", Partition(READINGS, number)) or 0


def beats(device: str, times: Iterable[float], x: float = 80, **rest: Any) -> list[Reading]:
    return [reading(device, t, heart_rate=x, **rest) for t in times]


# Reading


def test_a_record_that_cannot_be_read_is_counted_and_the_others_are_judged() -> None:
    house = House(ward(high()))
    house.sends(*beats("m1", [0], 150))
    house.log.send(READINGS, [("m1", b"\xff\xfe"), ("m1", b'{"v":9}'), ("m1", b"[]")])
    house.sends(*beats("m2", [0], 150))
    assert house.steps() == ["tachycardia m1 raised medium", "tachycardia m2 raised medium"]
    assert house.number("wardwatch_detectors_records_unreadable_total") == 3
    assert house.number("wardwatch_detectors_readings_evaluated_total") == 2
    house.worker.close()
    assert house.committed() == 5


def test_late_values_and_lag_and_delay_are_told_in_metrics() -> None:
    house = House(ward(high()))
    house.sends(*beats("m1", [5, 3]))
    house.clock.advance(7)
    house.steps()
    assert house.number("wardwatch_detectors_values_late_total") == 1
    assert house.number("wardwatch_consumer_lag_records", group="detectors", topic=READINGS) == 0
    assert house.number("wardwatch_delay_seconds_sum", stage="detect") == 2
    house.sends(*beats("m1", range(10, 15)))
    house.clock.advance(2)
    house.worker.step(0, limit=2)
    assert house.number("wardwatch_consumer_lag_records", group="detectors", topic=READINGS) == 3


def test_nobody_is_missed_before_what_was_sent_has_been_read() -> None:
    house = House(ward(rule("gone", "silence"), devices=1))
    house.steps()
    house.sends(*beats("m1", range(1, 40)))
    house.clock.advance(40)
    for _ in range(19):
        house.worker.step(0, limit=2)
    assert house.found == []
    assert house.steps(15) == []
    assert house.steps(1) == ["gone m1 raised medium"]


def test_a_wall_clock_that_jumps_ahead_takes_nobody_with_it() -> None:
    house = House(ward(rule("gone", "silence"), devices=1))
    for t in range(20):
        house.sends(*beats("m1", [t]))
        house.steps(1)
    house.clock.step(3600)
    assert house.steps(5) == []
    house.clock.step(-3600)
    assert house.steps(12) == ["gone m1 raised medium"]


# Saving


def test_state_is_saved_in_slices_and_each_device_once_a_cycle() -> None:
    house = House(ward(high(), devices=0))
    sent = 300
    house.sends(*(reading(f"x{i}", 0, heart_rate=80) for i in range(sent)))
    sizes = []
    for _ in range(int(CYCLE * 5)):
        before = len(house.states)
        house.clock.advance(0.25)
        house.worker.step(0)
        sizes.append(len(house.states) - before)
    assert max(sizes) <= min(MOST, 10)
    assert sum(sizes) == sent
    assert {state.device for state in house.states} == {f"x{i}" for i in range(sent)}
    assert house.committed() == sent


def test_the_committed_position_is_the_first_reading_in_no_saved_state() -> None:
    house = House(ward(high(), devices=0))
    for second in range(int(CYCLE * 3)):
        house.sends(*(reading(f"x{i}", second, heart_rate=80) for i in range(5) if (second + i) % (i + 1) == 0))
        house.steps(0.5)
        saved: dict[str, int] = {}
        for state in house.states:
            saved[state.device] = state.offset
        log = house.values(READINGS)
        for offset in range(house.committed()):
            assert saved[READING.decode(log[offset]).device] >= offset
    assert house.committed() > 0


def test_a_restart_reads_again_only_what_is_in_no_state() -> None:
    house = House(ward(high(), devices=1))
    for t in range(100):
        house.sends(*beats("m1", [t]))
        house.steps(1)
    judged = house.number("wardwatch_detectors_readings_evaluated_total")
    house.restarts()
    house.steps(1)
    assert house.number("wardwatch_detectors_readings_evaluated_total") - judged <= CYCLE + 1
    assert house.number("wardwatch_detectors_states_restored_total", result="restored") == 1


def test_who_leaves_in_peace_leaves_nothing_to_read_again() -> None:
    house = House(ward(high(), devices=1))
    house.sends(*beats("m1", range(10)))
    house.steps(10)
    house.worker.close()
    assert house.committed() == 10


def test_who_was_stopped_for_a_while_saves_nothing_before_it_has_asked() -> None:
    house = House(ward(high(), devices=1), partitions=2)
    for t in range(5):
        house.sends(*beats("m1", [t]), *beats("x1", [t]), *beats("x2", [t]))
        house.steps(1)
    before = len(house.values(STATE))
    house.clock.advance(60)  # SIGSTOP
    other = Worker(house.log, house.live, house.clock, Metrics())
    house.worker.step(0)  # gives up half of what it has
    assert len(house.values(STATE)) == before
    other.step(0)


def test_a_record_that_was_written_late_takes_no_device_back() -> None:
    house = House(ward(high(), devices=1))
    house.sends(*beats("m1", [0], 150))
    house.steps()
    stale = house.states[0]
    house.worker.close()
    house.log.send(STATE, [("m1", STATE_WIRE.encode(stale))])  # a zombie's
    house.begin()
    house.sends(*beats("m1", [1], 80))
    assert house.steps() == ["tachycardia m1 cleared recovered"]


class Deaf(MemoryLog):
    """A log whose findings never become durable."""

    def send(self, topic: str, records: Any) -> Any:
        receipt = super().send(topic, records)
        return self if topic == FINDINGS else receipt

    def settled(self, wait: float) -> bool:
        raise LogUnavailable("gone")


def test_who_cannot_tell_saves_nothing_and_dies() -> None:
    house = House(ward(high(), devices=1))
    house.log = Deaf(1)
    house.begin()
    house.steps()
    house.sends(*beats("m1", [0], 150))
    house.steps()
    before = len(house.values(STATE))
    with pytest.raises(LogUnavailable):
        house.steps()
    house.worker.close()
    assert len(house.values(STATE)) == before
    assert house.committed() == 0


class Slow(MemoryLog):
    """A log whose findings become durable when the test says so."""

    durable = False

    def send(self, topic: str, records: Any) -> Any:
        receipt = super().send(topic, records)
        return self if topic == FINDINGS else receipt

    def settled(self, wait: float) -> bool:
        return self.durable


def test_a_state_waits_until_what_was_found_on_the_way_to_it_is_durable() -> None:
    house, log = House(ward(high(), devices=6)), Slow(1)
    house.kill()
    house.log = log
    house.begin()
    house.sends(*beats("m1", [0], 150))
    for t in range(int(2 * CYCLE)):
        house.sends(*(reading(f"m{i}", t, heart_rate=80) for i in range(2, 7)))
        house.steps(1)
    assert {state.device for state in house.states if state.offset > 0} == {f"m{i}" for i in range(2, 7)}
    assert house.committed() == 0
    log.durable = True
    house.steps(CYCLE)
    assert [state.open[0].rule for state in house.states if state.device == "m1" and state.open] == ["tachycardia"]
    assert house.committed() > 0


# Taking over


@pytest.mark.parametrize(
    "garbage", [b"", b"\x00", b"{}", b'{"v":7,"device":"m1","offset":99}', b'{"v":1,"device":"m1"}']
)
def test_a_state_that_cannot_be_read_is_flagged_and_its_device_judged_from_the_log(garbage: bytes) -> None:
    house = House(ward(high(for_="5s"), devices=2))
    house.sends(*beats("m1", range(4), 150), *beats("m2", range(4), 150))
    house.steps(1)
    house.kill()
    house.log.send(STATE, [("m1", garbage)])
    house.begin()
    house.sends(*beats("m1", range(4, 7), 150), *beats("m2", range(4, 7), 150))
    assert sorted(house.steps()) == ["tachycardia m1 raised medium", "tachycardia m2 raised medium"]
    assert {f.onset for f in house.found} == {at(0)}
    assert house.number("wardwatch_detectors_states_restored_total", result="unreadable") == 1


def test_an_episode_whose_state_is_lost_goes_on_and_ends_as_it_would_have() -> None:
    house = House(ward(high(keep="3s"), rule("gone", "silence"), devices=1))
    house.sends(*beats("m1", [0], 150))
    house.steps(1)
    house.worker.close()
    house.log.trim(Partition(STATE, 0), house.log.end(Partition(STATE, 0)))
    house.begin()
    assert house.steps(60) == ["gone m1 raised medium"]
    house.sends(*beats("m1", range(61, 66), 80))
    house.steps(6)
    raised, cleared = (f for f in house.found if f.rule == "tachycardia")
    assert (cleared.episode, cleared.edge, cleared.ended) == (raised.episode, Edge.CLEARED, End.RECOVERED)
    assert cleared.onset == raised.onset


def test_an_episode_that_no_rule_is_about_any_more_ends() -> None:
    house = House(ward(high(), devices=1))
    house.sends(*beats("m1", [0], 150))
    house.steps(1)
    house.kill()
    house.log.trim(Partition(STATE, 0), house.log.end(Partition(STATE, 0)))
    house.live.config = ward(devices=1, hash_="c2")
    house.begin()
    assert house.steps(5) == ["tachycardia m1 cleared rule changed"]


def test_findings_of_other_programs_are_left_alone() -> None:
    house = House(ward(high(), devices=1))
    theirs = Finding(
        episode="e1", edge=Edge.RAISED, rule="wear", detector="signature", kind=Kind.TECHNICAL, severity=Severity.LOW,
        onset=at(0), at=at(0), seen=at(0), text="Worn out", device="m1",
    )  # fmt: skip
    house.log.send(FINDINGS, [("m1", FINDING.encode(theirs))])
    assert house.steps(10) == []


def test_a_restart_with_another_rule_starts_that_row_afresh_and_no_other() -> None:
    house = House(ward(high("one", for_="3s"), high("two"), high("three"), devices=1))
    house.sends(*beats("m1", [0, 1], 150))
    house.steps(1)
    house.worker.close()
    house.live.config = ward(high("one", for_="3s"), high("two", medium=99), devices=1, hash_="c2")
    house.begin()
    house.sends(*beats("m1", [3], 150))
    assert sorted(house.steps(1)) == [
        "one m1 raised medium", "three m1 cleared rule changed", "two m1 cleared rule changed", "two m1 raised medium",
    ]  # fmt: skip


def test_a_patient_discharged_while_nobody_watched_is_discharged_at_the_takeover() -> None:
    house = House(ward(high(), devices=1, stays=(stay("p1", "b1"),)))
    house.sends(*beats("m1", [0], 150))
    house.steps(1)
    house.worker.close()
    house.live.config = ward(high(), devices=1)
    house.begin()
    assert house.steps(1) == ["tachycardia m1 cleared discharged"]
    assert house.found[-1].patient == "p1"


def test_since_when_a_device_is_missed_survives_a_restart() -> None:
    house = House(ward(rule("gone", "silence"), devices=1))
    house.steps(10)
    house.restarts()
    assert house.steps(8) == ["gone m1 raised medium"]
    house.restarts()
    house.steps(60)
    assert {(f.edge, f.onset) for f in house.found} == {(Edge.RAISED, at(16))}


def away(house: House, seconds: float, grace: float = 20.0) -> None:
    """Nobody is there for a while: no device, no bridge, no detectors."""
    house.sends(*beats("m1", range(10)), *beats("m2", range(10)))
    house.steps(10)
    house.worker.close()
    house.clock.advance(seconds)
    house.begin(grace)


def test_who_comes_back_within_the_grace_was_away_and_is_back_and_who_does_not_is_missed_after_it() -> None:
    house = House(ward(rule("gone", "silence", keep="3s"), devices=2))
    away(house, 75)
    assert house.steps(12) == []
    house.sends(*beats("m1", range(97, 102)))
    assert house.steps(4) == ["gone m1 raised medium", "gone m1 cleared recovered"]
    assert house.steps(4) == []
    assert house.steps(1) == ["gone m2 raised medium"]
    raised, cleared, missed = house.found
    assert (raised.onset, raised.at, cleared.at) == (at(24), at(24), at(101))
    assert (missed.onset, missed.at) == (at(24), at(24))


def test_what_is_found_is_the_same_with_a_grace_as_without() -> None:
    ids = []
    for grace in (0.0, 20.0):
        house = House(ward(rule("gone", "silence", keep="3s"), high(), devices=2))
        away(house, 75, grace)
        for t in range(85, 130):
            house.sends(*beats("m1", [t], 150))
            house.steps(1)
        ids.append({finding.id for finding in house.found})
    assert len(ids[0]) == 4
    assert ids[0] == ids[1]


def test_a_partition_taken_over_later_has_a_grace_of_its_own() -> None:
    house = House(ward(rule("gone", "silence", after="5s"), devices=8), partitions=2)
    house.begin(grace=20.0)
    house.steps(30)
    assert len(house.found) == 8
    assert len(house.worker._consumer.lag()) == 2
    other = Worker(house.log, house.live, house.clock, Metrics(), grace=20.0)

    def both(seconds: int) -> set[str]:
        before = {finding.id for finding in house.found}
        for _ in range(seconds):
            house.steps(1)
            other.step(0)
        return {f"{finding.device} {finding.edge}" for finding in house.found if finding.id not in before}

    both(3)
    (kept,) = house.worker._consumer.lag()
    devices = {f"m{i}" for i in range(1, 9)}
    house.sends(*(reading(device, 33, heart_rate=80) for device in devices))
    mine = {device for device in devices if house.log.partition(READINGS, device).number == kept.number}
    assert both(12) == {f"{device} {edge}" for device in mine for edge in ("cleared", "raised")}
    assert both(10) == {f"{device} {edge}" for device in devices - mine for edge in ("cleared", "raised")}
    other.close()


# Config


def test_a_new_config_is_in_force_at_the_next_step() -> None:
    house = House(ward(high(), devices=1))
    house.sends(*beats("m1", [0], 150))
    house.steps()
    house.live.config = ward(high(medium=140), rule("gone", "silence"), devices=2, hash_="c2")
    house.sends(*beats("m1", [1], 150))
    assert house.steps(1) == ["tachycardia m1 cleared rule changed", "tachycardia m1 raised medium"]
    assert house.found[-1].config == "c2"
    house.sends(*beats("m1", range(2, 30)))
    assert "gone m2 raised medium" in house.steps(20)


def test_a_stranger_that_is_gone_leaves_a_record_that_says_nothing() -> None:
    house = House(ward(high(), devices=0))
    house.sends(*beats("x1", [0]))
    house.steps(1)
    house.clock.advance(2 * 86_400)
    house.steps(130)
    assert house.states[-1] == SavedState(device="x1", offset=0, clock=0, series={})
    house.restarts()
    house.steps(1)
    assert house.worker._engine.devices.by_name == {}


# Scores


def test_each_cusum_is_told_once_a_minute() -> None:
    shift = rule("shift", "cusum", "heart_rate", target=80, sd=2, limit=5)
    house = House(ward(shift, devices=3))
    for t in range(180):
        house.sends(*(reading(f"m{i}", t, heart_rate=80 + i) for i in (1, 2, 3)))
        house.steps(1)
    cusums = [score for score in house.scores if score.name == "cusum"]
    assert len(cusums) == 9
    assert cusums[-1].tags.keys() == {"device", "signal", "rule", "ward", "bed"}
    last = {score.tags["device"]: score.fields for score in cusums}
    assert last["m3"] == {"score": pytest.approx(2.0), "mean": pytest.approx(83.0, abs=0.3), "target": 80.0, "sd": 2.0}


def logger(name: str, t: float, humidity: float, attached: str) -> Reading:
    return reading(name, t, humidity=humidity, device_kind="humidity_logger", attached=attached)


def suite(scores: Sequence[Score]) -> list[tuple[str, float, int, tuple[str, ...]]]:
    return [(d.name, round(d.humidity, 2), d.messages, d.sensors) for d in ImagingSuite.merge(scores).devices]


def test_the_imaging_suite_is_told_every_three_seconds_and_parts_add_up() -> None:
    house = House(ward(devices=0), partitions=4)
    others = [Worker(house.log, house.live, house.clock, Metrics()) for _ in range(2)]
    for t in range(12):
        house.sends(*(logger(f"g{i}", t % 3, 40 + i, f"MRI-{i % 2}") for i in range(8)))  # late ones count as well
        for other in others:
            other.step(0)
        house.steps(1)
    of = [score.at for score in house.scores if score.tags == house.scores[0].tags]
    assert {(later - one) / 1e6 for one, later in pairwise(of)} == {3}
    house.clock.advance(3)
    for worker in (*others, house.worker):
        worker.step(0)
    assert suite(house.scores) == [
        ("MRI-1", 44.0, 48, ("g1", "g3", "g5", "g7")), ("MRI-0", 43.0, 48, ("g0", "g2", "g4", "g6")),
    ]  # fmt: skip
    merged = ImagingSuite.merge(house.scores)
    assert (merged.messages, merged.sensors) == (96, 8)


def test_the_imaging_suite_survives_a_restart() -> None:
    house = House(ward(devices=0))
    house.sends(*(logger("g1", t, 50, "CT-3") for t in range(10)))
    house.steps(2)
    house.worker.close()
    house.begin()
    house.sends(*(logger("g1", t, 60, "CT-3") for t in range(10, 20)))
    house.steps(6)
    assert suite(house.scores) == [("CT-3", 55.0, 20, ("g1",))]


def test_a_crash_counts_no_humidity_twice_though_readings_are_read_again() -> None:
    house, names = House(ward(devices=0)), [f"g{i}" for i in range(10)]
    for t in range(40):
        house.sends(*(logger(name, t, 40 + i, "CT-3") for i, name in enumerate(names)))
        house.steps(1)
    newest = {state.device: state.offset for state in house.states}
    assert newest and max(newest.values()) > house.committed(), "some of what is read again is in a state already"  # noqa: PT018
    house.restarts()
    house.steps(6)
    assert suite(house.scores) == [("CT-3", 44.5, 400, tuple(names))]


def test_a_config_that_nothing_changed_in_changes_no_finding() -> None:
    house = House(ward(high(), devices=1))
    house.sends(*beats("m1", [0], 150))
    house.steps()
    house.live.config = ward(high(), devices=1)
    assert house.steps(3) == []
    assert replace(house.found[0]).edge is Edge.RAISED
