"""A data folder that another version of Wardwatch has written gets one sentence that says what to do."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from alerts.storage.schema import FILE, VERSION, OtherVersion
from alerts.storage.state_file import StateFile
from tests.app.calling import call
from ward.errors import WireError
from ward.wire import ACTION_WIRE, ALERT_WIRE, STATE_WIRE, Wire

WHAT_TO_DO = "start with an empty data folder and empty topics, or run the release that wrote it"


@pytest.fixture
def old_folder(tmp_path: Path) -> Path:
    """A folder as commit f70ea91 left it: tables of that time, without a version."""
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("CREATE TABLE records (kind TEXT, id TEXT, open INTEGER, at INTEGER, body BLOB)")
        db.execute("CREATE TABLE publish (n INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT, key TEXT, value BLOB)")
    db.close()
    return tmp_path


def test_the_file_is_refused_and_its_tables_stay(old_folder: Path) -> None:
    with pytest.raises(OtherVersion, match=WHAT_TO_DO):
        StateFile.in_folder(old_folder, 0)
    with sqlite3.connect(old_folder / FILE) as db:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    db.close()
    assert tables == {"records", "publish", "sqlite_sequence"}


def test_the_program_does_not_start_and_prints_one_sentence(old_folder: Path) -> None:
    result = call("run", "alerts", "--data", old_folder)
    (sentence,) = [line for line in result.output.splitlines() if FILE in line]
    assert result.exit_code == 1
    assert sentence == (
        f"{old_folder / FILE}: written by another version of Wardwatch (format 0, this is {VERSION}): {WHAT_TO_DO}"
    )


def test_a_new_and_a_missing_and_a_damaged_file_are_of_no_other_version(tmp_path: Path) -> None:
    StateFile.check_version(tmp_path)
    StateFile.in_folder(tmp_path, 0).close()
    StateFile.check_version(tmp_path)
    (tmp_path / FILE).write_bytes(b"no database" * 100)
    StateFile.check_version(tmp_path)


@pytest.mark.parametrize("wire", [ALERT_WIRE, ACTION_WIRE, STATE_WIRE], ids=["alert", "action", "state"])
def test_a_record_of_an_older_version_is_refused_with_what_to_do(wire: Wire[Any]) -> None:
    with pytest.raises(WireError, match=WHAT_TO_DO):
        wire.decode(b'{"v":1,"id":"a","device":"m1"}')
