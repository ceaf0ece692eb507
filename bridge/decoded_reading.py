"""What a codec makes of a payload, before anybody has looked at clocks, repeats and plausibility."""

from enum import StrEnum

import msgspec

from ward.clock import Micros


class DecodedReading(msgspec.Struct, kw_only=True, gc=False):
    """One reading as its device tells it.

    `at` is None where the device sent no time. `status` marks a message that speaks of now even when
    the broker had kept it; `extra` one that held keys nobody knows, which were not read. `lost`
    readings are known to be missing just before it and `repeat` marks one that was here before: both
    for codecs that count by themselves, without `boot` and `seq`.
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


class RefusalReason(StrEnum):
    """Why a message was set aside. These are values of a metric: few, and stable."""

    TOPIC = "topic"  # no codec for it, wrong depth, or an id that is none
    SIZE = "size"  # empty, or larger than any reading
    SYNTAX = "syntax"  # not the format it should be
    VERSION = "version"  # a version nobody here knows
    SHAPE = "shape"  # well-formed, but not a reading
    TIME = "time"  # a time that is none
    RETAINED = "retained"  # a kept copy without a time of its own
    SIGNALS = "signals"  # too many signals, or one whose name is no name
    BIRTH = "birth"  # data of a session whose beginning was not heard: it cannot be read without
    CODEC = "codec"  # the codec failed: a fault of ours, and this message shows it
    WIRE = "wire"  # a record of the log that cannot be read
    STORE = "store"  # a point the store will never take


class Refused(Exception):
    """Raised by a codec: this payload is no reading. `boot` and `seq` are told where they could be read,
    so that the device need not keep what it will never be thanked for."""

    def __init__(self, reason: RefusalReason, detail: str, boot: str = "", seq: int = -1) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.boot = boot
        self.seq = seq
