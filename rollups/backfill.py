"""Roll-ups of a range of the past: of readings that left the log, or were stored before the first start."""

import json
import math
from collections.abc import Iterator
from pathlib import Path

from rollups.points import HOURS
from rollups.writer import RollupWriter
from ward.clock import Micros, format_instant, parse_instant
from ward.errors import SettingsError

_POINTS_PER_QUERY = 20_000  # the number of points of minutes that one query should return


class Backfill:
    """Rolls up [start, end) (microseconds), rounded outwards to whole hours, hour by hour, oldest first.

    It may run beside the programs: writing a point twice stores the same point. `file` stores the progress, so that a
    run over the same range continues after a crash; it is deleted at the end. `minutes` and `hours` count the points
    written.
    """

    def __init__(self, writer: RollupWriter, start: Micros, end: Micros, file: Path) -> None:
        self._writer = writer
        self._file = file
        self.begin, self.end = start - start % HOURS, -(-end // HOURS) * HOURS
        self.done = self._read_progress()
        self._pieces = 4
        self.minutes = self.hours = 0

    def run(self, now: Micros) -> Iterator[Micros]:
        """Yields, after each hour, the instant up to which all is done. An hour not over at `now` gets minutes only.

        Raises `StoreUnavailable`, after which a second call continues from there, and `SettingsError` when `file`
        cannot be written.
        """
        while self.done < self.end:
            self._hour(self.done, now)
            self.done += HOURS
            self._save_progress()
            yield self.done
        self._file.unlink(missing_ok=True)

    def _hour(self, at: Micros, now: Micros) -> None:
        points, piece = 0, HOURS // self._pieces
        for start in range(at, at + HOURS, piece):
            points += self._writer.write_minutes(start, start + piece)
        self.minutes += points
        if at + HOURS <= now:
            self.hours += self._writer.write_hours({at: None})
        # An hour with more points is queried in pieces of whole minutes.
        enough = math.ceil(points / _POINTS_PER_QUERY)
        self._pieces = next(n for n in (1, 2, 4, 6, 12, 30, 60) if n >= min(enough, 60))

    def _read_progress(self) -> Micros:
        """Up to when an interrupted run over the same range was done."""
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            if found["from"] == format_instant(self.begin) and found["to"] == format_instant(self.end):
                return min(max(self.begin, parse_instant(found["done"])), self.end)
        except (OSError, ValueError, KeyError, TypeError):
            pass  # no file, a damaged one, or one of another range: start from the beginning
        return self.begin

    def _save_progress(self) -> None:
        state = {"from": self.begin, "to": self.end, "done": self.done}
        new = self._file.with_name(f"{self._file.name}.new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(json.dumps({name: format_instant(at) for name, at in state.items()}), encoding="utf-8")
            new.replace(self._file)
        except OSError as error:
            raise SettingsError(f"{self._file}: cannot be written: {error.strerror}") from error
