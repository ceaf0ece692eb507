"""The engines as fixtures: started for the first test that needs them, ended with the session."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import install
from tests.engines.absent import absent
from tests.engines.engine import Engine
from tests.engines.influx import Influx
from tests.engines.kafka import Kafka
from tests.engines.mosquitto import Mosquitto

_KEY = "-newkey rsa:2048 -nodes"


@pytest.fixture(scope="session")
def engines_folder() -> Iterator[Path]:
    """The folder for the data of the engines, outside of the repository, deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="wardwatch-engines-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def run(kind: type[Engine], folder: Path, *needs: str) -> Iterator[Engine]:
    """One engine, or a skip where it is not installed: a failure where engines are required."""
    missing = [name for name in needs if install.program(name) is None]
    if kind is Kafka and not install.kafka_jars():
        missing.append("Kafka's jars")
    if missing:
        absent(f"{kind.name} is not here ({', '.join(missing)}): run python -m tests.engines.install")
    engine = kind(folder / kind.name)
    engine.start()
    yield engine
    engine.kill()  # its data is deleted, so no clean shutdown is needed


@pytest.fixture(scope="session")
def mosquitto(engines_folder: Path) -> Iterator[Engine]:
    """A running Mosquitto."""
    yield from run(Mosquitto, engines_folder, "mosquitto")


@pytest.fixture(scope="session")
def kafka(engines_folder: Path) -> Iterator[Engine]:
    """A running Kafka."""
    yield from run(Kafka, engines_folder, "java")


@pytest.fixture(scope="session")
def influx(engines_folder: Path) -> Iterator[Engine]:
    """A running InfluxDB."""
    yield from run(Influx, engines_folder, "influxd")


@pytest.fixture(scope="session")
def authority(engines_folder: Path) -> Path:
    """A folder with a new certificate authority, and certificates of it for a server and a client."""
    if install.program("openssl") is None:
        absent("openssl is not here: run python -m tests.engines.install")
    folder = engines_folder / "authority"
    folder.mkdir()
    for name in ("ca", "other-ca"):
        _openssl(folder, f"req -x509 {_KEY} -days 2 -subj /CN={name} -keyout {name}.key -out {name}.crt")
    (folder / "san").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    _openssl(folder, f"req {_KEY} -subj /CN=localhost -keyout server.key -out server.csr")
    signed_by = "-CA ca.crt -CAkey ca.key -CAcreateserial -extfile san"
    _openssl(folder, f"x509 -req -days 2 -in server.csr {signed_by} -out server.crt")
    return folder


def _openssl(folder: Path, arguments: str) -> None:
    subprocess.run(["openssl", *arguments.split()], cwd=folder, check=True, capture_output=True)
