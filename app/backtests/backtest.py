"""Evaluates stored readings again: readings of the store through one engine or several, in the time of the readings.

store: vitals, telemetry ─windows─▶ readings ─▶ an engine for each config ─▶ findings ─▶ episodes
store: findings ────────────────────────────────────────────────────────────────────────▶ episodes, to compare
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from app.backtests.device_shares import DeviceShares
from app.backtests.episode_collector import EpisodeCollector
from app.backtests.replay import Replay
from app.backtests.stored_devices import StoredDevice, first_instant, stored_devices
from app.backtests.stored_history import HOUR, StoredColumns, StoredHistory
from app.backtests.stored_readings import MEASUREMENTS
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.config.yaml.fault import ConfigFault
from ward.ports import SeriesColumns, Store
from ward.reading import Reading
from ward.simulated_past import is_simulated

MINUTE: Micros = 60 * SECOND


@dataclass(frozen=True)
class BacktestResult:
    """What a backtest of a share of the devices found: by config the episodes, what went wrong, and means of windows
    that are to be compared with those of other shares; and counts."""

    episodes: list[EpisodeCollector]
    out_of_order: list[int]
    failures: list[dict[str, ConfigFault]]
    means: list[list[Reading]]
    readings: int
    simulated: int
    begins: Micros | None
    minutes_by_bed: dict[str, int]
    seen: set[str]


@dataclass
class Backtest:
    """Evaluates [start, end) with a config, after a `warm_up` before it in which detectors only learn.

    `beds` and `rules` select; empty means all. Only the current window and the episodes are held in memory. A device
    is evaluated from its first stored reading on: before it, the store does not know whether it was there. `begins` is
    the first reading of all. Further configs in `others` are evaluated on the same readings, which are read once.
    With `part` = (number, count) only the devices of one of `count` shares are evaluated; `reopen` opens the store
    again, in another process.
    """

    store: Store
    config: Config
    start: Micros
    end: Micros
    warm_up: Micros = HOUR
    beds: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    others: tuple[Config, ...] = ()
    part: tuple[int, int] = (0, 1)
    reopen: Callable[[], Store] | None = None

    def __post_init__(self) -> None:
        self.readings = self.simulated = 0
        self.begins: Micros | None = None
        self._minutes: dict[str, int] = {}
        self._counted_minute: dict[str, int] = {}
        self._seen: set[str] = set()
        first = Replay(self.config, self.start, self.rules)
        self.replays = [first, *(Replay(config, self.start, self.rules, first) for config in self.others)]
        self.recorded = EpisodeCollector(self.start)

    @property
    def replayed(self) -> EpisodeCollector:
        """The episodes that the first config finds."""
        return self.replays[0].episodes

    def run(self) -> Iterator[Micros]:
        """Evaluate all readings. Yields the end of each window."""
        begin = self.start - self.warm_up
        for window in StoredColumns(self.store, MEASUREMENTS, self._chosen()).windows(begin, self.end):
            columns = self._measured(window.content)
            self._count_minutes(columns)
            devices = stored_devices(columns)
            self._note_devices(devices)
            for replay in self.replays:
                replay.add(devices, window.end)
            yield window.end
        for replay in self.replays:
            replay.finish(self.end)
        if self.part[1] == 1:
            self.finish_cohorts()

    def finish_cohorts(self) -> None:
        """Compare devices of a kind, when the readings of all shares have been evaluated."""
        for replay in self.replays:
            replay.finish_cohorts(self.end)

    def share(self, number: int, count: int) -> "Callable[[Store], Backtest]":
        """Makes the same for one of `count` shares of the devices, with another connection to the store."""
        return partial(
            Backtest, config=self.config, start=self.start, end=self.end, warm_up=self.warm_up, beds=self.beds,
            rules=self.rules, others=self.others, part=(number, count),
        )  # fmt: skip

    def result(self) -> BacktestResult:
        """What it found, after it has run."""
        return BacktestResult(
            [replay.episodes for replay in self.replays], [replay.out_of_order for replay in self.replays],
            [replay.failures for replay in self.replays], [replay.means for replay in self.replays],
            self.readings, self.simulated, self.begins, self._minutes, self._seen,
        )  # fmt: skip

    def merge(self, result: BacktestResult) -> None:
        """Add what was found for other devices."""
        for replay, episodes, late, failures, means in zip(
            self.replays, result.episodes, result.out_of_order, result.failures, result.means, strict=True
        ):
            replay.merge(episodes, late, failures, means)
        self.readings += result.readings
        self.simulated += result.simulated
        self.begins = min((at for at in (self.begins, result.begins) if at is not None), default=None)
        for bed, minutes in result.minutes_by_bed.items():
            self._minutes[bed] = self._minutes.get(bed, 0) + minutes
        self._seen |= result.seen

    def compare(self) -> Iterator[Micros]:
        """Read the findings that were recorded in that time. Yields the end of each window."""
        begin, wanted = self.start - self.warm_up, self.rules
        for window in StoredHistory(self.store, ("findings",), self.beds).windows(begin, self.end):
            self.recorded.add_stored([row for row in window.content if not is_simulated(row)], wanted)
            yield window.end
        self.recorded.finish(self.end)

    @property
    def bed_days(self) -> float:
        """Days of monitored beds, counted by minutes in which a bed has any point."""
        return sum(self._minutes.values()) / 1440

    @property
    def beds_with_data(self) -> int:
        """How many beds have any point."""
        return len(self._minutes)

    @property
    def without_readings(self) -> list[str]:
        """The devices of the inventory, or of these beds, that have no reading in the store at that time."""
        return [
            device.id for device in self.config.inventory.devices.values()
            if device.id not in self._seen
            and (not self.beds or any(assignment.bed in self.beds for assignment in device.assignments))
        ]  # fmt: skip

    def _chosen(self) -> Callable[[Mapping[str, str]], bool]:
        """Whether the points of a series are evaluated here, by its tags."""
        beds, (number, count) = frozenset(self.beds), self.part
        shares = DeviceShares((config.inventory for config in (self.config, *self.others)), count)
        return lambda tags: (not beds or tags.get("bed") in beds) and (count == 1 or shares.of(tags) == number)

    def _note_devices(self, found: Sequence[StoredDevice]) -> None:
        if self.begins is None:
            self.begins = first_instant(found)
        self._seen.update(device.device for device in found)
        self.readings += sum(int((device.instants >= self.start).sum()) for device in found)

    def _measured(self, columns: Sequence[SeriesColumns]) -> list[SeriesColumns]:
        """The columns without those of a simulated past: its readings are too far apart for rules about seconds."""
        found = [one for one in columns if not is_simulated(one)]
        self.simulated += sum(len(one.at) for one in columns) - sum(len(one.at) for one in found)
        return found

    def _count_minutes(self, columns: Iterable[SeriesColumns]) -> None:
        """Count the minutes in which a bed has any point."""
        minutes: dict[str, set[int]] = {}
        for one in columns:
            if bed := one.tags.get("bed"):
                found = (one.at[one.at >= self.start] // MINUTE).tolist()
                minutes.setdefault(bed, set()).update(found)
        for bed, counted in minutes.items():
            new = [minute for minute in counted if minute > self._counted_minute.get(bed, -1)]
            if new:
                self._minutes[bed] = self._minutes.get(bed, 0) + len(new)
                self._counted_minute[bed] = max(new)
