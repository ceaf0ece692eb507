"""What is known of one Sparkplug edge node since its last birth: which alias is which metric, and who is there."""

from collections.abc import Iterator, Sequence

from bridge.codecs.sparkplug_payload import Metric, Payload
from bridge.decoded_reading import RefusalReason, Refused
from ward.clock import Micros

MOST_DEVICES = 500
# Names without a signal: they speak of the session.
_OWN = ("bdSeq", "Node Control/", "Device Control/", "Node Info/", "Node Properties/")

Leaf = float | int | bool | str
# The metrics of one instant, by name.
Told = tuple[Micros | None, dict[str, Leaf]]


class SparkplugEdge:
    """One session of an edge node. `NODE` stands for the node itself among its devices."""

    NODE = ""

    def __init__(self, birth: Payload) -> None:
        self.number = birth.told("bdSeq")
        self.devices: set[str] = set()
        self._names: dict[int, str] = {}
        self._types: dict[tuple[str, str], int] = {}
        self._learn(self.NODE, birth.metrics)

    def bear(self, device: str, birth: Payload) -> None:
        """A device of the node is there, with its metrics."""
        if device not in self.devices and len(self.devices) >= MOST_DEVICES:
            raise Refused(RefusalReason.SIZE, f"an edge node with more than {MOST_DEVICES} devices")
        self._learn(device, birth.metrics)
        self.devices.add(device)

    def told(self, device: str, payload: Payload) -> Iterator[Told]:
        """What a message says, by instant. Raises `Refused` for an alias that no birth has named."""
        moments: dict[Micros | None, dict[str, Leaf]] = {}
        for metric in payload.metrics:
            name = self._name(metric)
            value = metric.typed(self._types.get((device, name), 0))
            if value is not None and not name.startswith(_OWN):
                moments.setdefault(metric.at if metric.at is not None else payload.at, {})[name] = value
        yield from moments.items()

    def _learn(self, device: str, metrics: Sequence[Metric]) -> None:
        for metric in metrics:
            if not metric.name:
                raise Refused(RefusalReason.SHAPE, "a birth has a metric without a name")
            if metric.alias is not None:
                self._names[metric.alias] = metric.name
            self._types[device, metric.name] = metric.datatype

    def _name(self, metric: Metric) -> str:
        if metric.name:
            return metric.name
        if metric.alias is None:
            raise Refused(RefusalReason.SHAPE, "a metric has neither name nor alias")
        if metric.alias not in self._names:
            raise Refused(RefusalReason.BIRTH, f"no birth has told what the alias {metric.alias} stands for")
        return self._names[metric.alias]


def signal_of(metric: str) -> str:
    """The last part of a metric's name, which may be a signal's: `Vitals/heart_rate` → `heart_rate`."""
    return metric.rpartition("/")[2]
