"""Sparkplug B on `spBv1.0/<group>/<NBIRTH|NDATA|NDEATH|DBIRTH|DDATA|DDEATH>/<edge>[/<device>]`.

NBIRTH ─▶ online, values, aliases ─▶ NDATA, DDATA ─▶ values
DBIRTH ─▶ online, values            NDEATH, DDEATH ─▶ offline

A node's messages are numbered 0 to 255 and round again: what is missing becomes lost readings of whoever speaks next.
Data whose births were not heard go to quarantine, and the node is asked for its births (NCMD, `Node Control/Rebirth`):
nothing is read by guessing.

Our id of a node is `<edge>` and of its device `<edge>.<device>`; a metric is the signal of the last part of its name.
A mapping says otherwise: `device` and `ward` by levels of the topic, `values` by the metric's name in the path's place.
"""

from collections import OrderedDict
from collections.abc import Mapping as Lookup
from collections.abc import Sequence
from typing import Any

from bridge.codecs.base import Codec, checked, identified
from bridge.codecs.counting import Counting
from bridge.codecs.mapping import place
from bridge.codecs.sparkplug_edge import Leaf, SparkplugEdge, signal_of
from bridge.codecs.sparkplug_payload import Payload, read_payload, rebirth
from bridge.codecs.strict import number
from bridge.codecs.values import Values
from bridge.decoded_reading import DecodedReading, RefusalReason, Refused
from ward.clock import Micros
from ward.config.mapping.resolved import ResolvedMapping
from ward.ids import is_id, printable

MOST_EDGES = 1000
_KINDS = ("NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH")
# Meant for nodes, or told by hosts.
_OTHERS = ("NCMD", "DCMD")


