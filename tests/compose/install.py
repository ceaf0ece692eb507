"""Sees to it that a Docker engine can be had here, and what makes its images: `python -m tests.compose.install`.

On Debian as root what is missing is installed; elsewhere the script says what to install and exits with 1. Base images
come from nowhere but Debian's mirror, the one in the machine's own settings: a root of Debian with Python, and the same
with the engines in it. Both are kept as archives beside Kafka's jars, so that only the first run takes its minutes.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.engines import install as engines

NEEDED = {
    "dockerd": "docker.io",
    "docker": "docker.io",
    "docker-compose": "docker-compose",
    "debootstrap": "debootstrap",
}
RELEASE = "bookworm"
PYTHON, ENGINES = "python", "engines"
# What each root has besides Debian's least.
PACKAGES = {
    PYTHON: ["ca-certificates", "python3", "python3-venv"],
    ENGINES: ["default-jre-headless", "influxdb", "mosquitto", "mosquitto-clients", "netcat-openbsd", "wget"],
}
_SOURCE: re.Pattern[str] = re.compile(r"^(?:deb\s+(?:\[[^\]]*\]\s*)?|URIs:\s*)(\S+)", re.MULTILINE)


def root(name: str) -> Path:
    """The archive of a root."""
    return engines.CACHE / f"root-{RELEASE}-{name}.tar"


def main() -> int:
    missing = missing_packages()
    if missing and not engines.can_install():
        sys.stderr.write(f"containers' tests need these; install them first: {' '.join(missing)}\n")
        return 1
    if missing:
        engines.apt(missing)
    if not engines.kafka_jars() and (failed := engines.main()):
        return failed
    if not all(root(name).exists() for name in PACKAGES):
        if os.geteuid() != 0:
            sys.stderr.write("base images are made by debootstrap, which wants root\n")
            return 1
        make_roots()
    return 0


def missing_packages() -> list[str]:
    """What must be installed. An engine that runs already, or a newer `docker compose`, is as good."""
    lacking = {program: package for program, package in NEEDED.items() if engines.program(program) is None}
    if os.environ.get("DOCKER_HOST"):
        lacking.pop("dockerd", None)
    if (
        "docker-compose" in lacking
        and subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0
    ):
        lacking.pop("docker-compose")
    return sorted(set(lacking.values()))


def mirror() -> str:
    """Where this machine takes Debian from."""
    lists = Path("/etc/apt")
    files = [lists / "sources.list", *sorted((lists / "sources.list.d").glob("*"))]
    found: list[str] = [
        url for file in files if file.is_file() for url in _SOURCE.findall(file.read_text(encoding="utf-8"))
    ]
    ours = [url for url in found if url.rstrip("/").endswith("/debian")]
    if not ours:
        raise SystemExit("no source of apt on this machine looks like Debian's own archive (…/debian)")
    return ours[0]


def make_roots() -> None:
    """Debian's least with Python, and on top of that the engines; each as an archive."""
    engines.CACHE.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="wardwatch-root-"))
    try:
        sys.stderr.write("making base images (once, about three minutes) ...\n")
        inner = folder / "root"
        include = ",".join(PACKAGES[PYTHON])
        _run(["debootstrap", "--variant=minbase", f"--include={include}", RELEASE, str(inner), mirror()])
        # Packages must not start their servers.
        (inner / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
        (inner / "usr/sbin/policy-rc.d").chmod(0o755)
        _in(inner, "apt-get clean")
        _pack(inner, root(PYTHON))
        packages = " ".join(PACKAGES[ENGINES])
        _in(inner, f"apt-get -qq update && apt-get -qq -y --no-install-recommends install {packages} && apt-get clean")
        _pack(inner, root(ENGINES))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str]) -> None:
    """In a mount namespace of its own, so that nothing stays mounted whatever happens."""
    done = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "--mount-proc", *command], capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")


def _in(inner: Path, script: str) -> None:
    shutil.copy("/etc/resolv.conf", inner / "etc/resolv.conf")
    command = 'mount -t proc proc "$0/proc" && DEBIAN_FRONTEND=noninteractive exec chroot "$0" sh -ec "$1"'
    _run(["sh", "-c", command, str(inner), script])


def _pack(inner: Path, archive: Path) -> None:
    draft = archive.with_suffix(".draft")
    outside = ["./proc/*", "./sys/*", "./dev/*", "./var/lib/apt/lists/*", "./usr/share/doc/*", "./tmp/*"]
    _run(["tar", "-C", str(inner), *(f"--exclude={what}" for what in outside), "-cf", str(draft), "."])
    draft.replace(archive)


if __name__ == "__main__":
    sys.exit(main())
