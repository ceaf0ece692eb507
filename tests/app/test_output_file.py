"""A file takes its name only when it is whole."""

import errno
import os
from pathlib import Path

import pytest

from app.console.output_file import output_bytes, output_file
from tests.app.calling import call
from tests.app.detect.files import CUSUM, series, write
from ward.errors import InputError


def test_what_was_there_stays_until_the_new_file_is_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "out.csv", "before")
    path.chmod(0o640)
    with path.open() as reader:
        with output_file(str(path)) as file:
            file.write("new")
            file.flush()
            assert path.read_text() == "before"
        assert reader.read() == "before"  # whoever has it open keeps the whole old one
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [found.name for found in tmp_path.iterdir()] == ["out.csv"]


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_where_the_work_fails_nothing_is_left(tmp_path: Path, error: BaseException) -> None:
    path = write(tmp_path / "out.csv", "before")

    def fail() -> None:
        with output_file(str(path)) as file:
            file.write("half")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert path.read_text() == "before"
    assert [found.name for found in tmp_path.iterdir()] == ["out.csv"]


def test_the_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda number: calls.append("folder" if (tmp_path / "out").exists() else "file"))
    with output_bytes(str(tmp_path / "out")) as file:
        file.write(b"x")
    assert calls == ["file", "folder"]


def test_of_a_link_the_file_is_replaced(tmp_path: Path) -> None:
    path, link = write(tmp_path / "real.csv", "before"), tmp_path / "link.csv"
    link.symlink_to(path)
    with output_file(str(link)) as file:
        file.write("new")
    assert link.is_symlink()
    assert path.read_text() == "new"


def test_a_device_is_written_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        found = call("detect", series(tmp_path / "a.csv", [1, 2]), *CUSUM, "--out", pipe)
        assert found.exit_code == 0
        assert os.read(reader, 1000).startswith(b"time,value,score,state,alert\n")
    finally:
        os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is there on Linux alone")
def test_a_full_disk_is_named(tmp_path: Path) -> None:
    found = call("detect", series(tmp_path / "a.csv", [1, 2]), *CUSUM, "--out", "/dev/full")
    assert found.exit_code == 1
    assert "/dev/full: cannot be written: No space left on device" in found.stderr


def test_a_disk_that_is_full_at_the_end_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = write(tmp_path / "out.csv", "before")
    monkeypatch.setattr(os, "fsync", full)
    found = call("detect", series(tmp_path / "a.csv", [1, 2]), *CUSUM, "--out", path)
    assert found.exit_code == 1
    assert "out.csv: cannot be written: No space left on device. What was there is as it was" in found.stderr
    assert path.read_text() == "before"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match=r"none.out\.csv: cannot be written: No such file or directory"),
        output_file(str(tmp_path / "none" / "out.csv")),
    ):
        pass
