"""One calendar file of a schedule, and the last good copy of it."""

import logging
import os
from collections.abc import Callable
from pathlib import Path

from ward.clock import SECOND, Clock, Micros
from ward.config.calendar.expansion import Expansion
from ward.config.calendar.unreadable import UnreadableCalendar
from ward.config.disk_reader import DiskHangs, DiskReader
from ward.ids import printable
from ward.regular_file import read_regular_file

log = logging.getLogger(__name__)

# Content of a file, a time zone, and [start, end): the events, or `UnreadableCalendar`.
Expand = Callable[[bytes, str, Micros, Micros], Expansion]
MOST_BYTES = 1_000_000
REPORTED_AFTER = 60.0  # seconds for which a file may be absent or incomplete while it is replaced
PAUSE, READ_AGAIN = 10.0, 60.0  # seconds: between reads at least, and at most where the file seems unchanged
_DAY = 86_400 * SECOND
BEFORE, AHEAD = 2 * _DAY, 60 * _DAY
_EXPAND_EVERY = 6 * 3600 * SECOND
_TRY_EVERY = 600 * SECOND  # what took too long may have done so because the machine was busy


class CalendarFile:
    """Reads a file when it has changed, and its events anew as time goes on.

    While it cannot be read, `expansion` is that of the last good copy, also after a restart, and `problem` says why,
    from `REPORTED_AFTER` on; `until` is up to when events are known. `copy` is where the copy is, and `keeps` says
    whether a new one is written there.
    """

    def __init__(
        self, path: Path, copy: Path | None, clock: Clock, disk: DiskReader, expand: Expand, *, keeps: bool = True
    ) -> None:
        self._path = path
        self._copy = copy
        self._keeps = keeps
        self._clock = clock
        self._disk = disk
        self._expand = expand
        self.expansion: Expansion | None = None
        self.until: Micros = 0
        self.problem = ""
        self._good = b""
        self._zone = ""
        self._expanded_at: Micros = 0
        self._stamp: object = None
        self._hangs = False
        self._seen: bytes | str | None = None
        self._read_at = float("-inf")
        self._words, self._since = "", 0.0

    def refresh(self, zone: str) -> bool:
        """Look at the file, and read it where that is due. Returns whether anything has changed."""
        before = self.expansion, self.until, self.problem
        now = self._clock.monotonic()
        if self._changed(now):
            self._read_at = now
            self._take(self._content(), zone)
        if self._good and (zone != self._zone or self._outdated()):
            self._take_good(self._good, zone)
        self.problem = self._words if now - self._since >= REPORTED_AFTER else ""
        return before != (self.expansion, self.until, self.problem)

    def _changed(self, now: float) -> bool:
        """Whether it is to be read. Contents are compared now and then: times of change are coarse on some disks."""
        if now - self._read_at < PAUSE:
            return False
        stamp, self._stamp = self._stamp, self._look()
        self._hangs = self._stamp is DiskHangs
        return stamp != self._stamp or now - self._read_at >= READ_AGAIN

    def _look(self) -> object:
        try:
            there = self._disk.call(self._path.stat)
        except (OSError, DiskHangs) as error:
            return type(error)
        return there.st_mtime_ns, there.st_size, there.st_ino

    def _content(self) -> bytes | str:
        """The file, or why it cannot be read."""
        if self._hangs:
            return "1: the disk does not answer"
        try:
            content = self._disk.call(lambda: read_regular_file(self._path, MOST_BYTES + 1))
        except OSError as error:
            return f"1: {error.strerror or type(error).__name__}"
        except DiskHangs:
            return "1: the disk does not answer"
        return content if len(content) <= MOST_BYTES else f"1: is larger than {MOST_BYTES // 1000} KB"

    def _take(self, content: bytes | str, zone: str) -> None:
        tried = 0 <= self._clock.now() - self._expanded_at < _TRY_EVERY
        if content == self._seen and (isinstance(content, str) or not self._words or tried):
            return
        self._seen = content
        if isinstance(content, bytes) and self._take_good(content, zone):
            self._keep(content)
        elif isinstance(content, str):
            self._failed(content)
        if self.expansion is None and self._copy is not None:
            self._take_copy(self._copy, zone)

    def _take_good(self, content: bytes, zone: str) -> bool:
        """Whether this content is a calendar; then it is the copy that is used."""
        start, end = self._clock.now() - BEFORE, self._clock.now() + AHEAD
        self._expanded_at, self._zone = self._clock.now(), zone
        try:
            expansion = self._expand(content, zone, start, end)
        except UnreadableCalendar as error:
            self._failed(f"{error.line}: {error.words}")
            return False
        self.expansion, self.until = expansion, end
        if content == self._seen:
            self._words = ""
        self._good = content
        return True

    def _outdated(self) -> bool:
        return not 0 <= self._clock.now() - self._expanded_at < _EXPAND_EVERY

    def _failed(self, words: str) -> None:
        if not self._words:  # at a start at once: nothing says that it is being replaced
            self._since = self._clock.monotonic() if self.expansion is not None else float("-inf")
        self._words = printable(words, 200)

    def _take_copy(self, copy: Path, zone: str) -> None:
        try:
            content = self._disk.call(lambda: read_regular_file(copy, MOST_BYTES))
        except (OSError, DiskHangs):
            return
        words = self._words
        self._take_good(content, zone)
        self._words = words

    def _keep(self, content: bytes) -> None:
        """Replace the copy as a whole. Without one a restart has no copy; nothing else depends on it."""
        if self._copy is None or not self._keeps:
            return
        new = self._copy.with_name(f"{self._copy.name}.{os.getpid()}.new")
        try:
            self._copy.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(content)
            new.replace(self._copy)
        except OSError as error:
            log.warning("%s: the copy of %s cannot be kept: %s", self._copy, self._path, error.strerror)
