"""Fetches every wheel of the lock file for a Python that need not be this one.

    python deploy/wheelhouse.py --python 3.12 dist/wheelhouse

The lock holds lines for several Pythons, and pip judges their conditions by the Python it runs on. So the conditions
are evaluated here, for the Python of the image. Only wheels are taken, each with a hash of the lock; what is no longer
wanted is removed. Nothing is asked of the network where all are there already.
"""

import argparse
import hashlib
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from pip._vendor.packaging.markers import Marker

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "run.txt"
_ENTRY = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>\S+?)(?: ; (?P<when>[^\\]+?))? \\$")
_GLIBC = ("manylinux_2_17", "manylinux2014", "manylinux_2_24", "manylinux_2_27", "manylinux_2_28", "manylinux_2_34")


def wanted(lock: str, python: str) -> dict[str, set[str]]:
    """The requirements of a lock file that hold for this Python on Linux, each with the hashes it may have."""
    where = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    where |= {"platform_system": "Linux", "os_name": "posix", "implementation_name": "cpython"}
    found: dict[str, set[str]] = {}
    hashes: set[str] = set()
    for line in lock.splitlines():
        if (entry := _ENTRY.match(line)) is not None:
            hashes = set()
            if entry["when"] is None or Marker(entry["when"]).evaluate({**where, "extra": ""}):
                found[f"{entry['name']}=={entry['version']}"] = hashes
        elif (given := re.search(r"--hash=sha256:(\w+)", line)) is not None:
            hashes.add(given[1])
    return found


def missing(requirements: dict[str, set[str]], folder: Path) -> list[str]:
    """The requirements for which no wheel of the lock is in the folder. Files of no requirement are removed."""
    here = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in folder.glob("*.whl")}
    known = set().union(*requirements.values()) if requirements else set()
    for hash_, path in here.items():
        if hash_ not in known:
            path.unlink()
    return [name for name, hashes in requirements.items() if not hashes & here.keys()]


def fetch(requirements: dict[str, set[str]], names: list[str], python: str, machine: str, folder: Path) -> None:
    """Download them with pip."""
    lines = [f"{name} {' '.join(f'--hash=sha256:{h}' for h in sorted(requirements[name]))}" for name in names]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        subprocess.run(
            [
                sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "download", "--no-deps",
                "--require-hashes", "--only-binary=:all:", "--implementation=cp", f"--python-version={python}",
                *(f"--platform={glibc}_{machine}" for glibc in _GLIBC),
                f"--dest={folder}", f"--requirement={file.name}",
            ],
            check=True,
        )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", default="3.12", help="the Python of the image")
    parser.add_argument("--machine", default=platform.machine(), help="its processor: x86_64, aarch64")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    requirements = wanted(LOCK.read_text(encoding="utf-8"), given.python)
    names = missing(requirements, given.folder)
    if names:
        sys.stderr.write(f"fetching {len(names)} wheels for Python {given.python} ...\n")
        fetch(requirements, names, given.python, given.machine, given.folder)
    if left := missing(requirements, given.folder):
        sys.stderr.write(f"there is no wheel of {', '.join(left)} for Python {given.python} on {given.machine}\n")
        return 1
    sys.stdout.write(f"{len(requirements)} wheels for Python {given.python} in {given.folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
