"""Installs Mosquitto, Kafka, InfluxDB and the tools of tests where they are missing: `python -m tests.engines.install`.

On Debian as root what is missing is installed by apt-get; elsewhere the script says what to install
and exits with 1. Kafka comes from Maven Central, or from the mirror in the machine's own Maven
settings, into `.engines/`, which git ignores.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("WARDWATCH_ENGINES_CACHE", HERE.parent.parent / ".engines"))
KAFKA_JARS = CACHE / "kafka-4.1.0"

# Program → the Debian package that has it.
NEEDED = {
    "mosquitto": "mosquitto",
    "influxd": "influxdb",
    "java": "default-jre-headless",
    "mvn": "maven",
    "openssl": "openssl",
    "chromium": "chromium",
    "chromedriver": "chromium-driver",
    "amtool": "prometheus-alertmanager",
    "promtool": "prometheus",
    "systemd-analyze": "systemd",
    "fish": "fish",
    "zsh": "zsh",
}
_POLICY = Path("/usr/sbin/policy-rc.d")


def program(name: str) -> str | None:
    """The path of a program; Debian installs servers outside of an ordinary PATH."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def main() -> int:
    missing = sorted({package for name, package in NEEDED.items() if program(name) is None})
    if missing and not can_install():
        sys.stderr.write(f"the engines' tests need these; install them first: {' '.join(missing)}\n")
        return 1
    if missing:
        apt(missing)
    if not kafka_jars():
        sys.stderr.write("fetching Kafka (once) ...\n")
        _maven()
    return 0


def kafka_jars() -> bool:
    """Whether Kafka is installed completely: the marker is written last."""
    return (KAFKA_JARS / "complete").exists()


def can_install() -> bool:
    return os.geteuid() == 0 and program("apt-get") is not None


def apt(packages: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    sys.stderr.write(f"installing (once): {' '.join(packages)}\n")
    with _no_services():
        subprocess.run(["apt-get", "-qq", "update"], check=True, env=environment)
        subprocess.run(
            ["apt-get", "-qq", "-y", "--no-install-recommends", "install", *packages],
            check=True, env=environment, stdout=sys.stderr,
        )  # fmt: skip


@contextmanager
def _no_services() -> Iterator[None]:
    """Prevent Debian from starting a server when it is installed."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()


def _maven() -> None:
    command = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
    subprocess.run([*command, f"-DoutputDirectory={KAFKA_JARS}"], check=True, stdout=sys.stderr)
    (KAFKA_JARS / "complete").touch()


if __name__ == "__main__":
    sys.exit(main())
