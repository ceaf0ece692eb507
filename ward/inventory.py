"""Who and what is where: wards, beds, devices, patients, and since when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ward.clock import Micros

UNKNOWN_KIND = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ward:
    """A ward: its id in topics, and the name on its door."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """A bed; `label` is what people call it in a sentence: `ICU bed 7`."""

    id: str
    ward: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKind:
    """What all devices of a kind have in common.

    `signals` are expected from each of them, with the period in seconds at which each comes;
    after `silent_after` seconds without any message such a device is missing.
    """

    name: str
    label: str
    signals: Mapping[str, float] = field(default_factory=dict)
    silent_after: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `since` until just before `until`; None is open."""

    since: Micros | None = None
    until: Micros | None = None

    def holds(self, at: Micros) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A device at a bed, or at no bed of a ward, for a span of time."""

    ward: str
    bed: str = ""
    span: Span = Span()


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device of the inventory, with its posts. `attached` is the imaging device a logger sits in."""

    id: str
    kind: str
    posts: tuple[Post, ...]
    attached: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A patient, by pseudonym, in a bed for a span of time."""

    patient: str
    bed: str
    span: Span = Span()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a device was at an instant, and for whom. `known` is False for one nobody configured."""

    ward: str
    bed: str = ""
    patient: str = ""
    kind: str = UNKNOWN_KIND
    attached: str = ""
    known: bool = True


class Inventory:
    """Answers where a device was *at an instant*: data that arrive late go to the patient of that time."""

    def __init__(
        self,
        *,
        wards: Iterable[Ward] = (),
        beds: Iterable[Bed] = (),
        kinds: Iterable[DeviceKind] = (),
        devices: Iterable[Device] = (),
        stays: Iterable[Stay] = (),
    ) -> None:
        self.wards = {ward.id: ward for ward in wards}
        self.beds = {bed.id: bed for bed in beds}
        self.kinds = {kind.name: kind for kind in kinds}
        self.devices = {device.id: device for device in devices}
        self.stays = tuple(stays)

    @cached_property
    def _stays_by_bed(self) -> dict[str, list[Stay]]:
        by_bed: dict[str, list[Stay]] = {}
        for stay in self.stays:
            by_bed.setdefault(stay.bed, []).append(stay)
        return by_bed

    def place(self, device: str, at: Micros, ward: str = "", kind: str = "") -> Place:
        """Where `device` was at `at`. `ward` and `kind` are what it said itself, used for a stranger."""
        known = self.devices.get(device)
        if known is None:
            return Place(ward=ward, kind=kind or UNKNOWN_KIND, known=False)
        post = next((p for p in known.posts if p.span.holds(at)), None)
        if post is None:
            return Place(ward=ward, kind=known.kind, attached=known.attached)
        return Place(
            ward=post.ward, bed=post.bed, patient=self.patient(post.bed, at), kind=known.kind, attached=known.attached
        )

    def patient(self, bed: str, at: Micros) -> str:
        """Who lay in a bed at an instant; empty for nobody."""
        return next((s.patient for s in self._stays_by_bed.get(bed, ()) if s.span.holds(at)), "")

    def expected(self, device: str) -> Mapping[str, float]:
        """The signals a device of the inventory should send, with their periods in seconds."""
        known = self.devices.get(device)
        kind = self.kinds.get(known.kind) if known else None
        return kind.signals if kind else {}

    def label(self, bed: str) -> str:
        """What people call a bed; its id where it has no label."""
        return self.beds[bed].label if bed in self.beds else bed
