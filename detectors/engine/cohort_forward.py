"""Means of windows that rules about cohorts compare, forwarded to the cohort where their device belongs.

Which means follow from the readings alone, so a replay forwards the same ones.
"""

from collections.abc import Iterator

from detectors.base.peer_columns import GRACE
from detectors.engine.bed_forward import ForBed
from detectors.engine.devices import Devices
from detectors.engine.rule_assignment import RuleAssignment
from detectors.engine.tables.mean_table import MeanTable, WindowMean
from detectors.peers.membership import Membership
from ward.clock import SECOND
from ward.config.config import Config
from ward.reading import Reading


class CohortForward:
    """Takes the means that the tables of `rules` collected."""

    def __init__(self, devices: Devices, rules: RuleAssignment, config: Config) -> None:
        self._devices = devices
        self._rules = rules
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Take a new config."""
        self._inventory, self._membership = config.inventory, Membership(config.inventory)

    def readings(self) -> list[ForBed]:
        """What was collected since the last call, as readings about cohorts, in the order of the batch."""
        found = [
            reading
            for table in self._rules.tables.values()
            if isinstance(table, MeanTable)
            for mean in table.take_means()
            for reading in self._reading(table, mean)
        ]
        return sorted(found, key=lambda reading: reading.origin)

    def _reading(self, table: MeanTable, mean: WindowMean) -> Iterator[ForBed]:
        """A mean as a reading of its cohort; nothing for a device that changed its cohort within the window.

        All means of one window have the same time of receipt, the earliest that there may be: the order in which they
        come says nothing about time.
        """
        row = table.row(mean.slot)
        device, every = self._devices.by_name[row.device], row.resolved.decision.every or 0.0
        begin, end = round((mean.end - every) * SECOND), round(mean.end * SECOND)
        places = [
            self._inventory.place(device.name, at) if device.place_changes else device.place for at in (begin, end - 1)
        ]
        before, cohort = (self._membership.of(row.rule, row.signal, device.name, place) for place in places)
        if cohort is not None and before == cohort:
            received_at = round((mean.end - GRACE * every) * SECOND)
            yield ForBed(device.name, mean.origin, Reading(
                device=cohort.name, ward=cohort.ward, device_kind=cohort.device_kind, at=end, received_at=received_at,
                values={device.name: mean.mean}, boot=device.name,
            ))  # fmt: skip
