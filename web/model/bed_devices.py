"""Patients and devices at each bed, and since when: an older value belongs to another patient."""

from collections.abc import Iterator
from typing import NamedTuple

from ward.clock import Micros
from ward.inventory import Assignment, Device, Inventory, Stay


class PlacedDevice(NamedTuple):
    """A device at a bed. Values measured before `since` are of another bed or another patient."""

    device: Device
    since: Micros


class BedDevices:
    """The inventory, indexed by bed: its devices and its patients."""

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
        """The stay of the patient in a bed now; None where the bed is empty."""
        return next((stay for stay in self._stays.get(bed, ()) if stay.span.contains(now)), None)

    def devices(self, bed: str, now: Micros) -> Iterator[PlacedDevice]:
        """The devices at a bed now."""
        stay = self.stay(bed, now)
        admitted = stay.span.since or 0 if stay else 0
        for device, assignment in self._assignments.get(bed, ()):
            if assignment.span.contains(now):
                yield PlacedDevice(device, max(admitted, assignment.span.since or 0))

    def assigned(self, device: str, now: Micros) -> bool:
        """Whether the inventory assigns the device to a place now."""
        known = self.inventory.devices.get(device)
        return known is not None and any(assignment.span.contains(now) for assignment in known.assignments)
