"""deploy/install.sh, first and again, without a Docker engine: what is replaced, and what stays as it is."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.files import ROOT


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """As deploy/bundle.py lays it out, with small images."""
    made = tmp_path / "bundle"
    for name in ("config", "deploy", "grafana/provisioning"):
        shutil.copytree(ROOT / name, made / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("docker-compose.yml", ".env.example"):
        shutil.copy(ROOT / name, made / name)
    (made / "docs").mkdir()
    (made / "images").mkdir()
    (made / "images" / "wardwatch.tar").write_bytes(b"image")
    (made / "images" / "ours").write_text("wardwatch:0\n")
    files = [path for path in sorted(made.rglob("*")) if path.is_file()]
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(made)}\n" for path in files]
    (made / "SHA256SUMS").write_text("".join(sums))
    return made


def install(bundle: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """With an engine that only writes down what it is asked."""
    programs = bundle.parent / "programs"
    programs.mkdir(exist_ok=True)
    (programs / "docker").write_text(f'#!/bin/sh\necho "$@" >> "{bundle.parent}/asked"\n')
    (programs / "docker").chmod(0o755)
    environ = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    command = ["sh", str(bundle / "deploy" / "install.sh"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, env=environ, check=False)


def test_an_upgrade_replaces_our_files_and_keeps_those_of_the_site(bundle: Path, tmp_path: Path) -> None:
    ward = tmp_path / "ward"
    first = install(bundle, ward)
    assert first.returncode == 0, first.stderr
    assert "docker compose up -d" in first.stdout
    assert (tmp_path / "asked").read_text() == f"load --quiet --input {bundle}/images/wardwatch.tar\n"
    (ward / "config" / "ward.yaml").write_text("ours: yes\n")
    (ward / ".env").write_text("PUBLISH_MQTT=10.1.2.3:1883\n")
    (ward / "docker-compose.yml").write_text("old\n")
    gone = ward / "grafana" / "provisioning" / "dashboards" / "json" / "of-the-version-before.json"
    gone.write_text("{}")
    secret = (ward / "secrets" / "mqtt_bridge").read_text()
    again = install(bundle, ward)
    assert again.returncode == 0, again.stderr
    assert f"diff -ru {ward}/config {bundle}/config" in again.stdout
    assert (ward / "config" / "ward.yaml").read_text() == "ours: yes\n"
    assert (ward / ".env").read_text() == "PUBLISH_MQTT=10.1.2.3:1883\n"
    assert (ward / "secrets" / "mqtt_bridge").read_text() == secret
    assert (ward / "docker-compose.yml").read_bytes() == (ROOT / "docker-compose.yml").read_bytes()
    assert not gone.exists(), "or it would be shown beside its successor"


def test_a_damaged_bundle_installs_nothing(bundle: Path, tmp_path: Path) -> None:
    (bundle / "config" / "ward.yaml").write_text("changed on its way\n")
    result = install(bundle, tmp_path / "ward")
    assert result.returncode == 1
    assert "damaged: nothing was installed" in result.stderr
    assert not (tmp_path / "ward").exists()
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize("name", ["install.sh", "backup.sh", "restore.sh"])
def test_the_scripts_are_posix_shell(name: str) -> None:
    script = ROOT / "deploy" / name
    assert "\nset -eu\n" in script.read_text(encoding="utf-8")
    subprocess.run(["sh", "-n", str(script)], check=True)
