"""Notices that the files of a config directory have changed, and that whoever wrote them is done."""

import hashlib
from pathlib import Path

from ward.clock import Clock
from ward.config.disk_reader import DiskReader
from ward.config.files import CONFIG_FILES
from ward.config.model_documents import MOST_BYTES as MOST_MODEL_BYTES
from ward.config.model_documents import model_files
from ward.config.yaml.reader import MOST_BYTES
from ward.regular_file import is_open_for_writing, read_regular_file

OPEN_REPORTED_AFTER = 10.0  # seconds that a program may have a changed file open before that is a fault
Stamp = dict[str, bytes]


class FolderWatch:
    """Compares the contents of a directory's files, not their modification times.

    This finds an edit within the resolution of the file system's clock, a file that an editor replaced and a mounted
    directory, and no file that was only touched. A change is complete when none has followed for `settle` seconds and
    no program has a file open for writing. All methods raise `DiskHangs`.
    """

    def __init__(self, directory: Path, clock: Clock, disk: DiskReader, settle: float) -> None:
        self._directory = directory
        self._clock = clock
        self._disk = disk
        self._settle = settle
        self._stamp = disk.call(self._look)
        self._changed: float | None = None

    def complete(self) -> bool:
        """Whether files have changed and are complete, or have been open for writing for long."""
        stamp, now = self._disk.call(self._look), self._clock.monotonic()
        if stamp != self._stamp:
            self._stamp, self._changed = stamp, now
        if self._changed is None or now - self._changed < self._settle:
            return False
        return now - self._changed >= OPEN_REPORTED_AFTER or not self.open_files()

    def taken(self) -> None:
        """The files were read: until they change again they are not complete again."""
        self._changed = None

    def open_files(self) -> list[str]:
        """The files that a program has open for writing."""
        return self._disk.call(lambda: [name for name in self._stamp if is_open_for_writing(self._directory / name)])

    def _look(self) -> Stamp:
        try:
            there = {path.name for path in self._directory.iterdir() if path.suffix in (".yaml", ".yml")}
            models = model_files(self._directory)
        except OSError:
            return {}
        found = {name: _content(self._directory / name) if name in CONFIG_FILES else b"" for name in there}
        return found | {name: _content(self._directory / name, MOST_MODEL_BYTES) for name in models}


def _content(file: Path, most: int = MOST_BYTES) -> bytes:
    try:
        return hashlib.blake2b(read_regular_file(file, most + 1), digest_size=16).digest()
    except OSError as error:
        return str(error.errno).encode()
