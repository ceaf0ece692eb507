"""The messages of the log as JSON objects, each with its version in `v`.

Decoding refuses an unknown or missing version and everything that is not exactly such a message.
"""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec

from ward.action import Action
from ward.alert import Alert
from ward.clock import Micros
from ward.errors import WireError
from ward.finding import Finding
from ward.reading import Reading
from ward.score import BedScore


class QuarantinedMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1):
    """A message that could not be used: its topic, all its bytes, and why."""

    topic: str
    payload: bytes  # base64 in JSON
    reason: str
    detail: str
    at: Micros
    stage: str
    device: str = ""
    ward: str = ""


# The field of a curve that says in words how far a detector is from its first score.
PROGRESS = "progress"


class DetectorCurve(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=2):
    """One or more derived numbers, such as the CUSUM of a series, for a point of `detector_curves`."""

    name: str
    at: Micros
    fields: dict[str, float | str]
    tags: dict[str, str] = {}


class DetectorLag(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1):
    """How far one partition of the readings is evaluated, at `at`.

    All readings that were in the log at `until` are evaluated, except those of the devices that are `behind`: theirs
    are evaluated as far as the bridge received them until the instant given.
    """

    partition: int
    at: Micros
    until: Micros
    behind: dict[str, Micros] = {}


class SavedState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=5):
    """The detectors' state of one device, with the offset of the last reading that is in it.

    `watermark` is the instant up to which the device was evaluated. `ward`, `device_kind` and `attached` are from its
    readings, `bed` and `patient` where it was then and for whom. `series` maps signal → (device time of the
    newest value evaluated, when the bridge took the newest value, when the first, how many values); the empty signal
    is the device. `rows` maps rule → signal → the bytes of its columns; `digests` maps rule → a digest of the layout
    of these columns and of the rule's parameters, so that the state of another rule is not restored. `open_findings`
    has the last finding of each open episode; `humidity` the sum and number of a humidity logger's values; `sources`
    maps, for a patient, signal → the device that its values are from, and when the bridge took the last one;
    `source_numbers` device → the number of its newest reading.
    """

    device: str
    offset: int
    watermark: Micros
    series: dict[str, tuple[Micros | None, Micros, Micros, int]]
    rows: dict[str, dict[str, bytes]] = {}
    digests: dict[str, str] = {}
    open_findings: list[Finding] = []
    ward: str = ""
    device_kind: str = ""
    attached: str = ""
    bed: str = ""
    patient: str = ""
    humidity: tuple[float, int] | None = None
    sources: dict[str, tuple[str, Micros]] = {}
    source_numbers: dict[str, int] = {}


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=4):
    """The state of one program: its counters and gauges by name, its config, and its problems.

    `role` is `active` or `standby` where one of several instances works at a time, or which shares of the devices a
    bridge has.
    """

    program: str
    instance: str
    at: Micros
    started: Micros
    config: str
    problems: list[str] = []
    reload_error: str = ""
    role: str = ""
    numbers: dict[str, float] = {}


class ConfigConfirmation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1):
    """The config with this hash may be in force although it waits: who confirmed it, when, and why.

    `by` is a person; or `automatic`, the program `alerts`, for an edit that ends no active alert.
    """

    config: str
    by: str
    at: Micros
    note: str = ""
    automatic: bool = False


class KeptConfig(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1):
    """The config that is in force: its hash, since when, and the contents of its files, as compressed JSON.

    It has no secrets: values of variables are not in the contents, and neither are addresses of channels and passwords
    that are written out.
    """

    hash: str
    at: Micros
    contents: bytes


class _Nothing(msgspec.Struct, tag_field="v", tag=0):
    """Never sent. It makes every type below a union, in which `v` may not be missing."""


class _Version(msgspec.Struct):
    """The version of any message."""

    v: int


T = TypeVar("T", bound=msgspec.Struct)


class Wire(Generic[T]):
    """Encodes and decodes messages of one type."""

    def __init__(self, message_type: type[T]) -> None:
        self._name = message_type.__name__.lower()
        self._version = message_type.__struct_config__.tag
        self._encoder = msgspec.json.Encoder()
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(message_type | _Nothing)

    def encode(self, message: T) -> bytes:
        """The message as JSON in UTF-8."""
        return self._encoder.encode(message)

    def decode(self, data: bytes) -> T:
        """Raises `WireError` with what is wrong, and where in the message."""
        try:
            message: T = self._decoder.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise WireError(self._refusal(data) or f"not a {self._name}: {error}") from error
        if isinstance(message, _Nothing):
            raise WireError(self._refusal(data))
        return message

    def decode_many(self, values: Sequence[bytes]) -> list[T | WireError]:
        """Each value decoded, or the error it gives."""
        decode = self._decoder.decode
        try:
            messages: list[T | WireError] = [decode(value) for value in values]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return [self._try(value) for value in values]
        if _Nothing in map(type, messages):
            return [self._try(value) for value in values]
        return messages

    def _try(self, value: bytes) -> T | WireError:
        try:
            return self.decode(value)
        except WireError as error:
            return error

    def _refusal(self, data: bytes) -> str:
        """For a message of another version, that version and what to do; empty for a message without one."""
        try:
            version = _VERSION.decode(data).v
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return ""
        if version == self._version:
            return ""
        return (
            f"a {self._name} of version {version}, and this program reads version {self._version}: "
            "start with an empty data folder and empty topics, or run the release that wrote it"
        )


_VERSION = msgspec.json.Decoder(_Version)


READING_WIRE = Wire(Reading)
FINDING_WIRE = Wire(Finding)
ALERT_WIRE = Wire(Alert)
ACTION_WIRE = Wire(Action)
QUARANTINED_WIRE = Wire(QuarantinedMessage)
DETECTOR_CURVE_WIRE = Wire(DetectorCurve)
BED_SCORE_WIRE = Wire(BedScore)
DETECTOR_LAG_WIRE = Wire(DetectorLag)
STATE_WIRE = Wire(SavedState)
HEARTBEAT_WIRE = Wire(Heartbeat)
CONFIG_CONFIRMATION_WIRE = Wire(ConfigConfirmation)
KEPT_CONFIG_WIRE = Wire(KeptConfig)
