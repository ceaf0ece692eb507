"""Who and what is at a bed now, and since when: no value from before is shown as this patient's."""

from collections.abc import Iterator
from typing import NamedTuple

from ward.clock import Micros
from ward.inventory import Assignment, Device, Inventory, Stay


class At(NamedTuple):
    """A device at a bed; what it measured before `since` was somewhere else, or of somebody else."""

    device: Device
    since: Micros


class BedDevices:
    """The inventory, turned around: from beds to devices and patients."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.order = {bed: i for i, bed in enumerate(inventory.beds)}
        self._assignments: dict[str, list[tuple[Device, Assignment]]] = {}
        self._stays: dict[str, list[Stay]] = {}
        for device in inventory.devices.values():
            for assignment in device.assignments:
                if assignment.bed:
                    self._assignments.setdefault(assignment.bed, []).append((device, assignment))
        for stay in inventory.stays:
            self._stays.setdefault(stay.bed, []).append(stay)

    def stay(self, bed: str, now: Micros) -> Stay | None:
        """Who lies in a bed."""
        return next((stay for stay in self._stays.get(bed, ()) if stay.span.holds(now)), None)

    def devices(self, bed: str, now: Micros) -> Iterator[At]:
        """The devices at a bed."""
        stay = self.stay(bed, now)
        begun = stay.span.since or 0 if stay else 0
        for device, assignment in self._assignments.get(bed, ()):
            if assignment.span.holds(now):
                yield At(device, max(begun, assignment.span.since or 0))

    def assigned(self, device: str, now: Micros) -> bool:
        """Whether somebody has said where a device is now."""
        known = self.inventory.devices.get(device)
        return known is not None and any(assignment.span.holds(now) for assignment in known.assignments)
