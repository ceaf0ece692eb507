"""Sparkplug B payloads → time, number and metrics; and the command that this bridge sends.

protobuf is imported with the first payload: a bridge without Sparkplug devices does not load it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.refusal import RefusalReason, Refused, RefusedPart, kept
from ward.clock import Micros
from ward.ids import printable

if TYPE_CHECKING:
    from bridge.sparkplug import sparkplug_pb2

MOST_METRICS = 4000

Value = float | int | bool | str
# Negative whole numbers are sent as their two's complement: data type → bits (specification 3.0.0, 6.4.16).
_SIGNED = {1: 8, 2: 16, 3: 32, 4: 64}
_BOOLEAN = 11  # a data type
_NUMBERS = range(1, 12)  # the data types of numbers, and of true and false
_MINUS_ONE = 2**64 - 1  # as a time: none
_LATEST = 2**33 * 1000  # milliseconds since 1970: a time in the year 2242


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: a name, an alias or both.

    `datatype` is 0 where the message does not repeat it. `value` is None where it is null, or of a type that no signal
    can have (bytes, data set, template).
    """

    name: str
    alias: int | None
    at: Micros | None
    datatype: int
    value: Value | None

    def signed_value(self, datatype: int) -> Value | None:
        """Its value, with the sign that the data type gives it: its own, or else `datatype`, that of its birth.

        Raises `Refused` for text in the place of a number.
        """
        if isinstance(self.value, str) and (self.datatype or datatype) in _NUMBERS:
            raise Refused(RefusalReason.SCHEMA, f"{printable(self.name, 80)} is text, not a number")
        bits = _SIGNED.get(self.datatype or datatype)
        if bits is None or type(self.value) is not int:
            return self.value
        low = self.value & ((1 << bits) - 1)
        return low - (1 << bits) if low >> (bits - 1) else low


@dataclass(frozen=True, slots=True)
class Payload:
    """A message: its time, its number of 0 to 255, and its metrics. `refused` is what of it cannot be used."""

    at: Micros | None
    seq: int | None
    metrics: tuple[Metric, ...]
    refused: tuple[RefusedPart, ...] = ()

    def value(self, name: str) -> Value | None:
        """The value of the metric of that name; None where there is none."""
        return next((metric.value for metric in self.metrics if metric.name == name), None)


def read_payload(payload: bytes) -> Payload:
    """Decode a payload. Raises `Refused`."""
    from google.protobuf.message import DecodeError

    from bridge.sparkplug import sparkplug_pb2

    message = sparkplug_pb2.Payload()
    try:
        message.ParseFromString(payload)
    except (DecodeError, ValueError, RecursionError) as error:
        raise Refused(RefusalReason.SYNTAX, f"not a payload of Sparkplug B: {printable(str(error), 80)}") from error
    if len(message.metrics) > MOST_METRICS:
        raise Refused(RefusalReason.SIZE, f"{len(message.metrics)} metrics; there may be {MOST_METRICS}")
    refused: list[RefusedPart] = []
    seq = message.seq if message.HasField("seq") else None
    if seq is not None and seq > 255:
        refused.append(RefusedPart(RefusalReason.SCHEMA, f"seq is {seq}; it counts from 0 to 255"))
        seq = None
    at = kept(lambda: _instant(message), None, refused)
    return Payload(at, seq, tuple(_metric(metric, refused) for metric in message.metrics), tuple(refused))


def rebirth_command() -> bytes:
    """The payload that asks an edge node for its birth messages: `Node Control/Rebirth` is true."""
    from bridge.sparkplug import sparkplug_pb2

    message = sparkplug_pb2.Payload()
    message.metrics.add(name="Node Control/Rebirth", datatype=_BOOLEAN, boolean_value=True)
    return message.SerializeToString()


def _metric(found: "sparkplug_pb2.Metric", refused: list[RefusedPart]) -> Metric:
    field = None if found.is_null else found.WhichOneof("value")
    alias = found.alias if found.HasField("alias") else None
    value: Value | None = getattr(found, field) if field else None
    if isinstance(value, float):
        # A float has seven digits: 36.6 must not become 36.599998474.
        value = float(f"{value:.7g}") if field == "float_value" else value
    at = kept(lambda: _instant(found), None, refused)
    return Metric(found.name, alias, at, found.datatype, value)


def _instant(found: "sparkplug_pb2.Payload | sparkplug_pb2.Metric") -> Micros | None:
    if not found.HasField("timestamp") or found.timestamp == _MINUS_ONE:
        return None
    if found.timestamp >= _LATEST:
        raise Refused(
            RefusalReason.TIME, f"timestamp {found.timestamp} is later than the year 2242: it counts milliseconds"
        )
    return int(found.timestamp) * 1000
