"""A ward with an archive and roll-ups, on a log in memory and a store in a file, and the truth to compare them with."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge.archive import Archive
from rollups.rollups import Rollups
from ward.adapters.memory.log import MemoryLog
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import SECOND, ManualClock, Micros
from ward.config.config import Config
from ward.config.live import FixedConfig
from ward.errors import StoreRefused, StoreUnavailable
from ward.inventory import Inventory
from ward.metrics import Metrics
from ward.policy import Policy
from ward.ports import Consumer, Event, Log, Partition, Point, Rolled, Store
from ward.ports.log import Partitions
from ward.reading import Reading
from ward.signals import Catalogue, Signal
from ward.topics import READINGS
from ward.wire import READING

HOUR = 3600 * SECOND
MINUTE = 60 * SECOND
T: Micros = 1_764_000_000 * SECOND // HOUR * HOUR
VITALS = ("heart_rate", "spo2")
CONFIG = Config(
    "test",
    Catalogue({n: Signal(name=n, label=n, unit="1", display="", measurement="vitals") for n in VITALS}),
    Inventory(beds=[], devices=[]),
)
Found = dict[tuple[str, str, Micros, str], float]


class Death(BaseException):
    """The process is killed here."""


@dataclass
class Fate:
    """When to die: before or after the n-th operation on the log or the store."""

    left: float = float("inf")
    operations: int = 0

    def spark(self) -> None:
        self.operations += 1
        self.left -= 1
        if self.left < 0:
            raise Death


class MortalStore:
    """A store whose user may die at each call; or which is away."""

    def __init__(self, store: Store, fate: Fate) -> None:
        self._store, self._fate = store, fate
        self.away = False
        self.never: set[float] = set()

    def write(self, points: Sequence[Point], policy: Policy | None = None) -> None:
        self._begin()
        if any(self.never & set(point.fields.values()) for point in points):
            raise StoreRefused("a field has another type there")
        self._store.write(points, policy)
        self._fate.spark()

    def summaries(
        self, measurement: str, where: Mapping[str, str], start: Micros, end: Micros, every: float
    ) -> list[Rolled]:
        self._begin()
        return self._store.summaries(measurement, where, start, end, every)

    def events(
        self, measurement: str, where: Mapping[str, str], start: Micros, end: Micros, limit: int,
        policy: Policy | None = None,
    ) -> list[Event]:  # fmt: skip
        self._begin()
        return self._store.events(measurement, where, start, end, limit, policy)

    def _begin(self) -> None:
        self._fate.spark()
        if self.away:
            raise StoreUnavailable("away")

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


class MortalConsumer:
    def __init__(self, consumer: Consumer, fate: Fate) -> None:
        self._consumer, self._fate = consumer, fate
        self.lag, self.poll, self.close = consumer.lag, consumer.poll, consumer.close

    def commit(self, positions: Mapping[Partition, int]) -> None:
        self._fate.spark()
        self._consumer.commit(positions)
        self._fate.spark()


class MortalLog:
    def __init__(self, log: Log, fate: Fate) -> None:
        self._log, self._fate = log, fate
        self.partition, self.committed = log.partition, log.committed

    def consumer(
        self, topics: Sequence[str], group: str, on_assign: Callable[[Partitions], None] | None = None,
        on_revoke: Callable[[Partitions], None] | None = None,
    ) -> MortalConsumer:  # fmt: skip
        return MortalConsumer(self._log.consumer(topics, group, on_assign, on_revoke), self._fate)


class House:
    def __init__(self, folder: Path, store: Store | None = None) -> None:
        self.log, self.clock, self.metrics = MemoryLog(), ManualClock(T), Metrics()
        self.store = store or self._file(folder)
        self.archive = Archive(self.log, self.store, FixedConfig(CONFIG), self.clock, Metrics())
        self.fate = Fate()
        self.mortal = MortalStore(self.store, self.fate)
        self.members = [self.start()]
        self.sent: list[Reading] = []
        self.archiving = True
        self.deaths = 0

    def _file(self, folder: Path) -> Store:
        store = SqliteStore(folder / "store.db", self.clock)
        assert store._points is not None
        store._points._db.execute("PRAGMA synchronous=OFF")  # nobody cuts the power here
        return store

    def start(self) -> Rollups:
        log: Log = MortalLog(self.log, self.fate)  # type: ignore[assignment]
        return Rollups(log, self.mortal, self.clock, self.metrics)  # type: ignore[arg-type]

    def send(self, device: str, at: Micros, **values: float) -> None:
        reading = Reading(device=device, ward="icu", at=at, seen=self.clock.now(), values=values)
        self.sent.append(reading)
        self.log.send(READINGS, [(device, READING.encode(reading))])

    def step(self) -> None:
        """Everybody does what there is to do; who dies is there again at once."""
        while self.archiving and self.archive.step(0):
            pass
        for i, member in enumerate(self.members):
            try:
                member.step(0)
            except Death:
                self.deaths += 1
                self.fate.left = float("inf")
                member.close()
                self.members[i] = self.start()

    def live(self, seconds: int, speak: Callable[[int], None] = lambda _: None, every: int = 1) -> None:
        for second in range(0, seconds, every):
            speak(second)
            self.clock.advance(every)
            self.step()

    def rolled(self, policy: Policy) -> Found:
        """Every field of every point of a roll-up."""
        found: Found = {}
        for measurement in ("vitals", "telemetry"):
            for event in self.store.events(measurement, {}, 0, 2 * T, 1_000_000, policy):
                for name, value in event.fields.items():
                    found[measurement, event.tags["device"], event.at, name] = float(value)
        return found

    def truth(self, width: Micros, until: Micros | None = None) -> Found:
        """What arithmetic makes of all that was sent, in buckets that were over by `until`."""
        values: dict[tuple[str, str, Micros, str], dict[Micros, float]] = {}
        for reading in self.sent:
            bucket = reading.at - reading.at % width
            if until is None or bucket + width <= until:
                for name, value in reading.values.items():
                    measurement = "vitals" if name in VITALS else "telemetry"
                    values.setdefault((measurement, reading.device, bucket, name), {})[reading.at] = value
        found: Found = {}
        for (measurement, device, bucket, name), by_time in values.items():
            of = [by_time[at] for at in sorted(by_time)]
            parts = {"": sum(of) / len(of), "_min": min(of), "_max": max(of), "_count": float(len(of)), "_last": of[-1]}
            found |= {(measurement, device, bucket, name + part): number for part, number in parts.items()}
        return found


def devices(count: int) -> Iterable[str]:
    return [f"mon-{n}" for n in range(count)]


def same(found: Found, wanted: Found) -> bool:
    assert found.keys() == wanted.keys()
    return found == pytest.approx(wanted)
