"""What happened on a ward before a demonstration began: a script that ends where the demonstration starts."""

from collections.abc import Collection, Sequence
from pathlib import Path

from pydantic import Field

from simulators import definition_files
from simulators.scenarios import load_scenario
from simulators.scripts.script import ScheduledFault, ScheduledScenario, WardScript
from ward.config.base_model import Seconds


class PastScript(WardScript):
    """A script of the past. Its times count from the beginning of that past."""

    lasts: Seconds = Field(gt=0, description="from its beginning until the demonstration starts")
    battery_every: Seconds = Field(gt=0, description="between two values of a monitor's battery")
    staff: tuple[str, ...] = Field(min_length=1, description="who acknowledged alerts")

    @property
    def periods(self) -> dict[str, float]:
        """Seconds between two values, by signal, of what is not measured at every step of a monitor."""
        return {"battery": self.battery_every, "humidity": self.logged_every}

    def fitted(self, beds: Sequence[str], devices: Collection[str]) -> "PastScript":
        """The script for a ward with monitors at these beds, and these devices: without what happens to others."""
        plays = tuple(play for play in self.plays if _has(beds, play))
        failures = tuple(f for f in self.failures if (f.device in devices if f.device else _has(beds, f)))
        return self.model_copy(update={"plays": plays, "failures": failures})


def load_past_script(path: Path = Path(__file__).parent / "past.yaml") -> PastScript:
    """A script of the past from a file. Raises `SettingsError` with all its faults."""
    found = definition_files.validated_model(path, PastScript, definition_files.read_mapping(path))
    for play in found.plays:
        load_scenario(play.scenario)
    for failure in found.failures:
        failure.made()
    return found


def _has(beds: Sequence[str], happening: ScheduledScenario | ScheduledFault) -> bool:
    bed = happening.bed
    return 1 <= bed <= len(beds) if isinstance(bed, int) else bed in beds
