"""The writing side of a SQLite file that goes on with an empty file where its own is damaged, deleted or replaced."""

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from ward.clock import Clock
from ward.damaged_file import DamagedFile, FileIdentity, files_put_aside, is_damage, put_aside

log = logging.getLogger(__name__)

_SHOWN_FOR = 3600.0  # seconds for which a deleted file is reported; a damaged one as long as it is there


class Closable(Protocol):
    def close(self) -> None: ...


W = TypeVar("W", bound=Closable)
R = TypeVar("R")


class RecoveringFile(Generic[W]):
    """Keeps a writer on the file at `path`. What is damaged is put aside under another name, never deleted.

    `open_writer` gets whether the file takes the place of another one. `missing` says what a person will not find
    because of that, for `problem`. Raises `SettingsError` where the file cannot be opened or renamed now. Calls must
    not overlap, except of `problem` and `note`.
    """

    def __init__(self, path: Path, clock: Clock, open_writer: Callable[[bool], W], missing: str) -> None:
        self._path = path
        self._clock = clock
        self._open_writer = open_writer
        self._missing = missing
        self._lost = ""
        self._lost_until = 0.0
        self._damage = ""
        self._open()

    def use(self, work: Callable[[W], R]) -> R:
        """Call `work` with the writer. Where the file is lost, begins an empty one first.

        Where `work` finds the file damaged, puts it aside and raises the error: what was written is gone, and the next
        call has an empty file.
        """
        if self._file.lost():
            self._begin_again(f"{self._path.name} was deleted or replaced while it was in use")
        elif self._damage:
            self._begin_again(self._damage)
        try:
            return work(self.writer)
        except sqlite3.Error as error:
            self.note(error)
            if self._damage:
                self._begin_again(self._damage)
            raise

    def note(self, error: sqlite3.Error) -> None:
        """An error that a reader met. One of a damaged file puts the file aside at the next `use`."""
        if is_damage(error) and not self._file.lost():
            self._damage = f"{self._path}: {error}"

    def problem(self) -> str:
        """Which file was lost and what is missing since; empty when none was, or a person has moved it away."""
        aside = [file.name for file in self._aside if file.exists()]
        if aside:
            return (
                f"{self._path.name} was damaged and is kept as {aside[-1]}: {self._missing}. Restore it, or move that "
                "file to another folder"
            )
        return f"{self._lost}: {self._missing}" if self._lost and self._clock.monotonic() < self._lost_until else ""

    def close(self) -> None:
        self.writer.close()

    def _begin_again(self, why: str) -> None:
        self.writer.close()
        replaced = self._file.replaced()
        if replaced:
            self._lost, self._lost_until = why, self._clock.monotonic() + _SHOWN_FOR
        # Without its write-ahead log a file lacks its end: it is put aside like a damaged one.
        put_aside(self._path, self._clock.now(), main=not replaced)
        log.error("%s: %s", why, self._missing)
        self._open(replaces=not self._path.exists())
        self._damage = ""

    def _open(self, *, replaces: bool = False) -> None:
        try:
            self.writer = self._open_writer(replaces)
        except DamagedFile as error:
            log.error("%s. An empty file takes its place: %s", error, self._missing)
            put_aside(self._path, self._clock.now())
            self.writer = self._open_writer(True)
        self._file = FileIdentity(self._path)
        self._aside = files_put_aside(self._path)
