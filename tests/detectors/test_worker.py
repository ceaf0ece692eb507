"""The worker between the log and the engine: what it reads, saves, takes over, gives up and publishes."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace

from detectors.worker.checkpoint import CYCLE, MOST
from detectors.worker.worker import Worker
from tests.detectors.builders import at, high, reading, rule, stay, ward
from tests.detectors.worker_setup import WorkerSetup, heart_rates
from ward.adapters.memory.log import MemoryLog
from ward.errors import LogUnavailable
from ward.finding import EndReason, Finding, Kind, Severity, Transition
from ward.metrics import Metrics
from ward.ports import Partition
from ward.reading import Reading
from ward.topics import DETECTOR_STATE, FINDINGS, READINGS
from ward.wire import FINDING_WIRE, READING_WIRE, DetectorCurve, SavedState
from ward.wire import STATE_WIRE as STATE_WIRE
from web.model.imaging import ImagingSuite

# Reading


def test_a_record_that_cannot_be_read_is_counted_and_the_others_are_evaluated() -> None:
    setup = WorkerSetup(ward(high()))
    setup.send(*heart_rates("m1", [0], 150))
    setup.log.send(READINGS, [("m1", b"\xff\xfe"), ("m1", b'{"v":9}'), ("m1", b"[]")])
    setup.send(*heart_rates("m2", [0], 150))
    assert setup.run() == ["tachycardia m1 raised medium", "tachycardia m2 raised medium"]
    assert setup.number("wardwatch_detectors_records_unreadable_total") == 3
    assert setup.number("wardwatch_detectors_readings_evaluated_total") == 2
    setup.worker.close()
    assert setup.committed() == 5


def test_late_values_lag_and_delay_are_metrics() -> None:
    setup = WorkerSetup(ward(high()))
    setup.send(*heart_rates("m1", [5, 3]))
    setup.clock.advance(7)
    setup.run()
    assert setup.number("wardwatch_detectors_values_out_of_order_total") == 1
    assert setup.number("wardwatch_consumer_lag_records", group="detectors", topic=READINGS) == 0
    assert setup.number("wardwatch_delay_seconds_sum", stage="detect") == 2
    setup.send(*heart_rates("m1", range(10, 15)))
    setup.clock.advance(2)
    setup.worker.step(0, limit=2)
    assert setup.number("wardwatch_consumer_lag_records", group="detectors", topic=READINGS) == 3


def test_a_device_is_not_missed_before_its_readings_in_the_log_are_read() -> None:
    setup = WorkerSetup(ward(rule("gone", "absent"), devices=1))
    setup.run()
    setup.send(*heart_rates("m1", range(1, 40)))
    setup.clock.advance(40)
    for _ in range(19):
        setup.worker.step(0, limit=2)
    assert setup.found == []
    assert setup.run(15) == []
    assert setup.run(1) == ["gone m1 raised medium"]


def test_a_wall_clock_that_jumps_ahead_makes_no_device_missing() -> None:
    setup = WorkerSetup(ward(rule("gone", "absent"), devices=1))
    for t in range(20):
        setup.send(*heart_rates("m1", [t]))
        setup.run(1)
    setup.clock.step(3600)
    assert setup.run(5) == []
    setup.clock.step(-3600)
    assert setup.run(12) == ["gone m1 raised medium"]


# Saving


def test_state_is_saved_in_slices_and_each_device_once_in_a_cycle() -> None:
    setup = WorkerSetup(ward(high(), devices=0))
    sent = 300
    setup.send(*(reading(f"x{i}", 0, heart_rate=80) for i in range(sent)))
    sizes = []
    for _ in range(int(CYCLE * 5)):
        before = len(setup.states)
        setup.clock.advance(0.25)
        setup.worker.step(0)
        sizes.append(len(setup.states) - before)
    assert max(sizes) <= min(MOST, 10)
    assert sum(sizes) == sent
    assert {state.device for state in setup.states} == {f"x{i}" for i in range(sent)}
    assert setup.committed() == sent


def test_the_committed_position_is_the_first_reading_in_no_saved_state() -> None:
    setup = WorkerSetup(ward(high(), devices=0))
    for second in range(int(CYCLE * 3)):
        setup.send(*(reading(f"x{i}", second, heart_rate=80) for i in range(5) if (second + i) % (i + 1) == 0))
        setup.run(0.5)
        saved: dict[str, int] = {}
        for state in setup.states:
            saved[state.device] = state.offset
        log = setup.values(READINGS)
        for offset in range(setup.committed()):
            assert saved[READING_WIRE.decode(log[offset]).device] >= offset
    assert setup.committed() > 0


def test_a_restart_evaluates_again_only_readings_in_no_saved_state() -> None:
    setup = WorkerSetup(ward(high(), devices=1))
    for t in range(100):
        setup.send(*heart_rates("m1", [t]))
        setup.run(1)
    judged = setup.number("wardwatch_detectors_readings_evaluated_total")
    setup.restart()
    setup.run(1)
    assert setup.number("wardwatch_detectors_readings_evaluated_total") - judged <= CYCLE + 1
    assert setup.number("wardwatch_detectors_states_restored_total", result="restored") == 1


def test_a_worker_that_closes_leaves_nothing_to_evaluate_again() -> None:
    setup = WorkerSetup(ward(high(), devices=1))
    setup.send(*heart_rates("m1", range(10)))
    setup.run(10)
    setup.worker.close()
    assert setup.committed() == 10


def test_a_worker_that_was_paused_saves_nothing_before_its_next_poll() -> None:
    setup = WorkerSetup(ward(high(), devices=1), partitions=2)
    for t in range(5):
        setup.send(*heart_rates("m1", [t]), *heart_rates("x1", [t]), *heart_rates("x2", [t]))
        setup.run(1)
    before = len(setup.values(DETECTOR_STATE))
    setup.clock.advance(60)  # SIGSTOP
    other = Worker(setup.log, setup.live, setup.clock, Metrics())
    setup.worker.step(0)  # one of the two partitions is revoked
    assert len(setup.values(DETECTOR_STATE)) == before
    other.step(0)


def test_a_state_written_late_by_a_paused_worker_is_not_restored() -> None:
    setup = WorkerSetup(ward(high(), devices=1))
    setup.send(*heart_rates("m1", [0], 150))
    setup.run()
    stale = setup.states[0]
    setup.worker.close()
    setup.log.send(DETECTOR_STATE, [("m1", STATE_WIRE.encode(stale))])  # by a worker that was paused
    setup.start()
    setup.send(*heart_rates("m1", [1], 80))
    assert setup.run() == ["tachycardia m1 cleared recovered"]


class FailingFindings(MemoryLog):
    """A log whose receipts for findings fail."""

    def send(self, topic: str, records: Any) -> Any:
        receipt = super().send(topic, records)
        return self if topic == FINDINGS else receipt

    def acked(self, wait: float) -> bool:
        raise LogUnavailable("gone")


def test_a_worker_whose_findings_are_not_durable_saves_nothing_and_fails() -> None:
    setup = WorkerSetup(ward(high(), devices=1))
    setup.log = FailingFindings(1)
    setup.start()
    setup.run()
    setup.send(*heart_rates("m1", [0], 150))
    setup.run()
    before = len(setup.values(DETECTOR_STATE))
    with pytest.raises(LogUnavailable):
        setup.run()
    setup.worker.close()
    assert len(setup.values(DETECTOR_STATE)) == before
    assert setup.committed() == 0


class SlowFindings(MemoryLog):
    """A log whose findings become durable when the test sets `durable`."""

    durable = False

    def send(self, topic: str, records: Any) -> Any:
        receipt = super().send(topic, records)
        return self if topic == FINDINGS else receipt

    def acked(self, wait: float) -> bool:
        return self.durable


def test_a_state_is_saved_after_the_findings_it_follows_from_are_durable() -> None:
    setup, log = WorkerSetup(ward(high(), devices=6)), SlowFindings(1)
    setup.kill()
    setup.log = log
    setup.start()
    setup.send(*heart_rates("m1", [0], 150))
    for t in range(int(2 * CYCLE)):
        setup.send(*(reading(f"m{i}", t, heart_rate=80) for i in range(2, 7)))
        setup.run(1)
    assert {state.device for state in setup.states if state.offset > 0} == {f"m{i}" for i in range(2, 7)}
    assert setup.committed() == 0
    log.durable = True
    setup.run(CYCLE)
    assert [s.open_findings[0].rule for s in setup.states if s.device == "m1" and s.open_findings] == ["tachycardia"]
    assert setup.committed() > 0


# Taking over


@pytest.mark.parametrize(
    "garbage", [b"", b"\x00", b"{}", b'{"v":7,"device":"m1","offset":99}', b'{"v":1,"device":"m1"}']
)
def test_a_state_that_cannot_be_read_is_counted_and_its_device_evaluated_from_the_log(garbage: bytes) -> None:
    setup = WorkerSetup(ward(high(for_="5s"), devices=2))
    setup.send(*heart_rates("m1", range(4), 150), *heart_rates("m2", range(4), 150))
    setup.run(1)
    setup.kill()
    setup.log.send(DETECTOR_STATE, [("m1", garbage)])
    setup.start()
    setup.send(*heart_rates("m1", range(4, 7), 150), *heart_rates("m2", range(4, 7), 150))
    assert sorted(setup.run()) == ["tachycardia m1 raised medium", "tachycardia m2 raised medium"]
    assert {f.onset for f in setup.found} == {at(0)}
    assert setup.number("wardwatch_detectors_states_restored_total", result="unreadable") == 1


def test_an_episode_whose_state_is_lost_continues_and_ends_when_it_would_have() -> None:
    setup = WorkerSetup(ward(high(keep_firing_for="3s"), rule("gone", "absent"), devices=1))
    setup.send(*heart_rates("m1", [0], 150))
    setup.run(1)
    setup.worker.close()
    setup.log.trim(Partition(DETECTOR_STATE, 0), setup.log.end(Partition(DETECTOR_STATE, 0)))
    setup.start()
    assert setup.run(60) == ["gone m1 raised medium"]
    setup.send(*heart_rates("m1", range(61, 66), 80))
    setup.run(6)
    raised, cleared = (f for f in setup.found if f.rule == "tachycardia" and f.transition is not Transition.UPDATED)
    assert (cleared.episode, cleared.transition, cleared.ended) == (
        raised.episode,
        Transition.CLEARED,
        EndReason.RECOVERED,
    )
    assert cleared.onset == raised.onset


def test_an_episode_without_a_rule_ends() -> None:
    setup = WorkerSetup(ward(high(), devices=1))
    setup.send(*heart_rates("m1", [0], 150))
    setup.run(1)
    setup.kill()
    setup.log.trim(Partition(DETECTOR_STATE, 0), setup.log.end(Partition(DETECTOR_STATE, 0)))
    setup.live.config = ward(devices=1, hash_="c2")
    setup.start()
    assert setup.run(5) == ["tachycardia m1 cleared removed by config"]


def test_of_two_open_episodes_of_one_row_the_second_is_superseded() -> None:
    setup = WorkerSetup(ward(high(), devices=1))
    setup.send(*heart_rates("m1", [0], 150))
    setup.run(1)
    (raised,) = setup.found
    setup.log.send(FINDINGS, [("m1", FINDING_WIRE.encode(replace(raised, episode="other")))])
    setup.kill()
    setup.log.trim(Partition(DETECTOR_STATE, 0), setup.log.end(Partition(DETECTOR_STATE, 0)))
    setup.start()
    setup.run(5)
    ended = [(finding.episode, finding.ended) for finding in setup.found if finding.transition is Transition.CLEARED]
    assert ended == [("other", EndReason.SUPERSEDED)]


def test_findings_of_other_programs_are_left_alone() -> None:
    setup = WorkerSetup(ward(high(), devices=1))
    theirs = Finding(
        episode="e1", transition=Transition.RAISED, rule="wear", detector="signature", kind=Kind.TECHNICAL,
        severity=Severity.LOW,
        onset=at(0), at=at(0), received_at=at(0), text="Worn out", device="m1",
    )  # fmt: skip
    setup.log.send(FINDINGS, [("m1", FINDING_WIRE.encode(theirs))])
    assert setup.run(10) == []


def test_a_restart_with_another_rule_starts_only_that_row_again() -> None:
    setup = WorkerSetup(ward(high("one", for_="3s"), high("two"), high("three"), devices=1))
    setup.send(*heart_rates("m1", [0, 1], 150))
    setup.run(1)
    setup.worker.close()
    setup.live.config = ward(high("one", for_="3s"), high("two", medium=99), devices=1, hash_="c2")
    setup.start()
    setup.send(*heart_rates("m1", [3], 150))
    assert sorted(setup.run(1)) == [
        "one m1 raised medium", "three m1 cleared removed by config", "two m1 cleared rule changed",
        "two m1 raised medium",
    ]  # fmt: skip


def test_a_patient_discharged_while_no_worker_ran_is_discharged_at_the_takeover() -> None:
    setup = WorkerSetup(ward(high(), devices=1, stays=(stay("p1", "b1"),)))
    setup.send(*heart_rates("m1", [0], 150))
    setup.run(1)
    setup.worker.close()
    setup.live.config = ward(high(), devices=1)
    setup.start()
    assert setup.run(1) == ["tachycardia m1 cleared discharged"]
    assert setup.found[-1].patient == "p1"


def test_the_start_of_a_silence_survives_a_restart() -> None:
    setup = WorkerSetup(ward(rule("gone", "absent"), devices=1))
    setup.run(10)
    setup.restart()
    assert setup.run(8) == ["gone m1 raised medium"]
    setup.restart()
    setup.run(60)
    assert {(f.transition, f.onset) for f in setup.found} == {(Transition.RAISED, at(16))}


def away(setup: WorkerSetup, seconds: float, grace: float = 20.0) -> None:
    """Two devices send for ten seconds; then devices and worker are away for a while."""
    setup.send(*heart_rates("m1", range(10)), *heart_rates("m2", range(10)))
    setup.run(10)
    setup.worker.close()
    setup.clock.advance(seconds)
    setup.start(grace)


def test_a_device_back_within_the_grace_is_raised_and_cleared_and_another_is_missed_after_it() -> None:
    setup = WorkerSetup(ward(rule("gone", "absent", keep_firing_for="3s"), devices=2))
    away(setup, 75)
    assert setup.run(12) == []
    setup.send(*heart_rates("m1", range(97, 102)))
    assert setup.run(4) == ["gone m1 raised medium", "gone m1 cleared recovered"]
    assert setup.run(4) == []
    assert setup.run(1) == ["gone m2 raised medium"]
    raised, cleared, missed = setup.found
    assert (raised.onset, raised.at, cleared.at) == (at(24), at(24), at(101))
    assert (missed.onset, missed.at) == (at(24), at(24))


def test_findings_are_the_same_with_a_grace_as_without() -> None:
    ids = []
    for grace in (0.0, 20.0):
        setup = WorkerSetup(ward(rule("gone", "absent", keep_firing_for="3s"), high(), devices=2))
        away(setup, 75, grace)
        for t in range(85, 130):
            setup.send(*heart_rates("m1", [t], 150))
            setup.run(1)
        ids.append({finding.id for finding in setup.found})
    assert len([id_ for id_ in ids[0] if "-updated-" not in id_]) == 4
    assert ids[0] == ids[1]


def test_a_partition_taken_over_later_has_a_grace_of_its_own() -> None:
    setup = WorkerSetup(ward(rule("gone", "absent", after="5s"), devices=8), partitions=2)
    setup.start(grace=20.0)
    setup.run(30)
    assert len(setup.found) == 8
    assert len(setup.worker.partitions) == 2
    other = Worker(setup.log, setup.live, setup.clock, Metrics(), grace=20.0)

    def both(seconds: int) -> set[str]:
        before = {finding.id for finding in setup.found}
        for _ in range(seconds):
            setup.run(1)
            other.step(0)
        return {f"{finding.device} {finding.transition}" for finding in setup.found if finding.id not in before}

    both(3)
    (partition,) = setup.worker.partitions
    devices = {f"m{i}" for i in range(1, 9)}
    setup.send(*(reading(device, 33, heart_rate=80) for device in devices))
    own = {device for device in devices if setup.log.partition(READINGS, device).number == partition.number}
    assert both(12) == {f"{device} {transition}" for device in own for transition in ("cleared", "raised")}
    assert both(10) == {f"{device} {transition}" for device in devices - own for transition in ("cleared", "raised")}
    other.close()


# Config


def test_a_new_config_is_in_force_at_the_next_step() -> None:
    setup = WorkerSetup(ward(high(), devices=1))
    setup.send(*heart_rates("m1", [0], 150))
    setup.run()
    setup.live.config = ward(high(medium=140), rule("gone", "absent"), devices=2, hash_="c2")
    setup.send(*heart_rates("m1", [1], 150))
    assert setup.run(1) == ["tachycardia m1 cleared rule changed", "tachycardia m1 raised medium"]
    assert setup.found[-1].config == "c2"
    setup.send(*heart_rates("m1", range(2, 30)))
    assert "gone m2 raised medium" in setup.run(20)


def test_an_unregistered_device_that_is_gone_leaves_an_empty_record() -> None:
    setup = WorkerSetup(ward(high(), devices=0))
    setup.send(*heart_rates("x1", [0]))
    setup.run(1)
    setup.clock.advance(2 * 86_400)
    setup.run(130)
    assert setup.states[-1] == SavedState(device="x1", offset=0, watermark=0, series={})
    setup.restart()
    setup.run(1)
    assert setup.worker._engine.devices.by_name == {}


# Scores


def test_each_cusum_is_published_once_a_minute() -> None:
    shift = rule("shift", "cusum", "heart_rate", target=80, sd=2, limit=5)
    setup = WorkerSetup(ward(shift, devices=3))
    for t in range(180):
        setup.send(*(reading(f"m{i}", t, heart_rate=80 + i) for i in (1, 2, 3)))
        setup.run(1)
    cusums = [score for score in setup.scores if score.name == "cusum"]
    assert len(cusums) == 9
    assert cusums[-1].tags.keys() == {"device", "signal", "rule", "ward", "bed"}
    last = {score.tags["device"]: score.fields for score in cusums}
    assert last["m3"] == {"score": pytest.approx(2.0), "mean": pytest.approx(83.0, abs=0.3), "target": 80.0, "sd": 2.0}


def logger(name: str, t: float, humidity: float, attached: str) -> Reading:
    return reading(name, t, humidity=humidity, device_kind="humidity_logger", attached=attached)


def suite(scores: Sequence[DetectorCurve]) -> list[tuple[str, float, int, tuple[str, ...]]]:
    return [(d.name, round(d.humidity, 2), d.messages, d.sensors) for d in ImagingSuite.merge(scores).devices]


def test_the_imaging_suite_is_published_every_three_seconds_and_its_parts_add_up() -> None:
    setup = WorkerSetup(ward(devices=0), partitions=4)
    others = [Worker(setup.log, setup.live, setup.clock, Metrics()) for _ in range(2)]
    for t in range(12):
        setup.send(*(logger(f"g{i}", t % 3, 40 + i, f"MRI-{i % 2}") for i in range(8)))  # late ones count as well
        for other in others:
            other.step(0)
        setup.run(1)
    of = [score.at for score in setup.scores if score.tags == setup.scores[0].tags]
    assert {(later - one) / 1e6 for one, later in pairwise(of)} == {3}
    setup.clock.advance(3)
    for worker in (*others, setup.worker):
        worker.step(0)
    assert suite(setup.scores) == [
        ("MRI-1", 44.0, 48, ("g1", "g3", "g5", "g7")), ("MRI-0", 43.0, 48, ("g0", "g2", "g4", "g6")),
    ]  # fmt: skip
    merged = ImagingSuite.merge(setup.scores)
    assert (merged.messages, merged.sensors) == (96, 8)


def test_the_imaging_suite_survives_a_restart() -> None:
    setup = WorkerSetup(ward(devices=0))
    setup.send(*(logger("g1", t, 50, "CT-3") for t in range(10)))
    setup.run(2)
    setup.worker.close()
    setup.start()
    setup.send(*(logger("g1", t, 60, "CT-3") for t in range(10, 20)))
    setup.run(6)
    assert suite(setup.scores) == [("CT-3", 55.0, 20, ("g1",))]


def test_after_a_crash_no_humidity_reading_is_counted_twice() -> None:
    setup, names = WorkerSetup(ward(devices=0)), [f"g{i}" for i in range(10)]
    for t in range(40):
        setup.send(*(logger(name, t, 40 + i, "CT-3") for i, name in enumerate(names)))
        setup.run(1)
    newest = {state.device: state.offset for state in setup.states}
    assert newest and max(newest.values()) > setup.committed(), "some readings that are read again are in a saved state"  # noqa: PT018
    setup.restart()
    setup.run(6)
    assert suite(setup.scores) == [("CT-3", 44.5, 400, tuple(names))]


def test_a_config_without_changes_changes_no_finding() -> None:
    setup = WorkerSetup(ward(high(), devices=1))
    setup.send(*heart_rates("m1", [0], 150))
    setup.run()
    setup.live.config = ward(high(), devices=1)
    assert setup.run(3) == []
    assert replace(setup.found[0]).transition is Transition.RAISED
