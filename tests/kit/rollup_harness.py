"""A ward with an archive and roll-ups, on a log in memory and a store in a file, and the truth to compare them with."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from bridge.archive import Archive
from rollups.worker import GROUP, RollupWorker
from tests.kit.kill_switch import Killed, KillSwitch
from tests.kit.killable import KillableLog, KillableStore
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import SECOND, ManualClock, Micros
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.inventory import Inventory
from ward.metrics import Metrics
from ward.ports import Store
from ward.reading import Reading
from ward.retention_policy import RetentionPolicy
from ward.signals import Catalogue, Signal
from ward.topics import READINGS
from ward.wire import READING_WIRE

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


class RollupHarness:
    """An archive and roll-ups on one log and one store.

    `members` are the processes of roll-ups. One that `switch` kills is started again at once, and counted in `deaths`.
    `store` is the store as it is, `killable` the one that the roll-ups have. While `archiving` is false, the archive
    stores nothing.
    """

    def __init__(self, folder: Path, store: Store | None = None) -> None:
        self.switch = KillSwitch()
        self.log = KillableLog(self.switch, group=GROUP)
        self.clock, self.metrics = ManualClock(T), Metrics()
        self.store = store or SqliteStore(folder / "store.db", self.clock, durable=False)
        self.archive = Archive(self.log, self.store, FixedConfig(CONFIG), self.clock, Metrics())
        self.killable = KillableStore(self.store, self.switch)
        self.members = [self.start()]
        self.sent: list[Reading] = []
        self.archiving = True
        self.deaths = 0

    def start(self) -> RollupWorker:
        """Another process of roll-ups."""
        store: Any = self.killable
        return RollupWorker(self.log, store, self.clock, self.metrics)

    def close(self) -> None:
        for member in self.members:
            member.close()
        self.archive.close()
        self.store.close()

    def send(self, device: str, at: Micros, **values: float) -> None:
        reading = Reading(device=device, ward="icu", at=at, received_at=self.clock.now(), values=values)
        self.sent.append(reading)
        self.log.send(READINGS, [(device, READING_WIRE.encode(reading))])

    def step(self) -> None:
        """One step of each program."""
        while self.archiving and self.archive.step(0):
            pass
        for i, member in enumerate(self.members):
            try:
                member.step(0)
            except Killed:
                self.deaths += 1
                member.close()
                self.members[i] = self.start()

    def run(self, seconds: int, send: Callable[[int], None] = lambda _: None, every: int = 1) -> None:
        """Let time pass in steps of `every` seconds: `send` is given the second, then each program makes a step."""
        for second in range(0, seconds, every):
            send(second)
            self.clock.advance(every)
            self.step()

    def rolled(self, policy: RetentionPolicy) -> Found:
        """Every field of every point of a roll-up."""
        found: Found = {}
        for measurement in ("vitals", "telemetry"):
            for row in self.store.rows(measurement, {}, 0, 2 * T, 1_000_000, policy):
                for name, value in row.fields.items():
                    found[measurement, row.tags["device"], row.at, name] = float(value)
        return found

    def expected(self, width: Micros, until: Micros | None = None) -> Found:
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
