"""Decoded readings → readings of the log: plausible ranges, unknown signals, wrong wards, and what is refused."""

from collections.abc import Mapping, Sequence

from bridge.decoded_reading import DecodedReading
from bridge.device_clock import ReadingTime
from bridge.device_progress import Arrival
from bridge.refusal import RefusalReason, Refused, RefusedPart
from bridge.unknown_signals import UnknownSignals
from ward.clock import Micros
from ward.config.config import Config
from ward.metrics import Metrics
from ward.reading import Flag, Reading

_NONE: dict[str, float] = {}


class ReadingBuilder:
    """Builds readings by the catalogue of signals and the inventory of one config."""

    def __init__(self, config: Config, metrics: Metrics, unknown: UnknownSignals) -> None:
        self._bounds = {name: (s.low, s.high) for name, s in config.catalogue.items()}
        self._inventory = config.inventory
        self._metrics = metrics
        self._unknown = unknown

    def build(
        self, decoded: DecodedReading, arrival: Arrival, time: ReadingTime, received_at: Micros, flags: int
    ) -> Reading:  # fmt: skip
        """The reading, with `flags` and those that are found here. `received_at` is when the bridge received it.

        A value of an unknown signal that cannot be stored becomes one of `decoded.refused`. Raises `Refused` where
        nothing of the reading can be used.
        """
        values, implausible = decoded.values, _NONE
        unknown: list[str] = []
        for name, value in values.items():
            bounds = self._bounds.get(name)
            if bounds is None:
                unknown.append(name)
            elif not bounds[0] <= value <= bounds[1]:
                implausible = {**implausible, name: value}
        if implausible:
            values = {name: value for name, value in values.items() if name not in implausible}
        if unknown:
            values = self._storable(decoded, values, unknown)
        if decoded.refused:
            flags |= self._incomplete(decoded, values, implausible)
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

    def _storable(self, decoded: DecodedReading, values: dict[str, float], unknown: Sequence[str]) -> dict[str, float]:
        """The values without those of unknown signals that cannot be stored, which become `decoded.refused`."""
        registered = decoded.device in self._inventory.devices
        refused = self._unknown.refusals(decoded.device, unknown, registered=registered)
        if not refused:
            return values
        decoded.refused += [RefusedPart(RefusalReason.SIGNALS, why) for why in refused.values()]
        return {name: value for name, value in values.items() if name not in refused}

    @staticmethod
    def _incomplete(decoded: DecodedReading, values: Mapping[str, float], implausible: Mapping[str, float]) -> int:
        """The flag of a reading that is accepted without its refused parts. Raises `Refused` where nothing is left."""
        if not values and not implausible:
            raise Refused(decoded.refused[0].reason, decoded.refused_text(), device=decoded.device)
        return Flag.INCOMPLETE

    def _wrong_ward(self, decoded: DecodedReading, at: Micros) -> bool:
        """Whether it was published for another ward than the inventory has its device in."""
        if decoded.device not in self._inventory.devices or not decoded.ward:
            return False
        return self._inventory.place(decoded.device, at, decoded.ward).ward != decoded.ward

    def _count(self, flags: int) -> None:
        for flag in Flag:
            if flags & flag:
                self._metrics.readings_flagged.labels(str(flag.name).lower()).inc()
