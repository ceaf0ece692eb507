"""`online` and `offline`, retained, on `<root>/<ward>/<device>/status`: the second is a device's last will."""

from collections.abc import Sequence

from bridge.codecs.base import Codec, identified
from bridge.decoded_reading import DecodedReading, RefusalReason, Refused
from ward.ids import printable

_MEANING = {b"online": 1.0, b"offline": 0.0}


class Status(Codec, name="status"):
    """A status as a value of the signal `online`. It speaks of now, also when the broker had kept it."""

    def decode(self, levels: Sequence[str], payload: bytes) -> list[DecodedReading]:
        if len(levels) != 4:
            raise Refused(RefusalReason.TOPIC, "a status goes to <root>/<ward>/<device>/status")
        ward, device = identified(levels[1], "ward"), identified(levels[2], "device")
        meaning = _MEANING.get(payload.strip().lower())
        if meaning is None:
            said = printable(payload[:40].decode("utf-8", "replace"))
            raise Refused(RefusalReason.SHAPE, f"a status is online or offline, not {said!r}")
        return [DecodedReading(device=device, ward=ward, values={"online": meaning}, status=True)]
