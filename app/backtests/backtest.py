"""Evaluates stored readings again: readings of the store through one engine or several, in the time of the readings.

store: vitals, telemetry ─windows─▶ readings ─▶ an engine for each config ─▶ findings ─▶ episodes
store: findings ────────────────────────────────────────────────────────────────────────▶ episodes, to compare
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.backtests.episode_collector import EpisodeCollector
from app.backtests.replay import Replay
from app.backtests.stored_history import HOUR, StoredHistory
from app.backtests.stored_readings import MEASUREMENTS, readings
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.ports import Row, Store
from ward.reading import Reading
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
        for window in StoredHistory(self.store, MEASUREMENTS, self.beds).windows(begin, self.end):
            rows = self._measured(window.rows)
            self._count_minutes(rows)
            window_readings = readings(rows)
            self._note_devices(window_readings)
            self.readings += sum(reading.at >= self.start for reading in window_readings)
            for replay in self.replays:
                replay.add(window_readings, window.end)
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

    def _note_devices(self, found: Sequence[Reading]) -> None:
        if self.begins is None and found:
            self.begins = found[0].at
        self._seen.update(reading.device for reading in found)

    def _measured(self, rows: Sequence[Row]) -> list[Row]:
        """The rows without those of a simulated past: its readings are too far apart for rules about seconds."""
        found = [row for row in rows if not is_simulated(row)]
        self.simulated += len(rows) - len(found)
        return found

    def _count_minutes(self, rows: Iterable[Row]) -> None:
        """Count the minutes in which a bed has any point."""
        for row in rows:
            bed, minute = row.tags.get("bed"), row.at // MINUTE
            if bed and row.at >= self.start and minute > self._counted_minute.get(bed, -1):
                self._counted_minute[bed] = minute
                self.bed_minutes += 1
