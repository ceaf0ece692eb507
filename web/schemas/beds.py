"""Answers about beds, wards and devices."""

from typing_extensions import TypedDict

from web.board.priority import DataState
from web.schemas.common import AlertSchema, StatusSchema, ValueSchema
from web.schemas.scores import ScoreSchema, UnknownScoreSchema


class LostSchema(TypedDict):
    """An expected signal that does not arrive; `since` is the time of its last value, None where there is none."""

    signal: str
    label: str
    since: str | None


class TileSchema(TypedDict):
    """A bed now, or a device that is assigned to no place.

    `priority` is the sort key. `data` says whether its signals arrive. `evaluated` says whether the detectors evaluate
    what its devices send now, `evaluated_until` until when they did where they do not: null where that is not known.
    `unknown_scores` are those of which nothing is known.
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
    evaluated: bool
    evaluated_until: str | None
    lost: list[LostSchema]
    devices: list[str]
    values: list[ValueSchema]
    scores: list[ScoreSchema]
    unknown_scores: list[UnknownScoreSchema]
    alerts: list[AlertSchema]


class BoardSchema(TypedDict):
    """All beds by priority, the first 60 devices that are assigned to no place, and the first 60 alerts of neither."""

    status: StatusSchema
    beds: list[TileSchema]
    unassigned: list[TileSchema]
    unassigned_total: int
    others: list[AlertSchema]
    others_total: int


class BedsSchema(TypedDict):
    """All beds by priority."""

    at: str
    beds: list[TileSchema]


class BedSchema(TypedDict):
    """One bed."""

    at: str
    bed: TileSchema


class NotYetJudgedSchema(TypedDict):
    """A rule that cannot judge a signal of a device yet: its label, and how far it is in words."""

    device: str
    signal: str
    label: str
    rule: str
    rule_label: str
    text: str


class BedProgressSchema(TypedDict):
    """The rules that cannot judge a bed's signals yet, in the order of the signals."""

    at: str
    rules: list[NotYetJudgedSchema]


class WardSchema(TypedDict):
    """A ward with its numbers of beds, unassigned devices and alerts."""

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
    """A device; `registered` says whether the inventory has it, `last_seen` when it last sent anything."""

    id: str
    registered: bool
    device_kind: str
    ward: str
    bed: str
    patient: str
    attached: str
    last_seen: str | None
    values: list[ValueSchema]


class DevicesSchema(TypedDict):
    """Devices; `total` also counts those beyond `limit`."""

    at: str
    total: int
    devices: list[DeviceSchema]
