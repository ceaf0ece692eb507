"""What happens in the simulated hospital: every scenario and every fault, each often, at beds and hours by chance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simulators.devices.monitors_at_beds import MonitorAtBed
from simulators.faults import fault_names
from simulators.scenarios import load_scenario, scenario_names
from simulators.scripts.script import WardScript

HOUR, DAY = 3600.0, 86_400.0
# Hours after an episode in which what is raised still belongs to it: the patient recovers, rules look back.
TAIL = 2 * HOUR
# How long faults last. A battery is flat after half an hour, so that fault shows itself within that time.
FAULT_LASTS, BATTERY_LASTS = 1.5 * HOUR, 40 * 60.0
BATTERY, DRIFT = "battery_discharge", "slow_drift"
# The drift takes three weeks; the days before are those in which its rule learns.
DRIFT_BEGINS, DRIFT_TAKES = 7 * DAY, 21 * DAY
# One bed in so many has the first scenario that is not treated, the next one the second, and so on.
_BEDS_IN_TURN = 4


@dataclass(frozen=True, slots=True)
class Episode:
    """A scenario of a patient or a fault of a monitor, at a bed counted from 0; `begin`, `end` and `until`, up to when
    alerts belong to it, in seconds."""

    name: str
    fault: bool
    bed: int
    begin: float
    end: float
    until: float


def plan(days: float, beds: int, seed: int) -> list[Episode]:
    """Episodes one after the other at each bed, with hours of health in between. A patient who stays ill is the last at
    a bed: with three such scenarios, each is at every fourth bed.

    The last bed has the slow drift alone, in a run that is long enough for it.
    """
    rng, found = np.random.default_rng(seed), list[Episode]()
    drifts = days * DAY >= DRIFT_BEGINS + DRIFT_TAKES
    kinds = _endless(rng)
    for bed in range(beds - drifts):
        found += _of_bed(bed, days * DAY, kinds, rng)
    if drifts:
        found.append(Episode(DRIFT, True, beds - 1, DRIFT_BEGINS, days * DAY, days * DAY))
    return found


def untreated() -> list[str]:
    """The scenarios after which a patient stays ill: an influence is in the end as strong as ever. What comes later at
    the same bed would add to it."""
    return [
        name
        for name in scenario_names()
        if any(
            values.any() and abs(values[-1]) == abs(values).max() for _, values in load_scenario(name).knots.values()
        )
    ]


def script(episodes: Sequence[Episode], monitors: Sequence[MonitorAtBed], seed: int) -> WardScript:
    """The same for the simulators, with the monitors in the order of the beds."""
    beds = [monitor.bed for monitor in monitors]
    scenarios = [{"at": _span(e.begin), "bed": beds[e.bed], "scenario": e.name} for e in episodes if not e.fault]
    faults = [
        {"at": _span(e.begin), "bed": beds[e.bed], "fault": e.name, "for": _span(e.end - e.begin)}
        for e in episodes
        if e.fault
    ]
    return WardScript.model_validate({"seed": seed, "scenarios": scenarios, "faults": faults})


def _span(seconds: float) -> str:
    return f"{seconds:.0f}s"


def _of_bed(bed: int, seconds: float, kinds: Iterator[tuple[str, bool]], rng: np.random.Generator) -> Iterator[Episode]:
    last = dict(enumerate(untreated())).get(bed % _BEDS_IN_TURN)
    ill = load_scenario(last).lasts + TAIL if last else 0.0
    if seconds <= 2 * ill:
        last = None
    room = seconds - ill - 6 * HOUR if last else seconds
    at = rng.uniform(2 * HOUR, 12 * HOUR)
    while True:
        name, fault = next(kinds)
        end = at + _lasts(name, fault)
        if end + TAIL > room:
            break
        yield Episode(name, fault, bed, at, end, end + TAIL)
        at = end + TAIL + rng.uniform(4 * HOUR, 20 * HOUR)
    if last:
        yield Episode(last, False, bed, seconds - ill, seconds, seconds)


def _lasts(name: str, fault: bool) -> float:
    if not fault:
        return load_scenario(name).lasts
    return BATTERY_LASTS if name == BATTERY else FAULT_LASTS


def _endless(rng: np.random.Generator) -> Iterator[tuple[str, bool]]:
    """All kinds in an order by chance, again and again."""
    kinds = [(name, False) for name in scenario_names() if name not in ("healthy", *untreated())]
    kinds += [(name, True) for name in fault_names() if name != DRIFT]
    while True:
        for i in rng.permutation(len(kinds)).tolist():
            yield kinds[i]
