"""Evaluates stored readings again: readings of the store through one engine or several, in the time of the readings.

store: vitals, telemetry ─windows─▶ readings ─▶ an engine for each config ─▶ findings ─▶ episodes
store: findings ────────────────────────────────────────────────────────────────────────▶ episodes, to compare
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.backtests.episode_collector import EpisodeCollector
from app.backtests.replay import Replay
from app.backtests.stored_devices import StoredDevice, first_instant, stored_devices
from app.backtests.stored_history import HOUR, StoredColumns, StoredHistory
from app.backtests.stored_readings import MEASUREMENTS
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.ports import SeriesColumns, Store
from ward.simulated_past import is_simulated

MINUTE: Micros = 60 * SECOND


@dataclass
class Backtest:
    """Evaluates [start, end) with a config, after a `warm_up` before it in which detectors only learn.

    `beds` and `rules` select; empty means all. Only the current window and the episodes are held in memory. A device
    is evaluated from its first stored reading on: before it, the store does not know whether it was there. `begins` is
    the first reading of all. Further configs in `others` are evaluated on the same readings, which are read once.
    """

    store: Store
    config: Config
    start: Micros
    end: Micros
    warm_up: Micros = HOUR
    beds: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    others: tuple[Config, ...] = ()
    readings: int = 0
    simulated: int = 0
    begins: Micros | None = None
    bed_minutes: int = 0

    def __post_init__(self) -> None:
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
        for window in StoredColumns(self.store, MEASUREMENTS, self.beds).windows(begin, self.end):
            columns = self._measured(window.content)
            self._count_minutes(columns)
            devices = stored_devices(columns)
            self._note_devices(devices)
            for replay in self.replays:
                replay.add(devices, window.end)
            yield window.end
        for replay in self.replays:
            replay.finish(self.end)

    def compare(self) -> Iterator[Micros]:
        """Read the findings that were recorded in that time. Yields the end of each window."""
        begin, wanted = self.start - self.warm_up, self.rules
        for window in StoredHistory(self.store, ("findings",), self.beds).windows(begin, self.end):
            self.recorded.add_stored([row for row in window.rows if not is_simulated(row)], wanted)
            yield window.end
        self.recorded.finish(self.end)

    @property
    def bed_days(self) -> float:
        """Days of monitored beds, counted by minutes in which a bed has any point."""
        return self.bed_minutes / 1440

    @property
    def beds_with_data(self) -> int:
        """How many beds have any point."""
        return len(self._counted_minute)

    @property
    def without_readings(self) -> list[str]:
        """The devices of the inventory, or of these beds, that have no reading in the store at that time."""
        return [
            device.id for device in self.config.inventory.devices.values()
            if device.id not in self._seen
            and (not self.beds or any(assignment.bed in self.beds for assignment in device.assignments))
        ]  # fmt: skip

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
                self.bed_minutes += len(new)
                self._counted_minute[bed] = max(new)
