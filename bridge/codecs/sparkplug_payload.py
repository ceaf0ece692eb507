"""The payload of Sparkplug B, read by protobuf: its fields as the Sparkplug specification 3.0.0, 6.4, numbers them.

Only what a reading needs is described; the rest of a message (properties, data sets, templates) is skipped unread.
protobuf is imported when the first payload comes.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from bridge.decoded_reading import RefusalReason, Refused
from ward.clock import Micros
from ward.ids import printable

MOST_METRICS = 4000

# name, number, type, in protobuf's own words; metrics of a payload and the value of a metric are added to these.
_PAYLOAD = (("timestamp", 1, "UINT64"), ("seq", 3, "UINT64"))
_METRIC = (
    ("name", 1, "STRING"), ("alias", 2, "UINT64"), ("timestamp", 3, "UINT64"), ("datatype", 4, "UINT32"),
    ("is_null", 7, "BOOL"),
)  # fmt: skip
_VALUE = (
    ("int_value", 10, "UINT32"), ("long_value", 11, "UINT64"), ("float_value", 12, "FLOAT"),
    ("double_value", 13, "DOUBLE"), ("boolean_value", 14, "BOOL"), ("string_value", 15, "STRING"),
)  # fmt: skip
# Negative whole numbers travel as their two's complement: data type → bits, as 6.4.16 of the specification lists them.
_SIGNED = {1: 8, 2: 16, 3: 32, 4: 64}
_LATEST = 2**33 * 1000


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: a name, an alias or both. `value` is None where it is told to be null, or is of no kind read here."""

    name: str
    alias: int | None
    at: Micros | None
    datatype: int
    value: float | int | bool | str | None

    def typed(self, datatype: int) -> float | int | bool | str | None:
        """Its value, with the sign that its data type gives it."""
        bits = _SIGNED.get(self.datatype or datatype)
        if bits is None or type(self.value) is not int:
            return self.value
        low = self.value & ((1 << bits) - 1)
        return low - (1 << bits) if low >> (bits - 1) else low


@dataclass(frozen=True, slots=True)
class Payload:
    """A message: its time, its number of 0 to 255, and its metrics."""

    at: Micros | None
    seq: int | None
    metrics: tuple[Metric, ...]

    def told(self, name: str) -> float | int | bool | str | None:
        return next((metric.value for metric in self.metrics if metric.name == name), None)


def read_payload(payload: bytes) -> Payload:
    """Raises `Refused`."""
    from google.protobuf.message import DecodeError

    message = _message()()
    try:
        message.ParseFromString(payload)
    except (DecodeError, ValueError, RecursionError) as error:
        raise Refused(RefusalReason.SYNTAX, f"not a payload of Sparkplug B: {printable(str(error), 80)}") from error
    if len(message.metrics) > MOST_METRICS:
        raise Refused(RefusalReason.SIZE, f"{len(message.metrics)} metrics; there may be {MOST_METRICS}")
    seq = message.seq if message.HasField("seq") else None
    if seq is not None and seq > 255:
        raise Refused(RefusalReason.SHAPE, f"seq is {seq}; it counts from 0 to 255")
    return Payload(_instant(message), seq, tuple(map(_metric, message.metrics)))


def _metric(found: Any) -> Metric:
    kind = None if found.is_null else found.WhichOneof("value")
    alias = found.alias if found.HasField("alias") else None
    value = getattr(found, kind) if kind else None
    if isinstance(value, float):
        # A float has seven digits: 36.6 shall not become 36.599998474. Not a number is no reading.
        value = None if value != value else float(f"{value:.7g}") if kind == "float_value" else value
    return Metric(found.name, alias, _instant(found), found.datatype, value)


def _instant(found: Any) -> Micros | None:
    if not found.HasField("timestamp"):
        return None
    if found.timestamp >= _LATEST:
        raise Refused(
            RefusalReason.TIME, f"timestamp {found.timestamp} is later than the year 2242: it counts milliseconds"
        )
    return int(found.timestamp) * 1000


@cache
def _message() -> Any:
    """The class of a payload. Our own description; fields keep their published numbers and types."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(name="wardwatch/sparkplug.proto", package="wardwatch", syntax="proto2")
    metric, payload = file.message_type.add(name="Metric"), file.message_type.add(name="Payload")
    metric.oneof_decl.add(name="value")
    kinds = descriptor_pb2.FieldDescriptorProto
    for message, fields in ((payload, _PAYLOAD), (metric, _METRIC), (metric, _VALUE)):
        for name, number, kind in fields:
            field = message.field.add(
                name=name, number=number, type=kinds.Type.Value(f"TYPE_{kind}"), label=kinds.LABEL_OPTIONAL
            )
            if fields is _VALUE:
                field.oneof_index = 0
    payload.field.add(
        name="metrics", number=2, type=kinds.TYPE_MESSAGE, label=kinds.LABEL_REPEATED, type_name=".wardwatch.Metric"
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("wardwatch.Payload"))


def rebirth() -> bytes:
    """The command that asks an edge node for its births: `Node Control/Rebirth`, a Boolean that is true."""
    message = _message()()
    message.metrics.add(name="Node Control/Rebirth", datatype=11, boolean_value=True)
    return bytes(message.SerializeToString())
