"""The images of docker-compose.yml, made on this machine: our own from our Dockerfile, the engines' from stand-ins."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.compose.docker import Docker
from tests.compose.install import ENGINES, PYTHON, root
from tests.engines.install import CACHE, KAFKA_JARS

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
OURS = "wardwatch:compose-test"
BASE = "wardwatch-standin/{}:1"
STANDINS = ("mosquitto", "kafka", "influxdb", "grafana")
# The Python of Debian 12, which is that of the base.
PYTHON_VERSION = "3.11"


def build_all(docker: Docker) -> list[str]:
    """Everything that the override names. A real InfluxDB or Grafana takes a stand-in's place where one is given."""
    for name in (PYTHON, ENGINES):
        docker.load(root(name), BASE.format(name))
    context = docker.folder / "context"
    _gather(context)
    real = {"grafana": "grafana-real"} if os.environ.get("GRAFANA") else {}
    for name in STANDINS:
        _build(docker, context, BASE.format(ENGINES), BASE.format(name), "--target", real.get(name, name))
    shutil.rmtree(context)
    build_ours(docker)
    return [OURS, *(BASE.format(name) for name in (*STANDINS, PYTHON, ENGINES))]


def build_ours(docker: Docker) -> None:
    """Our Dockerfile as it is, from a wheelhouse for the base's Python, in a copy of what is checked in."""
    checkout = docker.folder / "checkout"
    asked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, asked.stdout.split("\0")):
        if (ROOT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, checkout / name)
    shutil.copytree(wheelhouse(), checkout / "dist" / "wheelhouse")
    _build(docker, checkout, BASE.format(PYTHON), OURS)
    shutil.rmtree(checkout)


def wheelhouse() -> Path:
    """All wheels for the base's Python, kept for the next run."""
    folder = CACHE / f"wheelhouse-{PYTHON_VERSION}"
    command = [sys.executable, "deploy/wheelhouse.py", "--python", PYTHON_VERSION, str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return folder


def _gather(context: Path) -> None:
    shutil.copytree(HERE / "standins", context)
    shutil.copytree(KAFKA_JARS, context / "libs")
    for script in (*context.glob("*.sh"), *context.glob("*.py")):
        script.chmod(0o755)
    if influxd := os.environ.get("INFLUXD"):
        shutil.copy(influxd, context / "influxd")
    (context / "grafana").mkdir()
    if home := os.environ.get("GRAFANA"):
        subprocess.run(
            ["cp", "-rL", f"{home}/bin", f"{home}/conf", f"{home}/public", str(context / "grafana")], check=True
        )


def _build(docker: Docker, context: Path, base: str, name: str, *more: str) -> None:
    docker(
        "build", "--quiet", "--network=none", f"--build-arg=BASE={base}", f"--tag={name}", *more, str(context), wait=600
    )
