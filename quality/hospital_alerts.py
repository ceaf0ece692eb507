"""The alerts of the simulated hospital: some of its beds in each process, as no bed knows of another."""

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain
from multiprocessing import get_context

from quality.hospital_plan import DAY, Episode, script
from quality.hospital_run import findings
from simulators.devices.monitors_at_beds import MonitorAtBed
from ward.clock import SECOND, ManualClock
from ward.config.config import Config
from ward.finding import Finding, Kind, Transition
from ward.inventory import Inventory

PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Raised:
    """One alert: its rule, kind and bed, and when it was raised, in seconds since the start."""

    rule: str
    kind: Kind
    bed: int
    at: float


@dataclass(frozen=True, slots=True)
class Hospital:
    """What happens at which beds: `monitors` are all, in the order of the beds, and `beds` those that are simulated."""

    config: Config
    monitors: Sequence[MonitorAtBed]
    episodes: Sequence[Episode]
    days: float
    seed: int
    beds: range

    def part(self, number: int, parts: int) -> "Hospital":
        """The beds of one process, neighbours."""
        count = len(self.beds)
        return replace(self, beds=self.beds[count * number // parts : count * (number + 1) // parts])

    def inventory(self) -> Inventory:
        """That of the config, without the monitors at other beds."""
        whole = self.config.inventory
        others = {monitor.device for i, monitor in enumerate(self.monitors) if i not in self.beds}
        return Inventory(
            wards=whole.wards.values(), beds=whole.beds.values(), device_kinds=whole.device_kinds.values(),
            devices=[device for name, device in whole.devices.items() if name not in others], stays=whole.stays,
        )  # fmt: skip


def raised(hospital: Hospital) -> list[Raised]:
    """All alerts at the beds of a hospital, some beds in each process; progress is printed to stderr."""
    parts = [hospital.part(number, PROCESSES) for number in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        return list(chain.from_iterable(pool.map(_raised_with_progress, parts)))


def raised_here(hospital: Hospital) -> Iterator[tuple[float, list[Raised]]]:
    """The alerts at the beds of a hospital in this process, and up to which second since the start they are."""
    config = replace(hospital.config, inventory=hospital.inventory())
    kinds = {rule.name: rule.kind for rule in config.rules}
    # An alert is about a monitor, or about the patient in a bed.
    beds = {name: i for i in hospital.beds for name in (hospital.monitors[i].device, hospital.monitors[i].bed)}
    planned = [episode for episode in hospital.episodes if episode.bed in hospital.beds]
    start = ManualClock().now()
    for at, found in findings(config, script(planned, hospital.monitors, hospital.seed), hospital.days * DAY):
        yield (
            at,
            [
                Raised(one.rule, kinds[one.rule], beds[_about(one)], (one.received_at - start) / SECOND)
                for one in found
                if one.transition is Transition.RAISED and _about(one) in beds
            ],
        )


def _raised_with_progress(hospital: Hospital) -> list[Raised]:
    found, day = list[Raised](), 0
    for at, some in raised_here(hospital):
        found += some
        if at // DAY > day:
            day = int(at // DAY)
            beds = f"beds {hospital.beds[0] + 1} to {hospital.beds[-1] + 1}"
            print(f"hospital, {beds}: day {day} of {hospital.days:g}", file=sys.stderr, flush=True)
    return found


def _about(finding: Finding) -> str:
    return finding.device or finding.bed
