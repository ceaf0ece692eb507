"""Windows of cohorts that are complete: no mean of them can come any more."""

from collections.abc import Collection, Iterator

from detectors.engine.devices import Devices
from detectors.engine.rule_assignment import RuleAssignment
from detectors.engine.tables.cohort_table import CohortTable
from detectors.engine.tables.level_change import LevelChange


class CohortWindows:
    """Closes windows as the watermark passes them."""

    def __init__(self, devices: Devices, rules: RuleAssignment) -> None:
        self._devices = devices
        self._rules = rules

    def close(
        self, to: float, partitions: Collection[int] | None, behind: Collection[str]
    ) -> Iterator[tuple[str, list[LevelChange]]]:
        """Close what is due at `to` seconds, of cohorts in some partitions, or in all, that are not `behind`. Yields
        the name of each cohort, and the rows whose level changed. Members that left are removed."""
        for table in self._rules.tables.values():
            if not isinstance(table, CohortTable):
                continue
            for number in [number for number, due in table.due.items() if due <= to]:
                device = self._devices.by_number[number]
                if (partitions is None or device.partition in partitions) and device.name not in behind:
                    yield device.name, table.close(number, to)
                    for member in table.gone(number):
                        self._rules.remove_series(device, member)
