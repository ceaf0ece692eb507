"""The script of a simulated past: it ends where the demonstration starts."""

from collections.abc import Collection, Sequence
from pathlib import Path

from pydantic import Field

from simulators import definition_files
from simulators.scenarios import load_scenario
from simulators.scripts.script import ScheduledFault, ScheduledScenario, WardScript
from ward.config.base_model import Seconds


class PastScript(WardScript):
    """A script of a simulated past. Its times count from the beginning of that past."""

    lasts: Seconds = Field(gt=0, description="from its beginning until the demonstration starts")
    battery_every: Seconds = Field(gt=0, description="between two values of a monitor's battery")
    staff: tuple[str, ...] = Field(min_length=1, description="who acknowledged alerts")

    @property
    def periods(self) -> dict[str, float]:
        """Seconds between two values, by signal, for signals that are not measured at every step."""
        return {"battery": self.battery_every, "humidity": self.logged_every}

    def restricted_to(self, beds: Sequence[str], devices: Collection[str]) -> "PastScript":
        """The script without the scenarios and faults of beds and devices that a ward does not have."""
        scenarios = tuple(s for s in self.scenarios if _has(beds, s))
        faults = tuple(f for f in self.faults if (f.device in devices if f.device else _has(beds, f)))
        return self.model_copy(update={"scenarios": scenarios, "faults": faults})


def load_past_script(path: Path = Path(__file__).parent / "past.yaml") -> PastScript:
    """A script of the past from a file. Raises `SettingsError` with all its faults."""
    found = definition_files.validated_model(path, PastScript, definition_files.read_mapping(path))
    for scenario in found.scenarios:
        load_scenario(scenario.scenario)
    for fault in found.faults:
        fault.load()
    return found


def _has(beds: Sequence[str], entry: ScheduledScenario | ScheduledFault) -> bool:
    bed = entry.bed
    return 1 <= bed <= len(beds) if isinstance(bed, int) else bed in beds
