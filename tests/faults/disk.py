"""A small separate disk for an engine, which a test can fill, clear and make read-only."""

import contextlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engines.absent import absent
from tests.engines.influx import Influx

_SIZE = "8m"


class Disk:
    """A file system in memory, mounted on a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Fill it completely."""
        with contextlib.suppress(OSError), self._ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def clear(self) -> None:
        """Free the space again."""
        self._ballast.unlink()

    def remount(self, options: str) -> None:
        done = _run("mount", "-o", f"remount,{options}", str(self.folder))
        assert done.returncode == 0, done.stderr


@contextmanager
def mounted(folder: Path) -> Iterator[Disk]:
    """A disk that is removed afterwards. Skips where mounting is not allowed."""
    folder.mkdir()
    try:
        done = _run("mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(folder))
    except FileNotFoundError:
        absent("there is no mount on this machine")
    if done.returncode:
        absent(f"nothing may be mounted here ({done.stderr.strip()}): run as root, in a container with CAP_SYS_ADMIN")
    try:
        yield Disk(folder)
    finally:
        _run("umount", "--lazy", str(folder))


class InfluxOnDisk(Influx):
    """InfluxDB with its data on this disk and its log on another one, which would keep this disk busy."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self._disk = disk
        super().__init__(folder)

    def prepare(self) -> None:
        super().prepare()
        path = self.folder / "influxdb.conf"
        path.write_text(path.read_text().replace(f'"{self.folder}/', f'"{self._disk.folder}/'))


def _run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False)
