"""The script of a demonstration or a test: which scenarios and faults happen when, and to whom."""

from pathlib import Path
from typing import Any

from pydantic import Field

from simulators import definition_files
from simulators.faults import DeviceFault, load_fault
from simulators.scenarios import load_scenario
from ward.config.base_model import ConfigModel, Seconds


class ScheduledScenario(ConfigModel):
    """A scenario for the patient in a bed: its id, or its number, counted from 1 in the order of the inventory."""

    at: Seconds = Field(ge=0, description="since the start")
    bed: str | int
    scenario: str
    speed: float = Field(default=1, gt=0, le=10_000)


class ScheduledFault(ConfigModel):
    """A fault of a device: the device's id, or the bed of the monitor."""

    at: Seconds = Field(ge=0, description="since the start")
    fault: str
    bed: str | int | None = None
    device: str | None = None
    lasting: Seconds | None = Field(default=None, alias="for", description="permanent when not given")
    set: dict[str, Any] = Field(default_factory=dict, description="parameters that replace those of the fault's file")

    def load(self) -> DeviceFault:
        """The fault. Raises `SettingsError` when it does not exist or a parameter is wrong."""
        return load_fault(self.fault, self.set)


class WardScript(ConfigModel):
    """Seed and pace of a simulation, and what happens in it. A patient without a scenario is healthy."""

    seed: int = Field(default=1, ge=0, lt=2**32)
    every: Seconds = Field(default=2.5, gt=0, description="between two readings of a monitor, give or take a tenth")
    logged_every: Seconds = Field(default=30, gt=0, description="between two messages of a logger")
    scenarios: tuple[ScheduledScenario, ...] = ()
    faults: tuple[ScheduledFault, ...] = ()


def load_script(path: Path = Path(__file__).parent / "demo.yaml") -> WardScript:
    """A script from a file, by default the demonstration. Raises `SettingsError` with all its faults.

    The scenarios and faults that it names are loaded at once, so that a missing one fails now and not in an hour.
    """
    found = definition_files.validated_model(path, WardScript, definition_files.read_mapping(path))
    for scenario in found.scenarios:
        load_scenario(scenario.scenario)
    for fault in found.faults:
        fault.load()
    return found
