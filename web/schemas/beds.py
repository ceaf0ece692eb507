"""Answers about beds, wards and devices."""

from typing import Literal

from typing_extensions import TypedDict

from web.schemas.common import AlertSchema, StatusSchema, ValueSchema

DataState = Literal["live", "lost", "none", "unmonitored"]


class LostSchema(TypedDict):
    """A signal that should come and does not; `since` is its last value's time, or None where there never was one."""

    signal: str
    label: str
    since: str | None


class TileSchema(TypedDict):
    """A bed, or a device that is at no bed, as it is now.

    `priority` is what it is sorted by; `data` tells whether its signals come. Both can be bad at once.
    """

    id: str
    label: str
    ward: str
    patient: str
    patient_since: str | None
    priority: str
    severity: str
    data: DataState
    data_since: str | None
    lost: list[LostSchema]
    devices: list[str]
    values: list[ValueSchema]
    alerts: list[AlertSchema]


class BoardSchema(TypedDict):
    """All beds in order of priority, devices that are at no bed (the first 60), and alerts that belong to neither."""

    status: StatusSchema
    beds: list[TileSchema]
    unassigned: list[TileSchema]
    unassigned_total: int
    others: list[AlertSchema]


class BedsSchema(TypedDict):
    """All beds in order of priority."""

    at: str
    beds: list[TileSchema]


class BedSchema(TypedDict):
    """One bed."""

    at: str
    bed: TileSchema


class WardSchema(TypedDict):
    """A ward, with what is going on there."""

    id: str
    name: str
    beds: int
    unassigned: int
    active: int
    unacknowledged: int


class WardsSchema(TypedDict):
    """All wards."""

    at: str
    wards: list[WardSchema]


class DeviceSchema(TypedDict):
    """A device of the inventory, or one nobody configured (`known` is False); `heard` is when it last sent anything."""

    id: str
    known: bool
    device_kind: str
    ward: str
    bed: str
    patient: str
    attached: str
    heard: str | None
    values: list[ValueSchema]


class DevicesSchema(TypedDict):
    """Devices; `total` counts those beyond `limit` too."""

    at: str
    total: int
    devices: list[DeviceSchema]