class Sparkplug(Codec, name="sparkplug"):
    """The births, data and deaths of edge nodes and of the devices behind them."""

    def __init__(self, options: Lookup[str, Any] | None = None, mapping: ResolvedMapping | None = None) -> None:
        super().__init__(options, mapping)
        self._values = Values(mapping) if mapping else None
        self._edges: OrderedDict[tuple[str, str], SparkplugEdge] = OrderedDict()
        self._counting = Counting(256)
        self._unborn: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._replies: list[tuple[str, bytes]] = []

    def decode(self, levels: Sequence[str], payload: bytes) -> list[DecodedReading]:
        if len(levels) > 2 and (levels[1] == "STATE" or levels[2] in _OTHERS):
            return []
        if len(levels) not in (4, 5) or levels[2] not in _KINDS or (levels[2][0] == "D") != (len(levels) == 5):
            raise Refused(RefusalReason.TOPIC, "Sparkplug B is spBv1.0/<group>/<NBIRTH, DDATA …>/<edge>[/<device>]")
        kind, edge = levels[2], (levels[1], levels[3])
        message = read_payload(payload)
        if kind == "NBIRTH":
            self._counting.restart(edge)
        lost, repeat = (0, False) if message.seq is None else self._counting.take(edge, message.seq, message.at)
        try:
            drafts = self._drafts(kind, edge, levels, message, repeat)
        except Refused as refused:
            self._counting.owe(edge, lost)
            if refused.reason is RefusalReason.BIRTH:
                self._ask(edge)
            raise
        for i, draft in enumerate(drafts):
            draft.lost, draft.repeat = lost if i == 0 else 0, repeat
        return drafts

    def replies(self) -> list[tuple[str, bytes]]:
        said, self._replies = self._replies, []
        return said

    def _drafts(
        self, kind: str, edge: tuple[str, str], levels: Sequence[str], message: Payload, repeat: bool
    ) -> list[DecodedReading]:
        if kind == "NDEATH":
            return self._node_died(edge, levels, message)
        if kind == "NBIRTH":
            known = SparkplugEdge(message)
            own = self._read(known, SparkplugEdge.NODE, levels, message)
            if not repeat or edge not in self._edges:
                self._born(edge, known)
        else:
            known = self._known(edge)
            device = levels[4] if len(levels) == 5 else SparkplugEdge.NODE
            if kind == "DBIRTH":
                known.bear(device, message)
            elif device and device not in known.devices:
                raise Refused(RefusalReason.BIRTH, f"{kind} of {printable(device, 64)}, whose birth was not heard")
            own = self._read(known, device, levels, message)
            if kind == "DDEATH":
                known.devices.discard(device)
        if kind.endswith(("BIRTH", "DEATH")):
            own.insert(0, self._status(levels, alive=kind.endswith("BIRTH")))
        return own or [self._draft(levels, {}, message.at)]

    def _born(self, edge: tuple[str, str], known: SparkplugEdge) -> None:
        self._edges[edge] = known
        self._edges.move_to_end(edge)
        while len(self._edges) > MOST_EDGES:
            self._edges.popitem(last=False)
        self._unborn.pop(edge, None)

    def _known(self, edge: tuple[str, str]) -> SparkplugEdge:
        if edge not in self._edges:
            raise Refused(RefusalReason.BIRTH, f"the birth of the edge node {printable(edge[1], 64)} was not heard")
        return self._edges[edge]

    def _node_died(self, edge: tuple[str, str], levels: Sequence[str], message: Payload) -> list[DecodedReading]:
        """The node is offline and all that is behind it; a will of an earlier session says nothing about this one."""
        known = self._edges.get(edge)
        if known is not None and known.number is not None and message.told("bdSeq") != known.number:
            return []
        self._edges.pop(edge, None)
        behind = sorted(known.devices) if known else []
        return [self._status(levels, alive=False)] + [
            self._status([*levels[:4], device], alive=False) for device in behind
        ]

    def _read(self, known: SparkplugEdge, device: str, levels: Sequence[str], message: Payload) -> list[DecodedReading]:
        return [self._draft(levels, told, at) for at, told in known.told(device, message)]

    def _draft(self, levels: Sequence[str], told: dict[str, Leaf], at: Micros | None) -> DecodedReading:
        values = self._signals(told)
        checked(values)
        device, ward = self._place(levels)
        kind = self.mapping.entry.device_kind if self.mapping else ""
        return DecodedReading(device=device, ward=ward, values=values, at=at, device_kind=kind)

    def _signals(self, told: dict[str, Leaf]) -> dict[str, float]:
        if self._values is not None:
            return self._values.of(told, told, some=False)
        found: dict[str, float] = {}
        for name, value in told.items():
            signal = signal_of(name)
            if isinstance(value, str) or not is_id(signal):
                continue
            if signal in found:
                words = f"two metrics would be {signal}, the second is {printable(name, 80)}: write a mapping"
                raise Refused(RefusalReason.SHAPE, words)
            found[signal] = number(signal, int(value) if isinstance(value, bool) else value)
        return found

    def _place(self, levels: Sequence[str]) -> tuple[str, str]:
        entry = self.mapping.entry if self.mapping else None
        if entry and entry.device and (entry.device.topic or 0) <= len(levels):
            device = place(entry.device, "device", levels, {}, {})
        else:
            device = identified(".".join(levels[3:5]), "device")
        return device, place(entry.ward, "ward", levels, {}, {}) if entry and entry.ward else ""

    def _status(self, levels: Sequence[str], *, alive: bool) -> DecodedReading:
        device, ward = self._place(levels)
        kind = self.mapping.entry.device_kind if self.mapping else ""
        return DecodedReading(device=device, ward=ward, values={"online": float(alive)}, device_kind=kind, status=True)

    def _ask(self, edge: tuple[str, str]) -> None:
        """Ask for the births, and again when as many more messages have come as before."""
        if not (is_id(edge[0]) and is_id(edge[1])):
            return
        count = self._unborn[edge] = self._unborn.pop(edge, 0) + 1
        while len(self._unborn) > MOST_EDGES:
            self._unborn.popitem(last=False)
        if count & (count - 1) == 0:
            self._replies.append((f"spBv1.0/{edge[0]}/NCMD/{edge[1]}", rebirth()))
