"""What people observe of a patient, as a charting system or a tablet sends it:

    {"v": 1, "by": "Nurse Ada", "bed": "icu-07", "at": "2026-11-21T15:00:00Z", "values": {"consciousness": 1}}

All of these are required. `patient` and `note` are optional: with `patient` the observation is refused where another
patient was in the bed at that time.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from bridge.codecs.base import Codec, checked_id, native_device
from bridge.decoded_reading import DecodedReading
from bridge.refusal import RefusalReason, Refused
from ward.ids import printable
from ward.observation import Entry


class _Payload(msgspec.Struct, forbid_unknown_fields=True):
    v: Literal[1]
    by: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    bed: Annotated[str, msgspec.Meta(max_length=64)]
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    values: Annotated[dict[str, float], msgspec.Meta(max_length=20)]
    patient: Annotated[str, msgspec.Meta(max_length=64)] | msgspec.UnsetType = msgspec.UNSET
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


_decode = msgspec.json.Decoder(_Payload).decode


class ObservationCodec(Codec, name="observations"):
    """Observations on `<root>/<ward>/<device>/observations`. The device is what sends them, not the author."""

    reads = 'JSON with "v": 1, "by", "bed", "at" and "values"'

    def device(self, levels: Sequence[str]) -> str:
        return native_device(levels)

    def decode(self, levels: Sequence[str], payload: bytes) -> list[DecodedReading]:
        if len(levels) != 4:
            raise Refused(RefusalReason.TOPIC, "observations go to <root>/<ward>/<device>/observations")
        ward, device = checked_id(levels[1], "ward"), checked_id(levels[2], "device")
        try:
            found = _decode(payload)
        except (msgspec.MsgspecError, ValueError, RecursionError, OverflowError) as error:
            raise Refused(RefusalReason.SCHEMA, f"not an observation: {printable(str(error), 200)}") from error
        if not found.by.strip() or not found.by.isprintable():
            raise Refused(RefusalReason.SCHEMA, "`by` must be the name of the person who observed it")
        entry = Entry(
            by=found.by, bed=found.bed, at=round(found.at.timestamp() * 1_000_000), values=found.values,
            note=found.note, patient=None if found.patient is msgspec.UNSET else found.patient,
        )  # fmt: skip
        return [DecodedReading(device=device, ward=ward, values=found.values, observation=entry)]
