"""A small ward's past: two beds and two loggers of the shipped config over some hours, into a store in a file."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from app.console.cli_context import config_of
from app.simulated_past.writer import PastWriter, begin
from simulators.scripts.past_script import PastScript
from tests.app.calling import SHIPPED
from ward.adapters.memory.log import MemoryLog
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import SECOND, ManualClock, Micros
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.inventory import Inventory
from ward.ports import Row, Store
from ward.retention_policy import RetentionPolicy
from ward.simulated_past import SimulatedPast

NOW: Micros = 1_764_000_000 * SECOND + 754_321
DEVICES = ("mon-icu-01", "mon-icu-02", "0-ZZZ12345678-08K", "0-ZZZ12345678-155")
PLACES = (
    ("vitals", None), ("vitals", RetentionPolicy.MINUTES), ("vitals", RetentionPolicy.HOURS), ("telemetry", None),
    ("telemetry", RetentionPolicy.MINUTES), ("telemetry", RetentionPolicy.HOURS), ("findings", None), ("alerts", None),
    ("episodes", None), ("active_alerts", None), ("days", None), ("ward_days", None), ("trends", None),
    ("simulated_past", None),
)  # fmt: skip


def small(config: Config) -> Config:
    """The config with two monitors at their beds and two loggers, and without any other device."""
    inventory = config.inventory
    kept = Inventory(
        wards=inventory.wards.values(), beds=inventory.beds.values(), device_kinds=inventory.device_kinds.values(),
        devices=[inventory.devices[name] for name in DEVICES], stays=inventory.stays,
    )  # fmt: skip
    return replace(config, inventory=kept)


def script(lasts: str = "9h", **more: object) -> PastScript:
    """One patient desaturates for minutes, the other's probe comes off; a bed that is not there is left out."""
    return PastScript.model_validate(
        {
            "seed": 20, "lasts": lasts, "every": "60s", "battery_every": "10m", "logged_every": "15m",
            "staff": ["Amal", "Birgit"],
            "scenarios": [
                {"at": "3h", "bed": 1, "scenario": "hypoxic_episode", "speed": 0.4},
                {"at": "5h", "bed": "icu-02", "scenario": "bradycardia", "speed": 0.5},
                {"at": "1h", "bed": 17, "scenario": "fever"},
            ],
            "faults": [{"at": "4h", "bed": 2, "fault": "probe_off", "for": "25m"}],
            **more,
        }
    )  # fmt: skip


@dataclass
class PastWard:
    """A store, a log and a clock, as a demonstration has them at its first start."""

    folder: Path
    past_script: PastScript
    config: Config
    steps: int = 0  # that the whole past took

    @classmethod
    def new(cls, folder: Path, past_script: PastScript | None = None) -> Self:
        return cls(folder, past_script or script(), small(config_of(SHIPPED, NOW)))

    def __post_init__(self) -> None:
        self.clock = ManualClock(NOW)
        self.store = SqliteStore(self.folder / "store.db", self.clock)
        self.log = MemoryLog()

    def begin(self, beds: int = 2) -> SimulatedPast | None:
        """The result of `begin`."""
        return begin(self.store, self.log, self.past_script, self.clock, beds)

    def writer(self, past: SimulatedPast) -> PastWriter:
        return PastWriter(past, self.store, FixedConfig(self.config), self.past_script, self.clock)

    def write(self, steps: int | None = None) -> int:
        """Write the past, or only so many steps of it, as of a process that is killed then. How many there were."""
        past = self.begin()
        assert past is not None
        done = 0
        with closing(self.writer(past)) as writer:
            while not writer.done and (steps is None or done < steps):
                writer.step(0)
                done += 1
        return done

    def close(self) -> None:
        self.store.close()


def dump(store: Store) -> dict[tuple[str, RetentionPolicy | None], list[Row]]:
    """All points of a store, in order."""
    return {(name, policy): list(_points(store, name, policy)) for name, policy in PLACES}


def _points(store: Store, name: str, policy: RetentionPolicy | None) -> Iterator[Row]:
    found = store.rows(name, {}, -(10**18), 10**18, 10**6, policy)
    yield from sorted(found, key=lambda row: (row.at, sorted(row.tags.items())))
