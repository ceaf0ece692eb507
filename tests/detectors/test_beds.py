"""Rules about the patient in a bed: values of several devices, wherever these are evaluated."""

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

import pytest

from detectors.beds.config_view import bed_config
from detectors.beds.source_choice import SourceChoice
from detectors.engine.bed_forward import EVERY
from detectors.worker.stage import BEDS, DEVICES
from detectors.worker.worker import Worker
from tests.detectors.bed_rules import bed_rule
from tests.detectors.builders import at, reading, rule, stay, ward
from tests.detectors.crashing_log import CrashingWorkers
from tests.detectors.worker_setup import WorkerSetup
from tests.kit.examples import FULL
from tests.kit.log_records import log_messages
from ward.bed_subject import PERSON, bed_subject, is_bed_subject
from ward.config.config import Config
from ward.config.rule import Rule
from ward.finding import Finding
from ward.inventory import Assignment, Stay
from ward.reading import Reading
from ward.topics import BED_READINGS, FINDINGS, READINGS
from ward.wire import FINDING_WIRE, READING_WIRE


def news2(**settings: Any) -> Rule:
    """NEWS2 at beds."""
    return bed_rule("news2", **settings)


# Two monitors at the first bed, and one at the second.
BESIDE = {"m1": (Assignment(ward="w1", bed="b1"),), "m2": (Assignment(ward="w1", bed="b1"),)}
MEDIUM = {"single": False, "medium": 3, "high": 5}


def beds(*rules: Rule, stays: Sequence[Stay] = (), devices: int = 3, assignments: Any = BESIDE) -> Config:
    return ward(*(rules or (news2(**MEDIUM),)), devices=devices, stays=tuple(stays), assignments=assignments)


class BedSetup(WorkerSetup):
    """Workers of devices and of beds on one log."""

    def start(self, *args: Any) -> None:
        super().start(*args)
        self.beds = Worker(self.log, self.live, self.clock, self.metrics, stage=BEDS)

    def run(self, seconds: float = 0, times: int = 1) -> list[str]:
        before = len(self.found)
        for _ in range(max(1, int(seconds))):
            self.clock.advance(min(1.0, seconds))
            for _ in range(times):
                self.worker.step(0)
                self.beds.step(0)
        return [f"{f.bed} {f.patient} {f.transition} {f.ended or f.severity}" for f in self.found[before:]]

    @property
    def forwarded(self) -> list[Reading]:
        return log_messages(self.log, BED_READINGS, READING_WIRE)


def receive(setup: BedSetup, *readings: Reading) -> list[str]:
    setup.send(*readings)
    return setup.run(1)


def test_devices_of_one_bed_in_different_partitions_are_evaluated_together() -> None:
    setup = BedSetup(beds(stays=[stay("p1", "b1")]), partitions=8)
    assert setup.log.partition(READINGS, "m1") != setup.log.partition(READINGS, "m2")
    receive(setup, reading("m1", 1, heart_rate=125.0))
    assert receive(setup, reading("m2", 2, respiratory_rate=22.0)) == ["b1 p1 raised medium"]
    (finding,) = setup.found
    assert (finding.device, finding.subject, finding.signal, finding.ward) == ("", "patient/p1", "news2", "w1")
    assert finding.value == 4
    assert finding.text.startswith("NEWS2 at least 4 (2 for respiratory rate, 2 for heart rate); not known: oxygen")


def test_a_bed_without_a_known_patient_is_evaluated_as_a_bed() -> None:
    setup = BedSetup(beds())
    assert receive(setup, reading("m1", 1, heart_rate=135.0)) == ["b1  raised medium"]
    assert setup.found[0].subject == "bed/b1"


def test_a_device_at_no_bed_is_not_forwarded_nor_a_signal_that_no_rule_asks_for() -> None:
    nowhere = {"m1": (Assignment(ward="w1"),)}
    setup = BedSetup(beds(assignments=nowhere))
    receive(setup, reading("m1", 1, heart_rate=135.0), reading("x1", 1, heart_rate=135.0))
    receive(setup, reading("m2", 1, battery=50.0, heart_rate=70.0))
    assert [one.values for one in setup.forwarded] == [{"heart_rate": 70.0}]


def test_of_each_signal_one_value_in_five_seconds_is_forwarded_and_a_rare_one_always() -> None:
    setup = BedSetup(beds())
    for t in range(20):
        rare: dict[str, Any] = {"systolic_bp": 120.0} if t == 8 else {}
        setup.send(reading("m1", t, heart_rate=70.0 + t, **rare))
    setup.run(1)
    assert EVERY == 5
    assert [one.values for one in setup.forwarded] == [
        {"heart_rate": 70.0}, {"heart_rate": 75.0}, {"systolic_bp": 120.0}, {"heart_rate": 80.0}, {"heart_rate": 85.0},
    ]  # fmt: skip
    assert {one.boot for one in setup.forwarded} == {"m1"}


