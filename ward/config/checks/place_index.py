"""All places that a reading can come from, and which of them an override applies to."""

from collections.abc import Iterator, Sequence

from ward.config.checks.overlap import overlaps
from ward.config.rule import Match, Override
from ward.inventory import UNKNOWN_DEVICE_KIND, Assignment, Device, Inventory, Place, Stay

Where = tuple[str, Place]
_NEVER = float("inf")


class PlaceIndex:
    """All devices of an inventory at all their beds for all their patients, and unregistered devices in each ward.

    A set of places is an integer with one bit for each place, so that sets of thousands of devices are compared by `&`
    and `|`. `all` is the list of places, as (device, place).
    """

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self.all: list[Where] = list(dict.fromkeys([*self._registered(), *self._unregistered()]))
        fields: dict[str, dict[str, list[int]]] = {
            "ward": {},
            "device_kind": {},
            "bed": {},
            "device": {},
            "patient": {},
        }
        for i, (device, place) in enumerate(self.all):
            for name, of in fields.items():
                value: str = device if name == "device" else getattr(place, name)
                of.setdefault(value, []).append(i)
        self._bits = {name: {value: _bits(numbers) for value, numbers in of.items()} for name, of in fields.items()}
        self.everywhere = (1 << len(self.all)) - 1

    def matching(self, match: Match) -> int:
        """The set of places that match."""
        matching = self.everywhere
        for name, of in self._bits.items():
            if wanted := getattr(match, name):
                either = 0
                for value in wanted:
                    either |= of.get(value, 0)
                matching &= either
        return matching

    def groups(self, within: int, overrides: Sequence[Override]) -> Iterator[tuple[tuple[int, ...], str]]:
        """The places of `within`, grouped by the overrides that apply there: (numbers of these, example of a place).

        Both for now and for after the end of each override: a config that is valid today must stay valid.
        """
        seen: set[tuple[int, ...]] = set()
        for holding, example in self._groups(within, [self.matching(override.where) for override in overrides]):
            ends = {end for i in holding if (end := overrides[i].until) is not None}
            for now in (None, *sorted(ends)):
                left = tuple(i for i in holding if now is None or (overrides[i].until or _NEVER) > now)
                if left not in seen:
                    seen.add(left)
                    yield left, example

    def _groups(self, within: int, masks: Sequence[int]) -> Iterator[tuple[tuple[int, ...], str]]:
        parts: dict[tuple[int, ...], int] = {(): within} if within else {}
        for number, mask in enumerate(masks):
            split: dict[tuple[int, ...], int] = {}
            for which, part in parts.items():
                if part & mask:
                    split[(*which, number)] = part & mask
                if part & ~mask:
                    split[which] = part & ~mask
            parts = split
        for which, part in parts.items():
            yield which, self._describe((part & -part).bit_length() - 1)

    def _describe(self, number: int) -> str:
        device, place = self.all[number]
        if not device:
            return f"an unregistered device in ward '{place.ward}'" if place.ward else "an unregistered device"
        return f"{device} at {self._inventory.label(place.bed)}" if place.bed else device

    def _registered(self) -> Iterator[Where]:
        stays: dict[str, list[Stay]] = {}
        for stay in self._inventory.stays:
            stays.setdefault(stay.bed, []).append(stay)
        for device in self._inventory.devices.values():
            for assignment in device.assignments:
                yield device.id, _at(device, assignment, "")
                for stay in stays.get(assignment.bed, ()):
                    if any(overlaps([(assignment.span, 0), (stay.span, 1)])):
                        yield device.id, _at(device, assignment, stay.patient)
            if any(
                assignment.span.since is not None or assignment.span.until is not None
                for assignment in device.assignments
            ):
                # Between its assignments a device is in the ward of its topic.
                for ward in self._inventory.wards:
                    yield device.id, Place(ward=ward, device_kind=device.device_kind, attached=device.attached)

    def _unregistered(self) -> Iterator[Where]:
        for ward in ("", *self._inventory.wards):
            for kind in (UNKNOWN_DEVICE_KIND, *self._inventory.device_kinds):
                yield "", Place(ward=ward, device_kind=kind, known=False)


def _at(device: Device, assignment: Assignment, patient: str) -> Place:
    return Place(
        ward=assignment.ward,
        bed=assignment.bed,
        patient=patient,
        device_kind=device.device_kind,
        attached=device.attached,
    )


def _bits(numbers: Sequence[int]) -> int:
    """An integer with these bits set."""
    octets = bytearray(numbers[-1] // 8 + 1)
    for number in numbers:
        octets[number // 8] |= 1 << number % 8
    return int.from_bytes(octets, "little")
