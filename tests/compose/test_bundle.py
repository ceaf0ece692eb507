"""The bundle installs on a machine without a network."""

import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compose.docker import Docker
from tests.compose.images import BASE, OURS, PYTHON_VERSION, ROOT, STANDINS, wheelhouse
from tests.compose.install import PYTHON

pytestmark = pytest.mark.compose
# A network namespace with nothing in it, not even loopback. The Docker engine is reached by its socket's file.
ALONE = ["unshare", "--net"]


@pytest.fixture(scope="module")
def bundle(docker: Docker, images: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Made as `make bundle` makes it, with stand-ins in the engines' place, and unpacked."""
    folder = tmp_path_factory.mktemp("bundle")
    engines = [f"--engine={BASE.format(name)}" for name in STANDINS[:1]]
    docker.run(
        [
            sys.executable, "deploy/bundle.py", f"--image={OURS}", *engines, f"--python={PYTHON_VERSION}",
            f"--wheelhouse={wheelhouse()}", str(folder / "wardwatch.tar"),
        ],
        cwd=ROOT, wait=300,
    )  # fmt: skip
    with tarfile.open(folder / "wardwatch.tar") as archive:
        archive.extractall(folder, filter="data")
    (folder / "wardwatch.tar").unlink()
    yield folder / "wardwatch"
    shutil.rmtree(folder)


def install(docker: Docker, bundle: Path, *arguments: str) -> str:
    return docker.run([*ALONE, "sh", str(bundle / "deploy" / "install.sh"), *arguments])


def test_the_bundle_installs_images_compose_file_config_and_secrets_offline(
    docker: Docker, bundle: Path, tmp_path: Path
) -> None:
    before = docker("image", "inspect", "--format={{.Id}}", OURS)
    docker("tag", OURS, "kept:1")
    docker("image", "rm", OURS)
    try:
        output = install(docker, bundle, str(tmp_path / "ward"))
        assert "docker compose up -d" in output
        assert docker("image", "inspect", "--format={{.Id}}", OURS) == before
    finally:
        docker("tag", "kept:1", OURS)
        docker("image", "rm", "kept:1")
    for name in ("docker-compose.yml", "config/ward.yaml", "deploy/backup.sh", ".env.example"):
        assert (tmp_path / "ward" / name).read_bytes() == (ROOT / name).read_bytes()
    assert (tmp_path / "ward" / "secrets" / "mqtt_users").is_file()


def test_a_second_install_upgrades_and_leaves_config_and_secrets_as_they_are(
    docker: Docker, bundle: Path, tmp_path: Path
) -> None:
    ward = tmp_path / "ward"
    install(docker, bundle, str(ward))
    (ward / "config" / "ward.yaml").write_text("ours: yes\n")
    (ward / "docker-compose.yml").write_text("old\n")
    secret = (ward / "secrets" / "mqtt_bridge").read_text()
    output = install(docker, bundle, str(ward))
    assert "stays as it is" in output
    assert (ward / "config" / "ward.yaml").read_text() == "ours: yes\n"
    assert (ward / "secrets" / "mqtt_bridge").read_text() == secret
    assert (ward / "docker-compose.yml").read_bytes() == (ROOT / "docker-compose.yml").read_bytes()


def test_without_docker_it_makes_a_python_environment_of_wheels_with_hashes(docker: Docker, bundle: Path) -> None:
    script = "sh /bundle/deploy/install.sh --venv /opt/ward && /opt/ward/bin/wardwatch config check /bundle/config"
    base = BASE.format(PYTHON)
    output = docker(
        "run", "--rm", "--network=none", f"--volume={bundle}:/bundle:ro", base, "sh", "-c", script, wait=600
    )
    assert "wardwatch " in output
    assert ": valid; config " in output


def test_a_damaged_bundle_is_refused_and_changes_nothing(docker: Docker, bundle: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    subprocess.run(["cp", "-al", f"{bundle}/.", str(damaged)], check=True)
    (damaged / "config" / "ward.yaml").unlink()
    (damaged / "config" / "ward.yaml").write_text("changed on its way\n")
    with pytest.raises(AssertionError, match="damaged"):
        install(docker, damaged, str(tmp_path / "ward"))
    assert not (tmp_path / "ward").exists()
