"""Why a message or a record cannot be used."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class RefusalReason(StrEnum):
    """Why a message was put into quarantine. These are label values of a metric: few, and stable."""

    TOPIC = "topic"  # no codec is configured for the topic, it has a wrong number of levels, or an id in it is invalid
    SIZE = "size"  # empty, or larger than the limit
    SYNTAX = "syntax"  # not well-formed in the format of its codec
    VERSION = "version"  # a version of the format that this bridge does not know
    SCHEMA = "schema"  # well-formed, but not a reading
    TIME = "time"  # its time cannot be read
    RETAINED = "retained"  # a retained copy without a time of its own
    SIGNALS = "signals"  # too many signals, or a name that no signal can have
    DEVICES = "devices"  # a new device that is not registered, where there are too many of these
    VALUE = "value"  # some values of a reading, or its time or number: the rest of the reading was accepted
    OBSERVATION = (
        "observation"  # of an unknown bed, of another patient, too old or of the future, or an impossible value
    )
    BIRTH = "birth"  # Sparkplug data of a session whose birth message was not received
    CODEC = "codec"  # the codec raised an unexpected error: a bug of ours, to be reproduced with this message
    RECORD = "record"  # a record of the log that cannot be decoded
    STORE = "store"  # a point that the store refuses for good


class RefusedPart(NamedTuple):
    """A value of a reading, or its time or its number, that cannot be used. `detail` names it."""

    reason: RefusalReason
    detail: str


class Refused(Exception):
    """Raised for a payload that is no reading.

    `boot` and `seq` are set where they could be read: the bridge then acknowledges the number, so that the device may
    delete the reading instead of sending it for ever. `device` is set where the reading is one of several.
    """

    def __init__(
        self, reason: RefusalReason, detail: str, boot: str = "", seq: int = -1, *, device: str = ""
    ) -> None:  # fmt: skip
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.boot = boot
        self.seq = seq
        self.device = device

    @property
    def part(self) -> RefusedPart:
        """The same, of a part of a reading."""
        return RefusedPart(self.reason, self.detail)


def kept(read: Callable[[], T], otherwise: T, refused: list[RefusedPart]) -> T:
    """What `read` returns. Where it raises `Refused`, that is appended to `refused`, and `otherwise` is returned."""
    try:
        return read()
    except Refused as error:
        refused.append(error.part)
        return otherwise