def test_of_a_backlog_one_value_a_minute_is_forwarded() -> None:
    setup = BedSetup(beds())
    setup.send(*(reading("m1", t, 1000, heart_rate=70.0) for t in range(0, 200, 5)))
    setup.run(1)
    assert [one.at for one in setup.forwarded] == [at(0), at(60), at(120), at(180)]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_is_forwarded_does_not_depend_on_how_readings_come(size: int) -> None:
    setup = BedSetup(beds())
    chance = Random(4)
    readings = [
        reading("m1", t + chance.choice((0.0, 0.25, -3.0)), 400 if t > 50 else t, **some(chance)) for t in range(300)
    ]
    for start in range(0, len(readings), size):
        setup.send(*readings[start : start + size])
        setup.run(0.001)
    setup.run(5)
    again = BedSetup(beds())
    for one in readings:
        again.send(one)
        again.run(0.001)
    assert setup.forwarded == again.forwarded
    assert [one.seq for one in setup.forwarded] == sorted({one.seq for one in setup.forwarded})
    assert len(setup.forwarded) > 60


def some(chance: Random) -> dict[str, Any]:
    names = ("heart_rate", "spo2", "temperature", "battery")
    return {name: float(chance.randint(60, 99)) for name in names if chance.random() < 0.7}


def test_a_patient_who_moves_takes_the_state_along_and_the_alert_is_that_of_the_new_bed() -> None:
    stays = [stay("p1", "b1", until=100), stay("p1", "b3", since=100)]
    moved = {**BESIDE, "m3": (Assignment(ward="w1", bed="b3"),)}
    setup = BedSetup(beds(stays=stays, assignments=moved))
    receive(setup, reading("m1", 1, heart_rate=125.0, respiratory_rate=22.0))
    setup.run(105)
    # Of the other bed's device a single value comes: the respiratory rate is from the bed before.
    receive(setup, reading("m3", 106, heart_rate=126.0))
    changes = [f"{f.bed} {f.transition}" for f in setup.found if f.transition != "updated"]
    assert changes == ["b1 raised", "b1 cleared", "b3 raised"]
    assert str(setup.found[-2].ended) == "discharged"
    assert setup.found[-1].text.startswith("NEWS2 at least 4 (2 for respiratory rate, 2 for heart rate)")


def test_a_rule_that_starts_afresh_forgets_the_values_of_the_bed_before() -> None:
    stays = [stay("p1", "b1", until=100), stay("p1", "b3", since=100)]
    moved = {**BESIDE, "m3": (Assignment(ward="w1", bed="b3"),)}
    setup = BedSetup(beds(news2(**MEDIUM, fresh=True), stays=stays, assignments=moved))
    receive(setup, reading("m1", 1, heart_rate=125.0, respiratory_rate=22.0))
    assert "b1 p1 cleared discharged" in setup.run(105)
    assert receive(setup, reading("m3", 107, heart_rate=126.0)) == []
    assert receive(setup, reading("m3", 113, heart_rate=135.0)) == ["b3 p1 raised medium"]
    assert setup.found[-1].text.startswith("NEWS2 at least 3 (3 for heart rate); not known: oxygen, consciousness")


def test_a_new_patient_in_the_bed_starts_without_the_values_of_the_one_before() -> None:
    setup = BedSetup(beds(stays=[stay("p1", "b1", until=100), stay("p2", "b1", since=100)]))
    receive(setup, reading("m1", 1, heart_rate=125.0, respiratory_rate=22.0))
    assert "b1 p1 cleared discharged" in setup.run(105)
    assert receive(setup, reading("m1", 107, heart_rate=125.0)) == []


def test_a_patient_who_is_admitted_ends_what_was_known_of_the_bed() -> None:
    setup = BedSetup(beds(stays=[stay("p1", "b1", since=100)]))
    receive(setup, reading("m1", 1, heart_rate=135.0))
    assert [f"{f.subject} {f.transition}" for f in setup.found] == ["bed/b1 raised"]
    assert setup.run(105) == ["b1  cleared discharged"]
    assert receive(setup, reading("m1", 107, heart_rate=135.0)) == ["b1 p1 raised medium"]


def test_of_two_devices_that_measure_one_signal_the_first_one_counts_until_it_is_silent() -> None:
    setup = BedSetup(beds(stays=[stay("p1", "b1")]))
    for t in range(0, 60, 5):
        receive(setup, reading("m1", t, heart_rate=80.0), reading("m2", t + 0.5, heart_rate=140.0))
    assert setup.found == []
    for t in range(60, 125, 5):
        receive(setup, reading("m2", t, heart_rate=140.0))
    assert [f"{f.transition} {f.at}" for f in setup.found][:1] == [f"raised {at(115)}"]


def test_what_a_person_observed_counts_at_once_and_a_device_again_after_a_minute() -> None:
    setup = BedSetup(beds(stays=[stay("p1", "b1")]))
    receive(setup, reading("m1", 0, oxygen=0.0))
    by_hand = Reading(device="patient/p1", ward="w1", at=at(2), received_at=at(2), values={"oxygen": 2.0}, boot=PERSON)
    setup.log.send(BED_READINGS, [(by_hand.device, READING_WIRE.encode(by_hand))])
    chosen = []
    for t in (5, 30, 70):
        receive(setup, reading("m1", t, oxygen=float(t)))
        chosen.append(setup.beds._engine.sources.of("patient/p1")[0]["oxygen"][0])  # type: ignore[union-attr]
    assert chosen == [PERSON, PERSON, "m1"]


