"""The humidity loggers of the imaging suite, as their maker ships them, on `loggers/<guid>`.

    {"guid": "0-ZZZ12345678-08K", "destination": "0-AAA12345678", "medicalImagingdevice": "MRI 12",
     "eventTime": "2022-08-16T13:26:39.447974Z",
     "payload": {"format": "urn:example:sensor:humidity", "data": {"humidity": 71.7}}}

The key of the imaging device comes in two spellings, its name with and without a space.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.codecs.base import Codec, checked, identified
from bridge.codecs.strict import instant, number, parse
from bridge.decoded_reading import DecodedReading, RefusalReason, Refused
from ward.ids import is_id, printable

_NAME = re.compile(r"([A-Za-z][A-Za-z-]*?)[ _-]?(\d{1,4})", re.ASCII)


class ImagingLogger(Codec, name="imaging"):
    """A logger's message: its values, and the imaging device it sits in."""

    def decode(self, levels: Sequence[str], payload: bytes) -> list[DecodedReading]:
        if len(levels) != 2:
            raise Refused(RefusalReason.TOPIC, "a logger publishes to loggers/<guid>")
        device = identified(levels[1], "logger")
        whole = parse(payload)
        if whole.get("guid", device) != device:
            raise Refused(
                RefusalReason.SHAPE, f"`guid` is {printable(str(whole['guid']), 70)!r}, but the topic says {device}"
            )
        values = {name: number(name, value) for name, value in _data(whole).items()}
        checked(values)
        return [
            DecodedReading(
                device=device, ward=str(self.options.get("ward", "imaging")), values=values,
                at=instant(whole.get("eventTime"), "eventTime"), device_kind="humidity_logger",
                attached=_attached(whole),
            )
        ]  # fmt: skip


def imaging_device(name: str) -> str:
    """`MRI 12` → `MRI-12`, `PETCT10` → `PETCT-10`. Raises `Refused` for what is not letters and a number."""
    found = _NAME.fullmatch(name.strip())
    if found is None:
        raise Refused(RefusalReason.SHAPE, f"{printable(name, 40)!r} is not an imaging device such as MRI 12")
    return f"{found[1].upper().replace('-', '')}-{int(found[2])}"


def _attached(whole: Mapping[str, Any]) -> str:
    given = [value for key, value in whole.items() if key.lower() == "medicalimagingdevice"]
    if len(given) != 1 or not isinstance(given[0], str):
        raise Refused(RefusalReason.SHAPE, "`medicalImagingdevice` must be given once, as text")
    return imaging_device(given[0])


def _data(whole: Mapping[str, Any]) -> Mapping[str, Any]:
    payload = whole.get("payload")
    data = payload.get("data") if isinstance(payload, dict) else None
    if not isinstance(data, dict) or not data or not all(is_id(name) for name in data):
        raise Refused(RefusalReason.SHAPE, "`payload.data` must be an object of numbers by signal")
    return data
