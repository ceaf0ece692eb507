"""A device that delivers a long backlog: what it costs the others, and what becomes of its own readings."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from detectors.worker.waiting_readings import Bounds
from tests.detectors.builders import at, high, reading, rule, ward
from tests.detectors.worker_setup import WorkerSetup, heart_rates
from ward.finding import Transition
from ward.reading import Reading
from ward.topics import DETECTOR_LAG
from ward.wire import DETECTOR_LAG_WIRE, DetectorLag

BACKLOG = 5000


def backlog(device: str, count: int = BACKLOG, x: float = 80) -> list[Reading]:
    """Readings of the time before T0, one a second, that the bridge receives now."""
    return [reading(device, i - count, 0, heart_rate=x) for i in range(count)]


def evaluated(setup: WorkerSetup) -> int:
    return round(setup.number("wardwatch_detectors_readings_evaluated_total"))


def until(setup: WorkerSetup, done: Callable[[], bool]) -> int:
    """Step at one instant until something holds. Returns the number of steps."""
    for steps in range(1, 10_000):
        setup.worker.step(0)
        if done():
            return steps
    raise AssertionError("it did not happen in 10,000 steps")


@pytest.mark.guarantee("What one device delivers after days away delays the findings about others by a bounded step.")
@pytest.mark.parametrize("behind", [["m1"], [f"m{i}" for i in range(1, 21)]])
def test_findings_about_others_do_not_wait_for_a_backlog(behind: list[str], figure: Callable[[str], None]) -> None:
    setup = WorkerSetup(ward(high(), devices=28))
    setup.send(*(r for device in behind for r in backlog(device, BACKLOG // len(behind))))
    live = {f"m{i}" for i in range(21, 29)}
    setup.send(*(reading(device, 0, heart_rate=150) for device in live))
    until(setup, lambda: {finding.device for finding in setup.found} == live)
    first = evaluated(setup) - len(live)
    assert first < 2 * 32 * len(behind)
    assert setup.worker.behind == set(behind)
    figure(f"{len(behind)} of 28 devices deliver {BACKLOG} readings: {first} of them are evaluated before 8 findings")


def test_a_short_backlog_does_not_wait_for_a_long_one() -> None:
    setup = WorkerSetup(ward(high(), devices=2))
    setup.send(*backlog("m1"), *backlog("m2", 100, 150))
    until(setup, lambda: "m2" not in setup.worker.behind and bool(setup.found))
    assert setup.worker.behind == {"m1"}
    assert evaluated(setup) < 1000


def test_when_all_devices_have_a_backlog_they_advance_together() -> None:
    setup = WorkerSetup(ward(high(), devices=0))
    names = [f"x{i}" for i in range(60)]
    setup.send(*(r for second in zip(*(backlog(name, 200) for name in names), strict=True) for r in second))
    while setup.worker.step(0, limit=600):
        states = setup.worker._engine.devices
        counts = [states.columns.count[d.number] for d in states.by_name.values() if d.name in setup.worker.behind]
        assert not counts or max(counts) - min(counts) <= 64
    assert evaluated(setup) == 60 * 200


def test_order_within_a_device_stays() -> None:
    setup = WorkerSetup(ward(high(), devices=1))
    setup.send(*backlog("m1"))
    until(setup, lambda: evaluated(setup) > 20)
    setup.send(*heart_rates("m1", [1], 150))
    until(setup, lambda: not setup.worker.behind)
    assert [finding.transition for finding in setup.found] == [Transition.RAISED]
    assert setup.number("wardwatch_detectors_values_out_of_order_total") == 0


# Time


def step_slowly(setup: WorkerSetup, seconds: int) -> list[str]:
    """Let time pass while the worker evaluates few readings in a step, as with a large backlog."""
    before = len(setup.found)
    for _ in range(seconds):
        setup.clock.advance(1)
        setup.worker.step(0, limit=1000)
        setup.worker._share._size = 8
    return [f"{f.rule} {f.device} {f.transition}" for f in setup.found[before:]]


def test_others_are_reported_missing_while_a_device_is_behind_and_it_is_not() -> None:
    setup = WorkerSetup(ward(rule("gone", "absent"), devices=2))
    setup.send(*backlog("m1"), reading("m2", 0, heart_rate=80))
    assert step_slowly(setup, 30) == ["gone m2 raised"]
    assert setup.worker.behind == {"m1"}


def test_a_device_that_caught_up_is_reported_missing_when_it_is() -> None:
    setup = WorkerSetup(ward(rule("gone", "absent"), devices=1))
    setup.send(*backlog("m1", 400))
    assert step_slowly(setup, 49) == []
    assert setup.run(4) == ["gone m1 raised medium"]
    assert setup.worker.behind == set()


def test_an_open_episode_of_another_device_is_reattached_while_a_device_is_behind() -> None:
    setup = WorkerSetup(ward(high(), devices=2))
    setup.send(*heart_rates("m1", [0], 150), *heart_rates("m2", [0], 150))
    setup.run(1)
    setup.kill()
    setup.live.config = ward(devices=2, hash_="c2")
    setup.start()
    setup.send(*backlog("m1"))
    assert step_slowly(setup, 10) == ["tachycardia m2 cleared"]
    setup.worker._share._size = 1000
    assert setup.run(20) == ["tachycardia m1 cleared removed by config"]


# Memory


def test_the_bytes_of_waiting_records_are_bounded_too() -> None:
    """A reading of a device that invents names has twenty times as many as another."""
    setup = WorkerSetup(ward(high(), devices=0), partitions=1)
    setup.start(bounds=Bounds(size=100_000))
    wide = {f"invented_{n}": 1.0 for n in range(100)}
    for t in range(0, 600, 60):
        narrow = [reading("x1", second, heart_rate=80) for second in range(t, t + 60)]
        setup.send(*(replace(one, values=dict(one.values) | wide) for one in narrow))
        setup.worker.step(0, limit=100)
        kept = [value for devices in setup.worker._waiting._partitions.values()
                for device in devices.values() for value in device.values]  # fmt: skip
        assert sum(map(len, kept)) <= 100_000 + len(kept[0] if kept else b"")
    until(setup, lambda: not setup.worker.behind and not any(setup.worker._consumer.lag().values()))
    assert evaluated(setup) == 600


def test_what_stands_behind_a_backlog_in_the_log_is_read_before_the_backlog_is_worked_off() -> None:
    setup = WorkerSetup(ward(high(), devices=0), partitions=1)
    setup.start()
    setup.send(*heart_rates("x1", range(1000)))
    setup.send(reading("live", 1000, heart_rate=80))
    for _ in range(5):
        setup.worker.step(0, limit=200)
    assert evaluated(setup) == 0, "of the backlog nothing while polls are full of it"
    setup.worker.step(0, limit=200)
    assert evaluated(setup) >= 1


@pytest.mark.parametrize("waiting", [1, 7, 500])
def test_waiting_records_are_bounded_and_all_are_evaluated_in_order(waiting: int) -> None:
    setup = WorkerSetup(ward(high(), devices=0), partitions=2)
    setup.start(bounds=Bounds(waiting=waiting))
    for t in range(0, 600, 60):
        for name in ("x1", "x2", "x3", "x4"):
            setup.send(*heart_rates(name, range(t, t + 60)))
        setup.send(reading("live", t, heart_rate=80))
        setup.worker.step(0, limit=100)
        assert setup.worker._waiting.in_memory <= max(waiting, 4)
    until(setup, lambda: not setup.worker.behind and not any(setup.worker._consumer.lag().values()))
    assert evaluated(setup) == 4 * 600 + 10
    assert setup.number("wardwatch_detectors_values_out_of_order_total") == 0
    assert setup.worker._waiting.in_memory == 0
    setup.worker.close()
    assert setup.committed(0) + setup.committed(1) == 4 * 600 + 10


# Positions


def test_a_reading_that_waits_holds_the_position_and_others_are_not_evaluated_again() -> None:
    setup = WorkerSetup(ward(high(), devices=2))
    setup.send(*backlog("m1"))
    for t in range(1, 21):
        setup.send(*heart_rates("m2", [t]))
        step_slowly(setup, 1)
    own = evaluated(setup) - 20
    setup.worker.close()
    assert setup.committed() <= own
    setup.start()
    until(setup, lambda: not setup.worker.behind and not any(setup.worker._consumer.lag().values()))
    assert evaluated(setup) == BACKLOG + 20


def test_a_device_that_is_behind_moves_to_another_worker_with_its_partition() -> None:
    setup = WorkerSetup(ward(high(), devices=0), partitions=2)
    names = [f"x{i}" for i in range(4)]
    setup.send(*(r for name in names for r in backlog(name, 500)))
    step_slowly(setup, 3)
    assert setup.worker.behind == set(names)
    before, setup.metrics = evaluated(setup), type(setup.metrics)()
    first = setup.worker
    setup.start()
    setup.worker.step(0)
    first.step(0)  # gives up a partition
    first.close()
    until(setup, lambda: not setup.worker.behind and not any(setup.worker._consumer.lag().values()))
    assert evaluated(setup) == 2000 - before


# What the screens read


def lags(setup: WorkerSetup) -> list[DetectorLag]:
    return [DETECTOR_LAG_WIRE.decode(value) for value in setup.values(DETECTOR_LAG)]


def test_each_second_the_log_says_until_when_readings_are_evaluated() -> None:
    setup = WorkerSetup(ward(high(), devices=1))
    for t in range(1, 4):
        setup.send(*heart_rates("m1", [t]))
        setup.run(1)
    assert [(one.at, one.until, one.behind) for one in lags(setup)[-3:]] == [(at(t), at(t), {}) for t in (1, 2, 3)]
    assert setup.worker.problem() == ""


@pytest.mark.guarantee("Detectors that are behind report until when readings are evaluated, and a problem after 5 s.")
def test_detectors_that_do_not_keep_up_report_until_when_readings_are_evaluated() -> None:
    setup = WorkerSetup(ward(high(), devices=0))
    setup.send(*(reading(f"x{i}", 0, heart_rate=80) for i in range(100)))
    setup.run(1)
    for t in range(2, 22):
        setup.send(*(reading(f"x{i}", t, heart_rate=80) for i in range(100)))
        setup.clock.advance(1)
        setup.worker.step(0, limit=50)
    newest = lags(setup)[-1]
    # At second 11 there were 1,000 records, which are evaluated now.
    assert (newest.at, newest.until) == (at(21), at(11))
    assert setup.worker.problem() == "detectors are behind: readings of the last 10 s are not evaluated yet"
    assert setup.number("wardwatch_detectors_lag_seconds") == 10
    until(setup, lambda: not any(setup.worker._consumer.lag().values()))
    setup.run(1)
    assert (lags(setup)[-1].until, setup.worker.problem()) == (at(22), "")


def test_a_device_that_is_behind_is_named_with_the_instant_until_which_it_is_evaluated() -> None:
    setup = WorkerSetup(ward(high(), devices=2))
    setup.send(*backlog("m1"), *heart_rates("m2", [0]))
    step_slowly(setup, 62)
    newest = lags(setup)[-1]
    # At second 1 the device began to be expected.
    assert (newest.until, newest.behind) == (newest.at, {"m1": at(1)})
    assert setup.worker.problem() == "detectors work off a backlog: what m1 sent in the last 61 s is not evaluated yet"
    assert setup.number("wardwatch_detectors_devices_behind") == 1


def test_after_a_restart_nothing_is_reported_until_it_is_known() -> None:
    setup = WorkerSetup(ward(high(), devices=1))
    setup.send(*heart_rates("m1", [0]))
    setup.run(1)
    setup.kill()
    setup.send(*(r for i in range(60) for r in heart_rates(f"x{i}", range(1, 3))))
    setup.start()
    before = len(lags(setup))
    for _ in range(2):
        setup.clock.advance(1)
        setup.worker.step(0, limit=30)
    assert len(lags(setup)) == before
    until(setup, lambda: not any(setup.worker._consumer.lag().values()))
    setup.run(1)
    assert lags(setup)[-1].until == at(4)
