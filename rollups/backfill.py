"""Roll-ups of a stretch of the past: for what the log no longer has, or what was there before the program was."""

import json
import math
from collections.abc import Iterator
from pathlib import Path

from rollups.points import HOURS
from rollups.roller import Roller
from ward.clock import Micros, format_instant, parse_instant
from ward.errors import SettingsError

_EASY = 20_000  # points of minutes asked for at once


class Backfill:
    """[start, end) by hours, the oldest first. Beside the programs or without them: everything may be made twice.

    `file` remembers how far it is, so that the same stretch goes on after a death; it is gone when all is done.
    """

    def __init__(self, roller: Roller, start: Micros, end: Micros, file: Path) -> None:
        self._roller = roller
        self._file = file
        self.begin, self.end = start - start % HOURS, -(-end // HOURS) * HOURS
        self.done = self._remembered()
        self._pieces = 4
        self.minutes = self.hours = 0

    def run(self, now: Micros) -> Iterator[Micros]:
        """Make it all; tells up to when after each hour. After `StoreUnavailable` a second call goes on from there."""
        while self.done < self.end:
            self._hour(self.done, now)
            self.done += HOURS
            self._remember()
            yield self.done
        self._file.unlink(missing_ok=True)

    def _hour(self, at: Micros, now: Micros) -> None:
        points, piece = 0, HOURS // self._pieces
        for start in range(at, at + HOURS, piece):
            points += self._roller.stretch(start, start + piece)
        self.minutes += points
        if at + HOURS <= now:
            self.hours += self._roller.hours({at: None})
        # A large hospital's hour is asked for in pieces, of whole minutes.
        wanted = math.ceil(points / _EASY)
        self._pieces = next(n for n in (1, 2, 4, 6, 12, 30, 60) if n >= min(wanted, 60))

    def _remembered(self) -> Micros:
        """Where an interrupted run over the same stretch was."""
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            if found["from"] == format_instant(self.begin) and found["to"] == format_instant(self.end):
                return min(max(self.begin, parse_instant(found["done"])), self.end)
        except (OSError, ValueError, KeyError, TypeError):
            pass  # none, torn, or of another stretch: begin at the beginning, which is right too
        return self.begin

    def _remember(self) -> None:
        state = {"from": self.begin, "to": self.end, "done": self.done}
        new = self._file.with_name(f"{self._file.name}.new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(json.dumps({name: format_instant(at) for name, at in state.items()}), encoding="utf-8")
            new.replace(self._file)
        except OSError as error:
            raise SettingsError(f"{self._file}: cannot be written: {error.strerror}") from error
