"""Watches the free space of the disks that this process writes to, and says days and hours before one is full."""

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import disk_usage

from ward.clock import Clock, format_span
from ward.metrics import Metrics
from ward.periodic import Periodic
from ward.program_problems import DISK_FULL

EVERY = 10.0
_MIB = 1 << 20
# Below so many bytes a disk counts as full: log and alerts go on in the room that their files keep for that.
FULL = 4 * _MIB
# Below this share of the disk, and of so many bytes, it is nearly full.
LOW_SHARE, LOW = 0.1, 2048 * _MIB
# The trend over so many seconds must leave less than so many seconds: a burst is over sooner than either.
TRENDS = ((900.0, 6 * 3600.0), (6 * 3600.0, 3 * 86_400.0))
_SAMPLE_EVERY = 60.0


class DiskWatch:
    """A part: looks at each disk every ten seconds. `usage` returns (bytes in all, bytes free) of a folder."""

    def __init__(
        self, folders: Sequence[Path], clock: Clock, metrics: Metrics,
        usage: Callable[[Path], tuple[int, int]] | None = None,
    ) -> None:  # fmt: skip
        self._disks = [_Disk(folder) for folder in _one_of_each_disk(folders)]
        self._clock = clock
        self._metrics = metrics
        self._usage = usage or _usage
        self._period = Periodic(clock, EVERY)

    def step(self, wait: float) -> int:
        """Look, when it is due."""
        if not self._period.wait(wait):
            return 0
        for disk in self._disks:
            try:
                total, free = self._usage(disk.folder)
            except OSError as error:
                disk.problem = f"the disk of {disk.folder} cannot be read: {error.strerror}"
                continue
            self._metrics.disk_free.labels(str(disk.folder)).set(free)
            disk.note(self._clock.monotonic(), total, free)
        return len(self._disks)

    def problem(self) -> str:
        """What is wrong, the worst first."""
        return "; ".join(sorted(filter(None, (disk.problem for disk in self._disks)), key=lambda t: DISK_FULL not in t))

    def close(self) -> None:
        """Nothing to release."""


class _Disk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problem = ""
        self._samples: deque[tuple[float, int]] = deque()

    def note(self, now: float, total: int, free: int) -> None:
        if not self._samples or now - self._samples[-1][0] >= _SAMPLE_EVERY:
            self._samples.append((now, free))
        while len(self._samples) > 1 and self._samples[1][0] <= now - TRENDS[-1][0]:
            self._samples.popleft()
        self.problem = self._found(now, total, free)

    def _found(self, now: float, total: int, free: int) -> str:
        left = f"{free / _MIB:.0f} MiB of {total / _MIB:.0f} MiB are free in {self.folder}"
        if free < FULL:
            return f"{DISK_FULL}: {left}; no history is stored, detection and notification go on for about an hour"
        if (seconds := self._seconds_left(now, free)) is not None:
            return f"the disk will be full in about {format_span(seconds)} at the present rate: {left}"
        if free < min(LOW_SHARE * total, LOW):
            return f"the disk is nearly full: {left}"
        return ""

    def _seconds_left(self, now: float, free: int) -> float | None:
        """Until the disk is full, where one of the trends leaves too little time."""
        for span, least in TRENDS:
            before = [sample for sample in self._samples if sample[0] <= now - span]
            if before and (rate := (before[-1][1] - free) / (now - before[-1][0])) > 0 and free / rate < least:
                return free / rate
        return None


def _usage(folder: Path) -> tuple[int, int]:
    found = disk_usage(folder)
    return found.total, found.free


def _one_of_each_disk(folders: Sequence[Path]) -> list[Path]:
    """The first folder on each disk; one that is not there yet stands for its parent."""
    found: dict[int, Path] = {}
    for folder in folders:
        there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        found.setdefault(there.stat().st_dev, there)
    return list(found.values())
