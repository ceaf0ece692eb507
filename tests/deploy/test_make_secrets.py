"""Secrets are made once, and are of use."""

import base64
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import make_secrets
from tests.deploy.files import ROOT


def test_existing_secrets_are_never_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert "mqtt_users" in make_secrets.make(folder)
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert make_secrets.make(folder) == []
    assert {path.name: path.read_text() for path in folder.iterdir()} == before
    (folder / "grafana_admin_password").unlink()
    assert make_secrets.make(folder) == ["grafana_admin_password"]


def test_each_secret_is_long_and_unique_and_addresses_are_empty(tmp_path: Path) -> None:
    make_secrets.make(tmp_path / "secrets")
    words = [(tmp_path / "secrets" / name).read_text() for name in make_secrets.MADE]
    assert len(set(words)) == len(words)
    assert min(map(len, words)) >= 40
    assert {(tmp_path / "secrets" / name).read_text() for name in make_secrets.ADDRESSES} == {""}


def test_only_the_owner_may_enter_the_folder_and_its_files_are_readable(tmp_path: Path) -> None:
    make_secrets.make(tmp_path / "secrets")
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()} == {0o444}


def test_the_brokers_hash_is_the_one_of_the_password(tmp_path: Path) -> None:
    make_secrets.make(tmp_path / "secrets")
    _, kind, rounds, salt, digest = make_secrets.users(tmp_path / "secrets")["bridge"].split("$")
    password = (tmp_path / "secrets" / "mqtt_bridge").read_bytes()
    assert kind == "7"
    made = hashlib.pbkdf2_hmac("sha512", password, base64.b64decode(salt), int(rounds))
    assert base64.b64encode(made).decode() == digest


def test_a_device_gets_a_password_once_and_others_keep_theirs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "secrets"
    make_secrets.make(folder)
    before = make_secrets.users(folder)
    inode = (folder / "mqtt_users").stat().st_ino
    assert make_secrets.devices(folder, ["mon-icu-01", "mon-icu-02"]) == 0
    assert len(dict(line.split() for line in capsys.readouterr().out.splitlines())) == 2
    assert make_secrets.users(folder).keys() - before.keys() == {"mon-icu-01", "mon-icu-02"}
    assert before.items() <= make_secrets.users(folder).items()
    # A container has this very file mounted, not its name.
    assert (folder / "mqtt_users").stat().st_ino == inode
    assert make_secrets.devices(folder, ["mon-icu-01"]) == 0
    assert "has one already" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["bridge", "a:b", "", "x\ny", "../x", "a" * 65])
def test_a_text_that_is_no_device_id_gets_no_password(tmp_path: Path, name: str) -> None:
    make_secrets.make(tmp_path / "secrets")
    before = make_secrets.users(tmp_path / "secrets")
    assert make_secrets.devices(tmp_path / "secrets", [name]) == 1
    assert make_secrets.users(tmp_path / "secrets") == before


def test_it_runs_from_its_file_and_from_standard_input_alone(tmp_path: Path) -> None:
    script = ROOT / "deploy" / "make_secrets.py"
    subprocess.run([sys.executable, "-I", str(script), str(tmp_path / "a")], check=True, capture_output=True)
    given = script.read_bytes()
    subprocess.run([sys.executable, "-I", "-", str(tmp_path / "b")], input=given, check=True, capture_output=True)
    names = {path.name for path in (tmp_path / "a").iterdir()}
    assert (
        names
        == {path.name for path in (tmp_path / "b").iterdir()}
        == {*make_secrets.MADE, *make_secrets.ADDRESSES, *make_secrets.PREPARED, "mqtt_users"}
    )
