"""What a codec makes of a payload, before clocks, repeats and plausible ranges are checked."""

import msgspec

from ward.clock import Micros


class DecodedReading(msgspec.Struct, kw_only=True, gc=False):
    """One reading as its device sent it.

    `at` is None where the device sent no time. `status` marks a message about the present state of the device, which is
    valid even as a retained copy. `extra` marks a payload with unknown keys, which were ignored. `lost` readings are
    known to be missing just before it, and `repeat` marks one that was received before: both are set by codecs that
    count messages themselves, without `boot` and `seq`.
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
