"""`online` and `offline`, retained, on `<root>/<ward>/<device>/status`; `offline` is the device's last will."""

from collections.abc import Sequence

from bridge.codecs.base import Codec, checked_id, native_device
from bridge.decoded_reading import DecodedReading
from bridge.refusal import RefusalReason, Refused
from ward.ids import printable

_VALUES = {b"online": 1.0, b"offline": 0.0}


class StatusCodec(Codec, name="status"):
    """A status as a value of the signal `online`. It is valid now, also as a retained copy."""

    reads = "`online` or `offline`"

    def device(self, levels: Sequence[str]) -> str:
        return native_device(levels)

    def decode(self, levels: Sequence[str], payload: bytes) -> list[DecodedReading]:
        if len(levels) != 4:
            raise Refused(RefusalReason.TOPIC, "a status goes to <root>/<ward>/<device>/status")
        ward, device = checked_id(levels[1], "ward"), checked_id(levels[2], "device")
        online = _VALUES.get(payload.strip().lower())
        if online is None:
            text = printable(payload[:40].decode("utf-8", "replace"))
            raise Refused(RefusalReason.SCHEMA, f"a status is online or offline, not {text!r}")
        return [DecodedReading(device=device, ward=ward, values={"online": online}, status=True)]
