"""Divides devices into shares, each of which can be evaluated without the others."""

from collections.abc import Iterable, Iterator, Mapping
from zlib import crc32

from ward.inventory import Inventory


class DeviceShares:
    """Gives each device the number of its share, below `count`.

    Devices that were at one bed at any time are in one share, and so are those of the beds of one patient: rules about
    beds read several of them. An unregistered device is in the share that follows from its name.
    """

    def __init__(self, inventories: Iterable[Inventory], count: int) -> None:
        self._count = count
        self._group: dict[tuple[str, str], tuple[str, str]] = {}
        linked = [link for inventory in inventories for link in _links(inventory)]
        for one, other in linked:
            self._group[self._root(one)] = self._root(other)
        # Groups with a bed first: their monitors send most.
        groups = {self._root(one): other[0] != "bed" for one, other in sorted(linked, reverse=True)}
        ranked = sorted(groups, key=lambda root: (groups[root], root))
        self._numbers = {root: number % count for number, root in enumerate(ranked)}

    def of(self, tags: Mapping[str, str]) -> int:
        """The share of the device in the tags of a point."""
        device = tags.get("device", "")
        number = self._numbers.get(self._root(("device", device)))
        return crc32(device.encode()) % self._count if number is None else number

    def _root(self, one: tuple[str, str]) -> tuple[str, str]:
        while (above := self._group.get(one, one)) != one:
            one = above
        return one


def _links(inventory: Inventory) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """What belongs together: a device and its beds, a bed and its patients; a device without a bed and itself."""
    for device in inventory.devices.values():
        yield ("device", device.id), ("device", device.id)
        for assignment in device.assignments:
            if assignment.bed:
                yield ("device", device.id), ("bed", assignment.bed)
    for stay in inventory.stays:
        yield ("patient", stay.patient), ("bed", stay.bed)
