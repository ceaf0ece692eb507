"""One device against its peers, wherever these are evaluated."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from math import sin
from random import Random
from typing import Any

import numpy as np
import pytest

from detectors.beds.config_view import bed_config
from detectors.engine.engine import Engine
from detectors.peers.subject import cohort_of
from detectors.worker.stage import BEDS, DEVICES
from detectors.worker.state_codec import restore, save
from detectors.worker.waiting_readings import Bounds
from detectors.worker.worker import Worker
from tests.detectors.builders import at, reading, span, ward
from tests.detectors.builders import rule as make_rule
from tests.detectors.crashing_log import CrashingWorkers
from tests.detectors.worker_setup import WorkerSetup
from tests.kit.examples import FULL
from tests.kit.log_records import log_messages
from ward.config.config import Config
from ward.config.rule import Rule
from ward.finding import Finding
from ward.inventory import Assignment
from ward.reading import Reading
from ward.topics import BED_READINGS, BED_STATE, READINGS
from ward.wire import READING_WIRE, STATE_WIRE

WINDOW = 40
SETTINGS: dict[str, Any] = {
    "every": f"{WINDOW}s", "baseline": 6, "limit": 4, "sd_floor": 0.05, "for_": f"{2 * WINDOW}s",
}  # fmt: skip


def drifting(extent: str = "ward", where: dict[str, Any] | None = None, **settings: Any) -> Rule:
    made = make_rule("drifting", "cohort", "temperature", where=where, **{**SETTINGS, **settings})
    return replace(made, scope="cohort", cohort=extent)  # type: ignore[arg-type]


def cohort(*rules: Rule, devices: int = 7, **rest: Any) -> Config:
    return ward(*(rules or (drifting(),)), devices=devices, signals={"temperature": 5.0}, **rest)


Course = Callable[[str, float], float]


def steady(device: str, t: float) -> float:
    """Each device has an offset of its own, and the room warms by a degree, cools and warms again."""
    return 36.0 + 0.2 * int(device[1:]) + sin(t / 200.0) + 0.02 * Random(f"{device}{t}").gauss(0, 1)


def one_drifts(device: str, t: float) -> float:
    return steady(device, t) + (0.001 * max(0.0, t - 400) if device == "m3" else 0.0)


def sent(course: Course, until: float, start: float = 0.0, devices: Sequence[str] = ()) -> list[Reading]:
    names = devices or [f"m{i}" for i in range(1, 8)]
    times = np.arange(start, until, 5).tolist()
    return [reading(name, t, temperature=course(name, t)) for t in times for name in names]


class Stages:
    """The engines of both stages, without a log."""

    def __init__(self, config: Config) -> None:
        self.devices = Engine(config, scope="device")
        self.cohorts = Engine(bed_config(config), scope="bed")
        self.forwarded: list[Reading] = []
        self.found: list[Finding] = []

    def run(self, readings: Iterable[Reading], until: float) -> list[str]:
        before = len(self.found)
        forwarded = [one.reading for one in self.devices.evaluate(readings).bed_readings]
        self.forwarded += forwarded
        self.take(forwarded)
        result = self.cohorts.advance(at(until))
        assert not result.failures
        self.found += result.findings
        return [f"{f.device} {f.transition} {f.ended or f.severity}" for f in self.found[before:]]

    def take(self, forwarded: Iterable[Reading]) -> None:
        self.found += self.cohorts.evaluate(forwarded).findings

    def hour(self, course: Course, until: float, **rest: Any) -> list[str]:
        """All windows up to `until`, one after the other."""
        found = []
        for start in range(int(rest.pop("start", 0)), int(until), WINDOW):
            found += self.run(sent(course, start + WINDOW, start, **rest), start + WINDOW)
        return found


def test_a_room_that_warms_all_is_silent() -> None:
    stages = Stages(cohort())
    assert stages.hour(steady, 2000) == []
    (device,) = stages.cohorts.devices.by_name.values()
    assert device.name == "cohort/drifting/temperature/w1/monitor/0"
    assert set(device.series) == {f"m{i}" for i in range(1, 8)}


def test_devices_that_differ_much_have_a_wider_limit() -> None:
    def uneven(device: str, t: float) -> float:
        """Each window of each device is off by itself: four times the smallest spread of the rule."""
        return steady(device, t) + Random(f"{device}{t // WINDOW}").gauss(0, 0.2)

    stages = Stages(cohort(drifting(for_="0s", limit=7)))
    assert stages.hour(uneven, 1600) == []
    found = stages.hour(lambda name, t: uneven(name, t) + 3 * (name == "m3"), 1680, start=1600)
    assert found == ["m3 raised medium"]
    assert 7 * 0.15 < (stages.found[0].limit or 0.0) < 7 * 0.35


def test_the_one_that_drifts_is_found_with_its_name() -> None:
    stages = Stages(cohort())
    assert stages.hour(one_drifts, 1400) == ["m3 raised medium"]
    (finding,) = stages.found
    assert (finding.device, finding.signal, finding.ward, finding.bed) == ("m3", "temperature", "w1", "b3")
    assert finding.about == finding.subject == "cohort/drifting/temperature/w1/monitor/0"
    assert finding.kind == "technical"
    assert finding.text.startswith("Temperature 0.")
    assert finding.text.endswith(" °C above what 6 others of its kind show: check probe")
    assert 0.2 < (finding.value or 0.0) < 0.5
    assert finding.limit is not None
    assert finding.limit < (finding.value or 0.0)


def test_the_drift_stays_found_and_ends_when_the_device_is_near_the_others_again() -> None:
    stages = Stages(cohort())
    stages.hour(one_drifts, 4000)
    assert [str(f.transition) for f in stages.found] == ["raised"]
    assert stages.hour(steady, 4400, start=4000) == ["m3 cleared recovered"]
    assert stages.found[-1].text.startswith("Temperature is what 6 others of its kind show again, within 0.")


def test_means_are_forwarded_once_a_window_with_the_cohort_as_their_key() -> None:
    stages = Stages(cohort())
    stages.run(sent(lambda _, t: t, 200), 0)
    assert len(stages.forwarded) == 7 * 3  # the first window of a device is not whole, and the last one has not ended
    one = stages.forwarded[0]
    assert (one.device, one.ward, one.device_kind, one.boot) == (
        "cohort/drifting/temperature/w1/monitor/0", "w1", "monitor", "m1",
    )  # fmt: skip
    assert (one.at, one.values) == (at(80), {"m1": 57.5})  # the mean of 40, 45, … 75
    assert one.received_at == at(70)


@pytest.mark.parametrize("size", [1, 7, 5000])
def test_what_is_forwarded_and_found_does_not_depend_on_how_readings_come(size: int) -> None:
    readings = sent(one_drifts, 1500)
    expected, stages = Stages(cohort()), Stages(cohort())
    expected.run(readings, 1600)
    for start in range(0, len(readings), size):
        stages.run(readings[start : start + size], 0)
    stages.run((), 1600)
    assert sorted(map(repr, stages.forwarded)) == sorted(map(repr, expected.forwarded))
    assert [f.id for f in stages.found] == [f.id for f in expected.found] != []


def test_the_order_of_means_and_those_that_come_twice_change_nothing() -> None:
    expected, stages = Stages(cohort()), Stages(cohort())
    forwarded = [one.reading for one in stages.devices.evaluate(sent(one_drifts, 1500)).bed_readings]
    expected.take(forwarded)
    chance, windows = Random(1), sorted({one.at for one in forwarded})
    for window in windows:
        mine = [one for one in forwarded if one.at == window]
        chance.shuffle(mine)
        stages.take(mine + mine[:3])
        if chance.random() < 0.5:  # windows may be closed at once or later, several together
            stages.run((), (window - at(0)) / 1e6 + WINDOW / 2)
    for each in (expected, stages):
        each.run((), 1600)
    assert [f.id for f in stages.found] == [f.id for f in expected.found] != []


def test_a_window_is_closed_when_no_mean_of_it_can_come() -> None:
    stages, expected = Stages(cohort()), Stages(cohort())
    expected.hour(one_drifts, 1400)
    (raised,) = expected.found
    end = (raised.at - at(0)) // 1_000_000
    stages.hour(one_drifts, end - WINDOW)
    stages.run(sent(one_drifts, end + WINDOW, end - WINDOW), 0)  # all means of this window and the one before are there
    assert [stages.run((), end + seconds) for seconds in (0, WINDOW / 4 - 1)] == [[], []]
    assert stages.run((), end + WINDOW / 4) == ["m3 raised medium"]
    assert raised.received_at == stages.found[0].received_at == at(end + WINDOW / 4)


def test_a_window_waits_while_its_cohort_is_behind_or_in_a_partition_that_is_not_read() -> None:
    expected, stages = Stages(cohort()), Stages(cohort())
    expected.hour(one_drifts, 1400)
    end = (expected.found[0].at - at(0)) // 1_000_000
    stages.hour(one_drifts, end)
    stages.run(sent(one_drifts, end + WINDOW, end), 0)
    (name,) = stages.cohorts.devices.by_name
    assert stages.cohorts.advance(at(end + WINDOW), partitions=[1]).findings == []
    assert stages.cohorts.advance(at(end + WINDOW), behind=[name]).findings == []
    closed = stages.cohorts.advance(at(end + WINDOW))
    assert [f.id for f in closed.findings] == [expected.found[0].id]
    stages.run(sent(steady, end + 2 * WINDOW, end + WINDOW), 0)
    assert stages.cohorts.advance(at(end + 2 * WINDOW)).changed == {name}  # to be saved, also without a finding


def test_a_device_with_a_wrong_clock_is_not_compared_and_costs_no_other() -> None:
    def late(readings: Iterable[Reading], seconds: float) -> Iterator[Reading]:
        for one in readings:
            by = round(seconds * 1e6) if one.device == "m7" else 0
            yield Reading(
                device=one.device, ward=one.ward, at=one.at + by, received_at=one.received_at, values=one.values
            )

    for off in (-3 * 86_400.0, 5 * 86_400.0, 15.0, -15.0):
        stages = Stages(cohort())
        for start in range(0, 1400, WINDOW):
            stages.run(late(sent(one_drifts, start + WINDOW, start), off), start + WINDOW)
        assert [f.device for f in stages.found] == ["m3"], off
        assert stages.found[0].text.endswith("what 5 others of its kind show: check probe")
        assert {one.boot for one in stages.forwarded} == {f"m{i}" for i in range(1, 7)}


def test_a_clock_that_is_off_by_less_than_a_quarter_of_a_window_counts() -> None:
    stages = Stages(cohort())
    readings = [
        Reading(device=r.device, ward=r.ward, at=r.at + 9_000_000, received_at=r.received_at, values=r.values)
        if r.device == "m7" else r
        for r in sent(steady, 400)
    ]  # fmt: skip
    stages.run(readings, 400)
    assert {one.boot for one in stages.forwarded} == {f"m{i}" for i in range(1, 8)}


def test_few_devices_are_no_cohort_and_the_states_say_what_is_missing() -> None:
    stages = Stages(cohort(devices=4))
    few = [f"m{i}" for i in range(1, 5)]
    assert stages.hour(one_drifts, 200, devices=few) == []
    assert states(stages) == {"warming up, 3 of 6 values"}
    assert stages.hour(one_drifts, 1600, start=200, devices=few) == []
    assert states(stages) == {"not enough data, 4 of 5 devices of its kind"}


def states(stages: Stages) -> set[str]:
    (table,) = stages.cohorts.rules.tables.values()
    return set(table.progress(np.array([s for s, row in enumerate(table.rows) if row]), 0.0))


def test_one_that_joins_warms_up_and_is_then_compared() -> None:
    def joins(device: str, t: float) -> float:
        return steady(device, t) + (0.5 if device == "m7" and t > 1400 else 0.0)

    stages = Stages(cohort())
    assert stages.hour(joins, 600, devices=[f"m{i}" for i in range(1, 7)]) == []
    assert stages.hour(joins, 720, start=600) == []
    assert states(stages) == {"", "warming up, 1 of 6 values"}
    assert stages.hour(joins, 1400, start=720) == []
    assert states(stages) == {""}
    assert stages.hour(joins, 1600, start=1400) == ["m7 raised medium"]


def test_one_that_is_silent_ends_as_lost_and_leaves_when_nothing_of_it_is_left() -> None:
    stages = Stages(cohort())
    stages.hour(one_drifts, 1400)
    others = [f"m{i}" for i in range(1, 8) if i != 3]
    found = stages.hour(one_drifts, 5600, start=1400, devices=others)
    assert found == ["m3 cleared signal lost"]
    (device,) = stages.cohorts.devices.by_name.values()
    assert set(device.series) == set(others)
    assert stages.hour(lambda name, t: steady(name, t) + 3 * (name == "m3"), 6400, start=5600) == []  # learned anew


def test_a_device_that_changes_its_ward_is_one_of_the_other_cohort() -> None:
    moves = {"m3": (Assignment(ward="w1", bed="b3", span=span(until=410)), Assignment(ward="w2", span=span(since=410)))}
    stages = Stages(cohort(assignments=moves))
    stages.hour(steady, 600)
    wards = {(one.at - at(0)) // 1_000_000: one.ward for one in stages.forwarded if one.boot == "m3"}
    assert {end for end, ward in wards.items() if ward == "w1"} == set(range(80, 401, 40))
    assert {end for end, ward in wards.items() if ward == "w2"} == set(range(480, 561, 40))  # not of the window between


def test_everywhere_compares_all_wards_and_the_kind_of_device_decides() -> None:
    elsewhere = {"m3": (Assignment(ward="w2"),)}
    near, far = Stages(cohort(assignments=elsewhere)), Stages(cohort(drifting("everywhere"), assignments=elsewhere))
    assert near.hour(one_drifts, 1400) == []  # alone in its ward
    assert far.hour(one_drifts, 1400) == ["m3 raised medium"]
    assert far.found[0].ward == "w2"
    assert set(far.cohorts.devices.by_name) == {"cohort/drifting/temperature/*/monitor/0"}


def test_only_registered_devices_for_which_the_rule_holds_are_members() -> None:
    stages = Stages(cohort(drifting(where={"device": ["m1", "m2"]})))
    stages.hour(steady, 400, devices=["m1", "m2", "m3", "x9"])
    assert {one.boot for one in stages.forwarded} == {"m1", "m2"}
    unregistered = Stages(cohort())
    unregistered.hour(steady, 400, devices=["m1", "x9"])
    assert {one.boot for one in unregistered.forwarded} == {"m1"}
    six = drifting(where={"device": [f"m{i}" for i in range(1, 7)]})
    assert Stages(cohort(six)).hour(one_drifts, 1400) == ["m3 raised medium"]


def test_an_override_holds_for_a_cohort() -> None:
    loose = {"where": {"ward": ["w1"]}, "set": {"limit": 40}, "why": "old monitors", "by": "equipment"}
    assert Stages(cohort(drifting(overrides=[loose]))).hour(one_drifts, 1600) == []


@pytest.mark.parametrize("cut", [8, 10, 25, 31])
def test_state_that_is_restored_finds_the_same(cut: int) -> None:
    expected, stages = Stages(cohort()), Stages(cohort())
    expected.hour(one_drifts, 1600)
    stages.hour(one_drifts, cut * WINDOW)
    restart(stages)
    stages.hour(one_drifts, 1600, start=cut * WINDOW)
    assert [f.id for f in stages.found] == [f.id for f in expected.found] != []


def restart(stages: Stages) -> None:
    records = save(stages.cohorts, dict.fromkeys(stages.cohorts.devices.by_name, 0))
    stages.cohorts = Engine(bed_config(cohort()), scope="bed")
    for record in records:
        assert restore(stages.cohorts, STATE_WIRE.decode(STATE_WIRE.encode(record))) == []


def test_a_window_whose_means_are_restored_is_closed_when_it_is_due() -> None:
    expected, stages = Stages(cohort()), Stages(cohort())
    expected.hour(one_drifts, 1400)
    end = (expected.found[0].at - at(0)) // 1_000_000
    stages.hour(one_drifts, end)
    stages.run(sent(one_drifts, end + 5, end), 0)
    restart(stages)
    assert stages.run((), end + WINDOW / 4) == ["m3 raised medium"]


def test_a_rule_that_is_changed_or_removed_ends_its_findings() -> None:
    for rules, ended in (((drifting(limit=5),), "rule changed"), ((), "removed by config")):
        stages = Stages(cohort())
        stages.hour(one_drifts, 1400)
        config = replace(cohort(), rules=rules)
        found = stages.cohorts.configure(bed_config(config), at(1400)).findings
        assert [(f.device, f.transition, f.ended) for f in found] == [("m3", "cleared", ended)]
        assert stages.cohorts.forgettable() == ([] if rules else ["cohort/drifting/temperature/w1/monitor/0"])


def test_a_gap_of_many_windows_and_values_that_are_no_numbers_cost_nothing() -> None:
    stages = Stages(cohort())
    odd = {"m1": float("nan"), "m2": 1e300, "m4": 1e12}
    stages.hour(lambda name, t: odd.get(name, steady(name, t)) if t > 600 else steady(name, t), 1000)
    assert [f.device for f in stages.found if f.device not in odd] == []
    stages.hour(steady, 90_000 + 400, start=90_000)
    assert len(stages.cohorts.devices.by_name) == 1


class CohortSetup(WorkerSetup):
    """Workers of both stages on one log."""

    def start(self, *args: Any) -> None:
        super().start(*args)
        self.cohorts = Worker(self.log, self.live, self.clock, self.metrics, stage=BEDS)

    def run(self, seconds: float = 0, times: int = 1) -> list[str]:
        before = len(self.found)
        for _ in range(int(seconds)):
            self.clock.advance(1)
            self.worker.step(0)
            self.cohorts.step(0)
        return [f"{f.device} {f.transition}" for f in self.found[before:] if f.transition != "updated"]

    def play(self, course: Course, until: int, start: int = 0) -> list[str]:
        found = []
        for t in range(start, until, 5):
            self.send(*sent(course, t + 5, t))
            found += self.run(5)
        return found


def test_members_in_different_partitions_are_compared_together_and_curves_say_whose_state_it_is() -> None:
    setup = CohortSetup(cohort(), partitions=4)
    assert len({setup.log.partition(READINGS, f"m{i}") for i in range(1, 8)}) > 1
    assert setup.play(one_drifts, 1400) == ["m3 raised"]
    curves = [one for one in setup.scores if one.name == "cohort"]
    of_m1 = {"device": "m1", "signal": "temperature", "rule": "drifting", "ward": "w1", "bed": "b1"}
    assert of_m1 in [one.tags for one in curves]
    newest = {one.tags["device"]: one.fields for one in curves}
    assert max(newest, key=lambda device: newest[device]["score"]) == "m3"
    assert [name for name, fields in newest.items() if float(fields["score"]) > 1] == ["m3"]
    assert {one.fields.get("progress") for one in curves} >= {"warming up, 1 of 6 values", "warming up, 3 of 6 values"}
    saved = [one for one in log_messages(setup.log, BED_STATE, STATE_WIRE) if cohort_of(one.device)]
    assert {one.device for one in saved} == {"cohort/drifting/temperature/w1/monitor/0"}
    assert [one for one in saved if one.sources or one.source_numbers] == []  # all members count: nothing is chosen


def test_readings_of_cohorts_have_the_number_of_the_reading_that_ended_the_window() -> None:
    setup = CohortSetup(cohort())
    setup.play(steady, 200)
    forwarded = log_messages(setup.log, BED_READINGS, READING_WIRE)
    assert forwarded
    assert all(one.seq >= 0 for one in forwarded)


def crashing(seed: int, **rest: Any) -> CrashingWorkers:
    return CrashingWorkers(quick(), script(seed), seed, stages=(DEVICES, BEDS), **rest)


def quick() -> Config:
    return cohort(drifting(every="8s", baseline=3, for_="0s", at_least=4), devices=6)


def script(seed: int, seconds: int = 80) -> list[list[Reading]]:
    chance = Random(seed)

    def course(name: str, t: float) -> float:
        return steady(name, t) + 0.6 * (name == "m3") * (t // 16 % 2) * (t > 40)

    return [
        [reading(n, t, temperature=course(n, t)) for n in ("m1", "m2", "m3", "m4", "m5", "m6") if chance.random() < 0.9]
        for t in range(seconds)
    ]


def test_a_crash_after_any_operation_of_either_stage_changes_no_finding() -> None:
    expected = crashing(1)
    wanted = expected.run()
    assert {finding.device for finding in expected.findings()} == {"m3"}
    assert {str(finding.transition) for finding in expected.findings()} >= {"raised", "cleared"}
    operations = max(log.operations for _, log, _ in expected.workers)
    for fuse in range(1, operations, 1 if FULL else 29):
        for lifetimes in ([fuse], [-1, fuse]):
            assert crashing(1, lifetimes=lifetimes).run() == wanted, f"crashed after operation {lifetimes}"


@pytest.mark.parametrize("seed", [2, 3])
def test_partitions_that_move_between_workers_change_no_finding(seed: int) -> None:
    assert crashing(seed, members={15: 1, 32: -1, 50: 1, 60: 1}).run() == crashing(seed).run() != set()


@pytest.mark.parametrize("seed", [4, 5])
def test_means_that_come_together_may_wait_and_change_no_finding(seed: int) -> None:
    assert crashing(seed, bounds=Bounds(live=2, waiting=5)).run() == crashing(seed).run() != set()
