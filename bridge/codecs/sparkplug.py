"""Sparkplug B on `spBv1.0/<group>/<NBIRTH|NDATA|NDEATH|DBIRTH|DDATA|DDEATH>/<edge>[/<device>]`.

NBIRTH ─▶ online, values, aliases ─▶ NDATA, DDATA ─▶ values
DBIRTH ─▶ online, values            NDEATH, DDEATH ─▶ offline

An edge node numbers its messages 0 to 255 and begins with 0 again: missing numbers are reported as lost readings of the
device that sends next. Data without a birth message cannot be decoded, since it may use aliases: it goes to quarantine,
and the node is asked for its births (NCMD, `Node Control/Rebirth`).

The id of a node is `<edge>` and that of a device behind it `<edge>.<device>`; a metric is the signal of the last part
of its name. A mapping can change this: `device` and `ward` by levels of the topic, `values` with the metric's name as
path.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from bridge.codecs.base import Codec, checked_id
from bridge.codecs.mapped_values import MappedValues
from bridge.codecs.mapping import mapped_id
from bridge.codecs.sequence_tracker import SequenceTracker
from bridge.codecs.strict_json import finite_numbers
from bridge.decoded_reading import DecodedReading
from bridge.refusal import RefusalReason, Refused, RefusedPart
from bridge.sparkplug.edge_session import EdgeSession, signal_of
from bridge.sparkplug.payload import Payload, Value, read_payload, rebirth_command
from ward.clock import Micros
from ward.config.mapping.resolved import ResolvedMapping
from ward.ids import is_id, printable

MOST_EDGES = 1000
_TYPES = ("NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH")
_COMMANDS = ("NCMD", "DCMD")
Edge = tuple[str, str]  # group, edge node


class SparkplugCodec(Codec, name="sparkplug"):
    """The births, data and deaths of edge nodes and of the devices behind them."""

    reads = "payloads of Sparkplug B"

    def __init__(self, options: Mapping[str, Any] | None = None, mapping: ResolvedMapping | None = None) -> None:
        super().__init__(options, mapping)
        self._values = MappedValues(mapping) if mapping else None
        self._sessions: OrderedDict[Edge, EdgeSession] = OrderedDict()
        self._sequences = SequenceTracker(256)
        self._without_birth: OrderedDict[Edge, int] = OrderedDict()
        self._replies: list[tuple[str, bytes]] = []

    def decode(self, levels: Sequence[str], payload: bytes) -> list[DecodedReading]:
        if len(levels) > 2 and (levels[1] == "STATE" or levels[2] in _COMMANDS):
            return []
        if len(levels) not in (4, 5) or levels[2] not in _TYPES or (levels[2][0] == "D") != (len(levels) == 5):
            raise Refused(RefusalReason.TOPIC, "Sparkplug B is spBv1.0/<group>/<NBIRTH, DDATA …>/<edge>[/<device>]")
        edge = levels[1], levels[3]
        message = read_payload(payload)
        if levels[2] == "NBIRTH":
            self._sequences.restart(edge)
        lost, repeat = (0, False) if message.seq is None else self._sequences.apply(edge, message.seq, message.at)
        try:
            readings = self._readings(edge, levels, message, repeat)
        except Refused as refused:
            with suppress(Refused):
                refused.device, _ = self._ids(levels)
            self._sequences.report_later(edge, lost)
            if refused.reason is RefusalReason.BIRTH:
                self._request_birth(edge)
            raise
        for i, reading in enumerate(readings):
            reading.lost, reading.repeat = lost if i == 0 else 0, repeat
        return readings

    def replies(self) -> list[tuple[str, bytes]]:
        replies, self._replies = self._replies, []
        return replies

    def _readings(self, edge: Edge, levels: Sequence[str], message: Payload, repeat: bool) -> list[DecodedReading]:
        match levels[2]:
            case "NDEATH":
                return self._node_death(edge, levels, message)
            case "NBIRTH":
                return self._node_birth(edge, levels, message, repeat)
        session = self._session(edge)
        device = levels[4] if len(levels) == 5 else EdgeSession.NODE
        if levels[2] == "DBIRTH":
            session.device_birth(device, message)
        elif device and device not in session.devices:
            raise Refused(
                RefusalReason.BIRTH, f"{levels[2]} of {printable(device, 64)}, whose birth message was not received"
            )
        readings = self._measured(session, device, levels, message)
        if levels[2] == "DDEATH":
            session.devices.discard(device)
        if levels[2] in ("DBIRTH", "DDEATH"):
            readings.insert(0, self._status(levels, online=levels[2] == "DBIRTH"))
        return readings or [self._reading(levels, {}, message.at)]

    def _node_birth(self, edge: Edge, levels: Sequence[str], message: Payload, repeat: bool) -> list[DecodedReading]:
        session = EdgeSession(message)
        readings = self._measured(session, EdgeSession.NODE, levels, message)
        if not repeat or edge not in self._sessions:
            self._sessions[edge] = session
            self._sessions.move_to_end(edge)
            while len(self._sessions) > MOST_EDGES:
                self._sessions.popitem(last=False)
            self._without_birth.pop(edge, None)
        return [self._status(levels, online=True), *readings]

    def _node_death(self, edge: Edge, levels: Sequence[str], message: Payload) -> list[DecodedReading]:
        """The node and all devices behind it are offline. The will of an earlier session (`bdSeq`) is ignored."""
        session = self._sessions.get(edge)
        if session is not None and session.bd_seq is not None and message.value("bdSeq") != session.bd_seq:
            return []
        self._sessions.pop(edge, None)
        devices = sorted(session.devices) if session else []
        return [self._status(levels, online=False)] + [
            self._status([*levels[:4], device], online=False) for device in devices
        ]

    def _session(self, edge: Edge) -> EdgeSession:
        if edge not in self._sessions:
            raise Refused(
                RefusalReason.BIRTH, f"the birth message of the edge node {printable(edge[1], 64)} was not received"
            )
        self._sessions.move_to_end(edge)
        return self._sessions[edge]

    def _measured(
        self, session: EdgeSession, device: str, levels: Sequence[str], message: Payload
    ) -> list[DecodedReading]:
        refused = list(message.refused)
        by_time = session.values_by_time(device, message, refused)
        if any(part.reason is RefusalReason.BIRTH for part in refused):
            self._request_birth((levels[1], levels[3]))
        if refused and not by_time:
            by_time = [(message.at, {})]
        readings = [self._reading(levels, metrics, at) for at, metrics in by_time]
        if refused:
            readings[0].refused = refused + readings[0].refused
        return readings

    def _reading(self, levels: Sequence[str], metrics: dict[str, Value], at: Micros | None) -> DecodedReading:
        refused: list[RefusedPart] = []
        values = self._signals(metrics, refused)
        device, ward = self._ids(levels)
        kind = self.mapping.entry.device_kind if self.mapping else ""
        return DecodedReading(
            device=device, ward=ward, values=values, at=at, device_kind=kind, refused=refused, sender=_sender(levels)
        )  # fmt: skip

    def _signals(self, metrics: dict[str, Value], refused: list[RefusedPart]) -> dict[str, float]:
        if self._values is not None:
            return self._values.of(metrics, metrics, refused, require_any=False)
        found: dict[str, Value] = {}
        second: dict[str, str] = {}
        for name, value in metrics.items():
            signal = signal_of(name)
            if isinstance(value, str) or not is_id(signal):
                continue
            if signal in found:
                second.setdefault(signal, name)
            found[signal] = int(value) if isinstance(value, bool) else value
        for signal, name in second.items():
            del found[signal]
            why = f"two metrics would be {signal}, the second is {printable(name, 80)}: write a mapping"
            refused.append(RefusedPart(RefusalReason.SCHEMA, why))
        return finite_numbers(found, refused)

    def _ids(self, levels: Sequence[str]) -> tuple[str, str]:
        """(device, ward); the ward is empty where no mapping gives it."""
        entry = self.mapping.entry if self.mapping else None
        if entry and entry.device and (entry.device.topic or 0) <= len(levels):
            device = mapped_id(entry.device, "device", levels, {}, {})
        else:
            device = checked_id(".".join(levels[3:5]), "device")
        return device, mapped_id(entry.ward, "ward", levels, {}, {}) if entry and entry.ward else ""

    def _status(self, levels: Sequence[str], *, online: bool) -> DecodedReading:
        device, ward = self._ids(levels)
        kind = self.mapping.entry.device_kind if self.mapping else ""
        return DecodedReading(
            device=device, ward=ward, values={"online": float(online)}, device_kind=kind, status=True,
            sender=_sender(levels),
        )  # fmt: skip

    def _request_birth(self, edge: Edge) -> None:
        """Ask a node for its births at the first message without one, and then at the 2nd, 4th, 8th …"""
        if not (is_id(edge[0]) and is_id(edge[1])):
            return
        count = self._without_birth[edge] = self._without_birth.pop(edge, 0) + 1
        while len(self._without_birth) > MOST_EDGES:
            self._without_birth.popitem(last=False)
        if count & (count - 1) == 0:
            self._replies.append((f"spBv1.0/{edge[0]}/NCMD/{edge[1]}", rebirth_command()))


def _sender(levels: Sequence[str]) -> tuple[str, str]:
    """Its group, edge node and device: with a dot in a name, or in another group, two of them can have one id."""
    return SparkplugCodec.name, "/".join((levels[1], *levels[3:]))
