"""The last look at a reading before it is written: what can be true, what is known, what is odd."""

from bridge.decoded_reading import DecodedReading, RefusalReason, Refused
from bridge.device_progress import DeviceProgress
from ward.clock import Micros
from ward.config.config import Config
from ward.metrics import Metrics
from ward.reading import Flag, Reading

# Each unknown name becomes a column of the store and a label of a metric: a device that invents
# names must not be able to make either grow without end.
MOST_UNKNOWN = 200
_NOTHING: dict[str, float] = {}


class Screening:
    """Makes readings of drafts, by the catalogue and the inventory."""

    def __init__(self, config: Config, metrics: Metrics) -> None:
        self._bounds = {name: (s.low, s.high) for name, s in config.catalogue.items()}
        self._inventory = config.inventory
        self._metrics = metrics
        self._unknown: set[str] = set()

    def screen(
        self, draft: DecodedReading, track: DeviceProgress, at: Micros, seen: Micros, claimed: Micros | None, flags: int
    ) -> Reading:
        """The reading of a draft. Raises `Refused` when it brings more unknown names than can be kept."""
        values, implausible = draft.values, _NOTHING
        for name, value in values.items():
            bounds = self._bounds.get(name)
            if bounds is None:
                self._meet(name)
            elif not bounds[0] <= value <= bounds[1]:
                implausible = {**implausible, name: value}
        if implausible:
            values = {name: value for name, value in values.items() if name not in implausible}
        if self._misplaced(draft, at):
            flags |= Flag.MISPLACED
        if flags:
            self._count(flags)
        lost, track.lost = track.lost, 0
        self._metrics.lost.inc(lost)
        duplicates, track.duplicates = track.duplicates, 0
        return Reading(
            device=draft.device, ward=draft.ward, at=at, seen=seen, values=values, implausible=implausible,
            boot=draft.boot, seq=draft.seq, device_kind=draft.device_kind, attached=draft.attached, claimed=claimed,
            lost=lost, duplicates=duplicates, flags=flags,
        )  # fmt: skip

    def _misplaced(self, draft: DecodedReading, at: Micros) -> bool:
        if draft.device not in self._inventory.devices or not draft.ward:
            return False
        return self._inventory.place(draft.device, at, draft.ward).ward != draft.ward

    def _meet(self, name: str) -> None:
        if name not in self._unknown:
            if len(self._unknown) >= MOST_UNKNOWN:
                raise Refused(
                    RefusalReason.SIGNALS, f"{name} is not in the catalogue, and {MOST_UNKNOWN} others are not either"
                )
            self._unknown.add(name)
        self._metrics.unknown_signals.labels(name).inc()

    def _count(self, flags: int) -> None:
        for flag in Flag:
            if flags & flag:
                self._metrics.flagged.labels(str(flag.name).lower()).inc()