def test_the_chosen_device_is_kept_across_a_restart() -> None:
    setup = BedSetup(beds(stays=[stay("p1", "b1")]))
    receive(setup, reading("m1", 0, heart_rate=80.0), reading("m2", 0.5, heart_rate=140.0))
    setup.run(70)
    setup.beds.close()
    setup.beds = Worker(setup.log, setup.live, setup.clock, setup.metrics, stage=BEDS)
    receive(setup, reading("m1", 71, heart_rate=80.0), reading("m2", 71.5, heart_rate=140.0))
    assert setup.found == []


def test_readings_without_a_choice_stay_as_they_are() -> None:
    one = Reading(device="patient/p1", ward="w1", at=1, received_at=1, values={"spo2": 97.0}, boot="m1")
    assert SourceChoice().choose(one) is one


@pytest.mark.parametrize(
    ("stays", "expected"),
    [
        ([], {"bed/b1": [(None, None)]}),
        ([stay("p1", "b1", 10, 20)], {"bed/b1": [(None, at(10)), (at(20), None)], "patient/p1": [(at(10), at(20))]}),
        ([stay("p1", "b1")], {"bed/b1": [], "patient/p1": [(None, None)]}),
    ],
)
def test_a_bed_is_watched_as_such_while_no_patient_is_known(
    stays: Sequence[Stay], expected: dict[str, list[tuple[Any, Any]]]
) -> None:
    inventory = bed_config(beds(stays=stays)).inventory
    found = {
        name: [(one.span.since, one.span.until) for one in device.assignments if one.bed == "b1"]
        for name, device in inventory.devices.items()
        if name in expected
    }
    assert found == expected
    assert all(map(is_bed_subject, inventory.devices))
    place = inventory.place("patient/p1", at(15))
    assert not stays or bed_subject(place) == "patient/p1"


def both(seed: int, **rest: Any) -> CrashingWorkers:
    return CrashingWorkers(crash_config(), crash_script(seed), seed, stages=(DEVICES, BEDS), **rest)


def crash_config() -> Config:
    """One monitor at each bed, so that the order of its values is that of its readings."""
    stays = (
        stay("p1", "b1", until=18),
        stay("p2", "b1", since=20),
        stay("p3", "b2", until=30),
        stay("p3", "b3", since=30),
    )
    rules = (news2(single=False, medium=2, high=4, keep_firing_for="3s"), rule("fast", "limits", "heart_rate",
             side="high", medium=120))  # fmt: skip
    return ward(*rules, devices=3, stays=stays, signals={"heart_rate": 1.0})


def crash_script(seed: int, seconds: int = 40) -> list[list[Reading]]:
    chance = Random(seed)
    return [[one for name in ("m1", "m2", "m3") for one in ill(chance, name, t)] for t in range(seconds)]


def ill(chance: Random, name: str, t: int) -> Iterable[Reading]:
    if chance.random() < 0.8:
        bad = t // 7 % 2
        yield reading(name, t, heart_rate=80.0 + 45 * bad, respiratory_rate=15.0 + 8 * bad * chance.randint(0, 1))


def test_a_crash_after_any_operation_changes_no_finding_about_a_patient() -> None:
    expected = both(1)
    wanted = expected.run()
    assert len(wanted) > 20
    assert {bool(finding.subject) for finding in found_by(expected)} == {True, False}
    operations = max(log.operations for _, log, _ in expected.workers)
    for fuse in range(1, operations, 1 if FULL else 19):
        for lifetimes in ([fuse], [-1, fuse]):
            again = both(1, lifetimes=lifetimes)
            assert again.run() == wanted, f"crashed after operation {lifetimes}"


def found_by(workers: CrashingWorkers) -> list[Finding]:
    return log_messages(workers.log, FINDINGS, FINDING_WIRE)


@pytest.mark.parametrize("seed", [2, 3])
def test_partitions_of_patients_that_move_between_workers_change_no_finding(seed: int) -> None:
    assert both(seed, members={5: 1, 12: -1, 20: 1, 30: 1}).run() == both(seed).run()


def test_scores_that_are_behind_are_reported_as_such_and_not_as_rules_about_devices() -> None:
    setup = BedSetup(beds())
    setup.send(reading("m1", 1, heart_rate=80.0))
    setup.run(3)
    setup.send(*(reading("m1", t, heart_rate=80.0) for t in range(5, 60, 5)))
    for _ in range(10):
        setup.clock.advance(1)
        setup.worker.step(0)
        setup.beds.step(0, 1)  # one record a second, of more that come
        setup.send(*(reading("m1", 60 + 60 * t, heart_rate=80.0) for t in range(3)))
    assert setup.worker.problem() == ""
    assert setup.beds.problem().startswith("scores of patients are behind: values of the last ")
