"""What the engine of devices forwards to that of beds."""

from detectors.engine.bed_forward import BedForward, ForBed
from detectors.engine.cohort_forward import CohortForward
from detectors.engine.devices import Devices
from detectors.engine.rule_assignment import RuleAssignment
from detectors.engine.waves.indexed_readings import IndexedReadings
from ward.config.config import Config


class Forwarding:
    """Values for rules about `beds`, and means for rules about cohorts."""

    def __init__(self, devices: Devices, rules: RuleAssignment, config: Config) -> None:
        self.beds = BedForward(devices, config)
        self._cohorts = CohortForward(devices, rules, config)

    def configure(self, config: Config) -> None:
        """Take a new config."""
        self.beds.configure(config)
        self._cohorts.configure(config)

    def readings(self, batch: IndexedReadings) -> list[ForBed]:
        """What is to be forwarded of a batch, as readings about patients, beds and cohorts."""
        return self.beds.readings(batch) + self._cohorts.readings()
