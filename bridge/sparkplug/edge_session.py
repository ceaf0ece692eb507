"""The session of one Sparkplug edge node since its last birth: aliases, data types, and the devices behind it."""

from collections.abc import Sequence
from functools import partial

from bridge.refusal import RefusalReason, Refused, RefusedPart, kept
from bridge.sparkplug.payload import Metric, Payload, Value
from ward.clock import Micros

MOST_DEVICES = 500
# Metrics about the session and the node itself, which are no signals.
_NO_SIGNALS = ("bdSeq", "Node Control/", "Device Control/", "Node Info/", "Node Properties/")


class EdgeSession:
    """What the births of an edge node and its devices have defined. `NODE` stands for the node itself as a device.

    `bd_seq` is the number of the session, None where the birth has none. `devices` are those whose birth was received.
    A metric without a name defines nothing; as a value it is refused.
    """

    NODE = ""

    def __init__(self, birth: Payload) -> None:
        self.bd_seq = birth.value("bdSeq")
        self.devices: set[str] = set()
        self._names: dict[int, str] = {}
        self._types: dict[tuple[str, str], int] = {}
        self._define(self.NODE, birth.metrics)

    def device_birth(self, device: str, birth: Payload) -> None:
        """Add a device with its metrics. Raises `Refused`."""
        if device not in self.devices and len(self.devices) >= MOST_DEVICES:
            raise Refused(RefusalReason.SIZE, f"an edge node with more than {MOST_DEVICES} devices")
        self._define(device, birth.metrics)
        self.devices.add(device)

    def values_by_time(
        self, device: str, payload: Payload, refused: list[RefusedPart]
    ) -> list[tuple[Micros | None, dict[str, Value]]]:
        """The values of a message by metric name, for each time in it. What cannot be used, as an undefined alias, is
        appended to `refused`. A metric that is in it more often for one time begins another group of values."""
        found: list[tuple[Micros | None, dict[str, Value]]] = []
        groups: dict[Micros | None, dict[str, Value]] = {}
        for metric in payload.metrics:
            name = kept(partial(self._name, metric), "", refused)
            kind = self._types.get((device, name), 0)
            value = kept(partial(metric.signed_value, kind), None, refused) if name else None
            if value is not None and not name.startswith(_NO_SIGNALS):
                at = metric.at if metric.at is not None else payload.at
                if at not in groups or name in groups[at]:
                    groups[at] = {}
                    found.append((at, groups[at]))
                groups[at][name] = value
        return found

    def _define(self, device: str, metrics: Sequence[Metric]) -> None:
        for metric in metrics:
            if metric.name and metric.alias is not None:
                self._names[metric.alias] = metric.name
            if metric.name:
                self._types[device, metric.name] = metric.datatype

    def _name(self, metric: Metric) -> str:
        if metric.name:
            return metric.name
        if metric.alias is None:
            raise Refused(RefusalReason.SCHEMA, "a metric has neither name nor alias")
        if metric.alias not in self._names:
            raise Refused(RefusalReason.BIRTH, f"no birth message has defined the alias {metric.alias}")
        return self._names[metric.alias]


def signal_of(metric: str) -> str:
    """The last part of a metric's name, which may be that of a signal: `Vitals/heart_rate` → `heart_rate`."""
    return metric.rpartition("/")[2]
