"""The inventory: wards, beds, devices and patients, and where each was at any time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ward.clock import Micros

UNKNOWN_DEVICE_KIND = "unknown"
# A program remembers at most so many devices that are not in the inventory: their ids can be invented.
MOST_UNREGISTERED = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ward:
    """A ward: its id, as in topics, and its name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """A bed; `label` is its name in texts: `ICU bed 7`."""

    id: str
    ward: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKind:
    """The properties of all devices of a kind.

    `signals` are the expected signals, each with its period in seconds; after `silent_after` seconds without any
    message a device counts as missing.
    """

    name: str
    label: str
    signals: Mapping[str, float] = field(default_factory=dict)
    silent_after: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period [since, until) in microseconds since 1970; None is open."""

    since: Micros | None = None
    until: Micros | None = None

    def contains(self, at: Micros) -> bool:
        """Whether an instant is in the period."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A device at a bed, or in a ward without a bed, for a period."""

    ward: str
    bed: str = ""
    span: Period = Period()


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device of the inventory, with its assignments. `attached` is the imaging device that a logger is mounted in."""

    id: str
    device_kind: str
    assignments: tuple[Assignment, ...]
    attached: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A patient, by pseudonym, in a bed for a period."""

    patient: str
    bed: str
    span: Period = Period()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a device was at an instant, and for whom. `known` is False for an unregistered device."""

    ward: str
    bed: str = ""
    patient: str = ""
    device_kind: str = UNKNOWN_DEVICE_KIND
    attached: str = ""
    known: bool = True


class Inventory:
    """Answers where a device was *at an instant*: late data belong to the patient of that time."""

    def __init__(
        self,
        *,
        wards: Iterable[Ward] = (),
        beds: Iterable[Bed] = (),
        device_kinds: Iterable[DeviceKind] = (),
        devices: Iterable[Device] = (),
        stays: Iterable[Stay] = (),
    ) -> None:
        self.wards = {ward.id: ward for ward in wards}
        self.beds = {bed.id: bed for bed in beds}
        self.device_kinds = {kind.name: kind for kind in device_kinds}
        self.devices = {device.id: device for device in devices}
        self.stays = tuple(stays)

    @cached_property
    def _stays_by_bed(self) -> dict[str, list[Stay]]:
        by_bed: dict[str, list[Stay]] = {}
        for stay in self.stays:
            by_bed.setdefault(stay.bed, []).append(stay)
        return by_bed

    def place(self, device: str, at: Micros, ward: str = "", device_kind: str = "") -> Place:
        """The place of `device` at the instant `at`.

        `ward` and `device_kind` are what the device sent of itself: they are used for an unregistered device.
        """
        known = self.devices.get(device)
        if known is None:
            return Place(ward=ward, device_kind=device_kind or UNKNOWN_DEVICE_KIND, known=False)
        assignment = next((a for a in known.assignments if a.span.contains(at)), None)
        if assignment is None:
            return Place(ward=ward, device_kind=known.device_kind, attached=known.attached)
        return Place(
            ward=assignment.ward, bed=assignment.bed, patient=self.patient(assignment.bed, at),
            device_kind=known.device_kind, attached=known.attached,
        )  # fmt: skip

    def patient(self, bed: str, at: Micros) -> str:
        """The patient in a bed at an instant; empty without one."""
        return next((s.patient for s in self._stays_by_bed.get(bed, ()) if s.span.contains(at)), "")

    def expected(self, device: str) -> Mapping[str, float]:
        """The signals a device of the inventory should send, with their periods in seconds."""
        known = self.devices.get(device)
        kind = self.device_kinds.get(known.device_kind) if known else None
        return kind.signals if kind else {}

    def label(self, bed: str) -> str:
        """The label of a bed; its id where it has none."""
        return self.beds[bed].label if bed in self.beds else bed
