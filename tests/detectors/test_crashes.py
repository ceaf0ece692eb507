"""A crash changes no finding (guarantee 4): at whatever operation a worker is killed."""

from collections.abc import Sequence
from functools import cache
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from detectors.worker.waiting_readings import Bounds
from tests.detectors.builders import high, reading, rule, stay, ward
from tests.detectors.crashing_log import CrashingWorkers
from tests.kit.examples import FULL, examples
from ward.config.config import Config
from ward.finding import Kind
from ward.reading import Flag, Reading


def lively() -> Config:
    """Every detector, every way to decide, and a patient who leaves."""
    return ward(
        high(for_="2s", keep_firing_for="2s", hysteresis=5, high=120),
        high("mean", every="5s"),
        rule("low", "limits", "spo2", kind=Kind.PHYSIOLOGICAL, side="low", medium=90, keep_firing_for="3s"),
        rule("gone", "absent", after="6s", severity={"low": 1, "medium": 1.5}),
        rule("missing", "absent", "spo2", after="4s", keep_firing_for="2s"),
        rule("offline", "limits", "online", side="low", medium=0.5, for_="2s"),
        rule("doubts", "event_count", "heart_rate", count=3, half_life="4s"),
        rule("lost", "event_count", "lost_readings", count=5, half_life="4s"),
        rule("skew", "limits", "clock_skew", side="high", low=5),
        rule("stuck", "flatline", "temperature", after="6s", min_values=4),
        rule("shift", "cusum", "temperature", calibrate_values=6, sd_floor=0.1, limit=4, head_start=2),
        rule("slow", "ewma", "temperature", target=36.8, sd=0.1, exact=True),
        rule("noise", "rolling", "heart_rate", measure="sd", window="6s", limit=9, min_values=4),
        rule("fast", "rolling", "spo2", measure="slope", window="6s", limit=40, min_values=4, side="both"),
        devices=4,
        signals={"heart_rate": 1.0, "spo2": 1.0, "temperature": 1.0},
        stays=(stay("p1", "b1", until=18), stay("p2", "b1", since=20), stay("p3", "b2")),
    )


def script(seed: int, seconds: int = 40) -> list[list[Reading]]:
    """Readings of three monitors of four and of an unregistered one, second by second.

    With gaps, spikes, implausible values, backlogs and reboots, and status messages of the broker, true or not.
    """
    chance, broker, sent = Random(seed), Random(seed), []
    mood = dict.fromkeys(("m1", "m2", "m3", "x9"), 0.0)
    away, unplugged = dict.fromkeys(mood, 0), dict.fromkeys(mood, 0)
    for second in range(seconds):
        readings = []
        for device in mood:
            if broker.random() < 0.08:
                readings.append(reading(device, second, online=broker.randint(0, 1), flags=int(Flag.STATUS)))
            if device == "m1" and 14 <= second < 18:  # the patient who leaves is ill
                mood[device], away[device] = 45.0, 0
            if away[device] > 0:
                away[device] -= 1
                continue
            if chance.random() < 0.06:
                away[device] = chance.randint(1, 14)
            if chance.random() < 0.1:
                mood[device] = chance.choice((0.0, 0.0, 30.0, 45.0))
            unplugged[device] = unplugged[device] - 1 if unplugged[device] else 9 * (chance.random() < 0.05)
            readings += _readings(chance, device, second, mood[device], unplugged[device] > 0)
        sent.append(readings)
    return sent


def _readings(chance: Random, device: str, second: int, mood: float, unplugged: bool) -> list[Reading]:
    values = {
        "heart_rate": 80 + mood + chance.randint(-5, 5),
        "spo2": 97 - mood / 4 + chance.randint(-1, 1),
        "temperature": 36.8 + (0.1 * chance.randint(-1, 1) if chance.random() < 0.6 else 0.0) + mood / 50,
    }
    if chance.random() < 0.15:
        del values[chance.choice(list(values))]
    if unplugged:
        values.pop("spo2", None)
    implausible = ("heart_rate",) if mood and chance.random() < 0.7 else ()
    if implausible:
        values.pop("heart_rate", None)
    flags = Flag.CLOCK_SKEWED if chance.random() < 0.05 else 0
    lost = chance.choice((0, 0, 0, 0, 4))
    measured = second - (chance.randint(3, 8) if flags else 0) + chance.choice((0.0, 0.25, 0.5))
    made = [reading(device, measured, second, implausible, flags=int(flags), lost=lost, **values)]
    if chance.random() < 0.1:  # a straggler
        made.append(reading(device, measured - 2, second, heart_rate=150))
    return made


@cache
def undisturbed(seed: int) -> frozenset[str]:
    return frozenset(CrashingWorkers(lively(), script(seed), seed).run())


def test_the_script_makes_every_rule_raise() -> None:
    workers = CrashingWorkers(lively(), script(1))
    workers.run()
    found = workers.findings()
    assert {f.rule for f in found} == {r.name for r in lively().rules}
    assert {str(f.ended) for f in found} == {"None", "recovered", "discharged"}
    assert len({f.id for f in found}) == len(found) > 60


@pytest.mark.guarantee("A crash after any operation changes no finding.")
@pytest.mark.parametrize("seed", [1])
def test_a_crash_after_any_operation_changes_no_finding(seed: int) -> None:
    workers = CrashingWorkers(lively(), script(seed, 16), seed)
    expected = workers.run()
    operations = workers.workers[0][1].operations
    for fuse in range(1, operations, 1 if FULL else 5):
        again = CrashingWorkers(lively(), script(seed, 16), seed, lifetimes=[fuse])
        assert again.run() == expected, f"crashed after operation {fuse}"
        assert again.crashes == 1


@pytest.mark.parametrize("bounds", [Bounds(0, 2), Bounds(1, 5), Bounds(0)])
def test_devices_that_are_behind_have_the_findings_that_live_ones_have(bounds: Bounds) -> None:
    for limit in (5, 5000):
        workers = CrashingWorkers(lively(), script(1), 1, lambda _, limit=limit: limit, bounds=bounds)  # type: ignore[misc]
        assert workers.run() == undisturbed(1)


# The example crashes in the last seconds, and again right after the start.
# Without shrinking: each run takes a good part of a second, and the arguments are small as they are.
@settings(
    max_examples=examples(8, 60), deadline=None, suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)  # fmt: skip
@given(
    seed=st.integers(0, 3),
    lifetimes=st.lists(st.integers(1, 120), max_size=8),
    members=st.dictionaries(st.integers(0, 39), st.sampled_from([1, 1, -1]), max_size=4),
    limit=st.sampled_from([1, 3, 7, 5000]),
    chance=st.integers(0, 1000),
    grace=st.sampled_from([0.0, 5.0]),
    bounds=st.builds(Bounds, st.sampled_from([0, 1, 2, 10]), st.sampled_from([1, 3, 10, 100_000])),
)
@example(
    seed=0, lifetimes=[82, 56, 116, 42, 118, 56, 116, 82], members={}, limit=7, chance=37, grace=0.0, bounds=Bounds()
)  # fmt: skip
def test_crashes_batch_sizes_and_moving_partitions_change_no_finding(
    seed: int, lifetimes: Sequence[int], members: dict[int, int], limit: int, chance: int, grace: float,
    bounds: Bounds,
) -> None:  # fmt: skip
    workers = CrashingWorkers(
        lively(), script(seed), chance, lambda c: c.randint(1, limit), members=members,
        lifetimes=lifetimes, grace=grace, bounds=bounds,
    )  # fmt: skip
    assert workers.run() == undisturbed(seed)
