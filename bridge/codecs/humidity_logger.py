"""The humidity loggers of the imaging suite, in their vendor's format, on `loggers/<guid>`.

    {"guid": "0-ZZZ12345678-08K", "destination": "0-AAA12345678", "medicalImagingdevice": "MRI 12",
     "eventTime": "2022-08-16T13:26:39.447974Z",
     "payload": {"format": "urn:example:sensor:humidity", "data": {"humidity": 71.7}}}

The key of the imaging device is spelt in several ways, and its name comes with and without a space.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.codecs.base import Codec, checked_id
from bridge.codecs.strict_json import JSON, finite_numbers, parse, rfc3339_instant
from bridge.decoded_reading import DecodedReading
from bridge.refusal import RefusalReason, Refused, RefusedPart, kept
from ward.ids import printable

_NAME = re.compile(r"([A-Za-z][A-Za-z-]*?)[ _-]?(\d{1,4})", re.ASCII)


class HumidityLoggerCodec(Codec, name="humidity_logger"):
    """A logger's values, with the imaging device that it is mounted in."""

    reads = JSON

    def decode(self, levels: Sequence[str], payload: bytes) -> list[DecodedReading]:
        if len(levels) != 2:
            raise Refused(RefusalReason.TOPIC, "a logger publishes to loggers/<guid>")
        device = checked_id(levels[1], "logger")
        message = parse(payload)
        if message.get("guid", device) != device:
            raise Refused(
                RefusalReason.SCHEMA, f"`guid` is {printable(str(message['guid']), 70)!r}, but the topic says {device}"
            )
        refused: list[RefusedPart] = []
        return [
            DecodedReading(
                device=device, ward=str(self.options.get("ward", "imaging")),
                values=finite_numbers(_data(message), refused),
                at=kept(lambda: rfc3339_instant(message.get("eventTime"), "eventTime"), None, refused),
                device_kind="humidity_logger", attached=kept(lambda: _attached(message), "", refused), refused=refused,
            )
        ]  # fmt: skip


def imaging_device(name: str) -> str:
    """`MRI 12` → `MRI-12`, `PETCT10` → `PETCT-10`. Raises `Refused` for what is not letters and a number."""
    found = _NAME.fullmatch(name.strip())
    if found is None:
        raise Refused(RefusalReason.SCHEMA, f"{printable(name, 40)!r} is not an imaging device such as MRI 12")
    return f"{found[1].upper().replace('-', '')}-{int(found[2])}"


def _attached(message: Mapping[str, Any]) -> str:
    names = [value for key, value in message.items() if key.lower() == "medicalimagingdevice"]
    if len(names) != 1 or not isinstance(names[0], str):
        raise Refused(RefusalReason.SCHEMA, "`medicalImagingdevice` must be given once, as text")
    return imaging_device(names[0])


def _data(message: Mapping[str, Any]) -> Mapping[str, Any]:
    payload = message.get("payload")
    data = payload.get("data") if isinstance(payload, dict) else None
    if not isinstance(data, dict) or not data:
        raise Refused(RefusalReason.SCHEMA, "`payload.data` must be an object of numbers by signal")
    return data
