"""Decoded readings → readings of the log: plausible ranges, unknown signals, wrong wards."""

from bridge.decoded_reading import DecodedReading
from bridge.device_clock import ReadingTime
from bridge.device_progress import Arrival
from bridge.refusal import RefusalReason, Refused
from ward.clock import Micros
from ward.config.config import Config
from ward.metrics import Metrics
from ward.reading import Flag, Reading

# Each unknown name becomes a column of the store and a label of a metric: a device that invents
# names must not make either grow without bound.
MOST_UNKNOWN = 200
_NONE: dict[str, float] = {}


class ReadingBuilder:
    """Builds readings by the catalogue of signals and the inventory of one config."""

    def __init__(self, config: Config, metrics: Metrics) -> None:
        self._bounds = {name: (s.low, s.high) for name, s in config.catalogue.items()}
        self._inventory = config.inventory
        self._metrics = metrics
        self._unknown: set[str] = set()

    def build(
        self, decoded: DecodedReading, arrival: Arrival, time: ReadingTime, received_at: Micros, flags: int
    ) -> Reading:  # fmt: skip
        """The reading, with `flags` and those that are found here. `received_at` is when the bridge received it.

        Raises `Refused` when it brings more unknown signal names than can be stored.
        """
        values, implausible = decoded.values, _NONE
        for name, value in values.items():
            bounds = self._bounds.get(name)
            if bounds is None:
                self._count_unknown(name)
            elif not bounds[0] <= value <= bounds[1]:
                implausible = {**implausible, name: value}
        if implausible:
            values = {name: value for name, value in values.items() if name not in implausible}
        if self._wrong_ward(decoded, time.at):
            flags |= Flag.WRONG_WARD
        if flags:
            self._count(flags)
        return Reading(
            device=decoded.device, ward=decoded.ward, at=time.at, received_at=received_at, values=values,
            implausible=implausible,
            boot=decoded.boot, seq=decoded.seq, device_kind=decoded.device_kind, attached=decoded.attached,
            device_time=time.device_time, lost=arrival.lost, duplicates=arrival.duplicates, flags=flags,
        )  # fmt: skip

    def _wrong_ward(self, decoded: DecodedReading, at: Micros) -> bool:
        """Whether it was published for another ward than the inventory has its device in."""
        if decoded.device not in self._inventory.devices or not decoded.ward:
            return False
        return self._inventory.place(decoded.device, at, decoded.ward).ward != decoded.ward

    def _count_unknown(self, name: str) -> None:
        if name not in self._unknown:
            if len(self._unknown) >= MOST_UNKNOWN:
                raise Refused(
                    RefusalReason.SIGNALS, f"{name} is not in the catalogue, and {MOST_UNKNOWN} others are not either"
                )
            self._unknown.add(name)
        self._metrics.values_of_unknown_signals.labels(name).inc()

    def _count(self, flags: int) -> None:
        for flag in Flag:
            if flags & flag:
                self._metrics.readings_flagged.labels(str(flag.name).lower()).inc()
