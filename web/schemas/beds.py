"""Answers about beds, wards and devices."""

from typing import Literal

from typing_extensions import TypedDict

from web.schemas.common import AlertShape, StatusShape, ValueShape

DataState = Literal["live", "lost", "none", "unmonitored"]


class LostShape(TypedDict):
    """A signal that should come and does not; `since` is its last value's time, or None where there never was one."""

    signal: str
    label: str
    since: str | None


class TileShape(TypedDict):
    """A bed, or a device that is at no bed, as it is now.

    `need` is what it is sorted by; `data` tells whether its signals come. Both can be bad at once.
    """

    id: str
    label: str
    ward: str
    patient: str
    patient_since: str | None
    need: str
    severity: str
    data: DataState
    data_since: str | None
    lost: list[LostShape]
    devices: list[str]
    values: list[ValueShape]
    alerts: list[AlertShape]


class BoardShape(TypedDict):
    """All beds in order of need, devices that are at no bed (the first 60), and alerts that belong to neither."""

    status: StatusShape
    beds: list[TileShape]
    unassigned: list[TileShape]
    unassigned_total: int
    others: list[AlertShape]


class BedsShape(TypedDict):
    """All beds in order of need."""

    at: str
    beds: list[TileShape]


class BedShape(TypedDict):
    """One bed."""

    at: str
    bed: TileShape


class WardShape(TypedDict):
    """A ward, with what is going on there."""

    id: str
    name: str
    beds: int
    unassigned: int
    active: int
    unacknowledged: int


class WardsShape(TypedDict):
    """All wards."""

    at: str
    wards: list[WardShape]


class DeviceShape(TypedDict):
    """A device of the inventory, or one nobody configured (`known` is False); `heard` is when it last sent anything."""

    id: str
    known: bool
    device_kind: str
    ward: str
    bed: str
    patient: str
    attached: str
    heard: str | None
    values: list[ValueShape]


class DevicesShape(TypedDict):
    """Devices; `total` counts those beyond `limit` too."""

    at: str
    total: int
    devices: list[DeviceShape]
