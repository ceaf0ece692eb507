"""What a codec makes of a payload, before clocks, repeats and plausible ranges are checked."""

import msgspec

from bridge.refusal import RefusedPart
from ward.clock import Micros
from ward.observation import Entry

MOST_DETAILS = 20  # more refused parts of a reading are counted, and not listed


class DecodedReading(msgspec.Struct, kw_only=True, gc=False):
    """One reading as its device sent it.

    `at` is None where the device sent no time. `status` marks a message about the present state of the device, which is
    valid even as a retained copy. `extra` marks a payload with unknown keys, which were ignored. `lost` readings are
    known to be missing just before it, and `repeat` marks one that was received before: both are set by codecs that
    count messages themselves, without `boot` and `seq`. `refused` are the values that cannot be used, and its time or
    number where these cannot: the rest is accepted without them. `sender` is (mapping or codec, what the sender calls
    itself) where the id of the device was made of that. `unknown_alarms` are codes of the device's own alarms that its
    mapping does not have; None where the message says nothing of alarms. `observation` is what a person observed and
    the device only sends: it is about the patient in a bed, and none of the device's readings.
    """

    device: str
    ward: str
    values: dict[str, float]
    at: Micros | None = None
    boot: str = ""
    seq: int = -1
    device_kind: str = ""
    attached: str = ""
    status: bool = False
    extra: bool = False
    lost: int = 0
    repeat: bool = False
    refused: list[RefusedPart] = []
    sender: tuple[str, str] | None = None
    unknown_alarms: tuple[str, ...] | None = None
    observation: Entry | None = None

    def refused_text(self) -> str:
        """What of it is refused, and why, after the name of its device."""
        return f"{self.device}: " + "; ".join(part.detail for part in self.refused[:MOST_DETAILS])
