"""What happens when, to whom, on a whole ward: the script of a demonstration or of a test."""

from pathlib import Path
from typing import Any

from pydantic import Field

from simulators import definition_files
from simulators.faults import DeviceFault, load_fault
from simulators.scenarios import load_scenario
from ward.config.base_model import ConfigModel, Seconds


class ScheduledScenario(ConfigModel):
    """A scenario happens to the patient in a bed: its id, or its number, counted from 1 in the inventory's order."""

    at: Seconds = Field(ge=0, description="since the start")
    bed: str | int
    scenario: str
    speed: float = Field(default=1, gt=0, le=10_000)


class ScheduledFault(ConfigModel):
    """A fault works on a device: its id, or the bed whose monitor it is."""

    at: Seconds = Field(ge=0, description="since the start")
    fault: str
    bed: str | int | None = None
    device: str | None = None
    lasting: Seconds | None = Field(default=None, alias="for", description="for good when not given")
    set: dict[str, Any] = Field(default_factory=dict, description="other parameters of the fault than its file says")

    def made(self) -> DeviceFault:
        """The fault. Raises `SettingsError` for one that does not exist or cannot be so."""
        return load_fault(self.fault, self.set)


class WardScript(ConfigModel):
    """Seed and pace of a simulation, and all that happens in it. Healthy patients are the rule and not written down."""

    seed: int = Field(default=1, ge=0, lt=2**32)
    every: Seconds = Field(default=2.5, gt=0, description="between two readings of a monitor, give or take a tenth")
    logged_every: Seconds = Field(default=30, gt=0, description="between two messages of a logger")
    plays: tuple[ScheduledScenario, ...] = ()
    failures: tuple[ScheduledFault, ...] = ()


def load_script(path: Path = Path(__file__).parent / "demo.yaml") -> WardScript:
    """A script from a file, by default the demonstration. Raises `SettingsError` with all its faults.

    The scenarios and faults it names are looked up at once: one that is missing is told now, and not in an hour.
    """
    found = definition_files.validated_model(path, WardScript, definition_files.read_mapping(path))
    for play in found.plays:
        load_scenario(play.scenario)
    for failure in found.failures:
        failure.made()
    return found
