"""Files that block, that hang, or that are still being written: the config in force stays, and later edits are seen."""

import os
import threading
from pathlib import Path

import pytest

from tests.config.reloader_harness import ReloaderHarness
from ward.config.disk_reader import DiskHangs, DiskReader
from ward.config.folder_watch import OPEN_REPORTED_AFTER
from ward.regular_file import is_open_for_writing, read_regular_file


@pytest.mark.guarantee("A pipe in the place of a config file is a fault, and the next edit is seen.")
def test_a_pipe_in_the_place_of_a_file_is_a_fault_and_blocks_nothing(tmp_path: Path) -> None:
    harness = ReloaderHarness(tmp_path)
    file, before = harness.directory / "bridge.yaml", harness.reloader.config
    text = file.read_text(encoding="utf-8")
    file.unlink()
    os.mkfifo(file)
    assert harness.run(2) is None
    assert harness.reloader.config is before
    assert any("bridge.yaml:1:1: is not a file" in fault for fault in harness.reloader.faults)
    assert not harness.reloader.reload()

    file.unlink()
    file.write_text(text, encoding="utf-8")
    harness.edit("medium: 120", "medium: 125")
    assert harness.run() is not None
    assert not harness.reloader.faults


@pytest.mark.guarantee("A config folder on a disk that hangs is a fault; when it answers, edits are seen again.")
def test_a_disk_that_hangs_is_a_fault_and_its_answer_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    harness = ReloaderHarness(tmp_path, disk_timeout=0.05)
    released = threading.Event()

    def hanging(path: Path, most: int) -> bytes:
        released.wait()
        return read_regular_file(path, most)

    monkeypatch.setattr("ward.config.folder_watch.read_regular_file", hanging)
    threads = threading.active_count()
    try:
        harness.edit("medium: 120", "medium: 125")
        assert harness.run(1) is None
        assert [fault.partition(": ")[2] for fault in harness.reloader.faults] == [
            "the disk does not answer; the config is read when it does"
        ]
        assert not harness.reloader.reload()
        assert threading.active_count() <= threads + 1
    finally:
        released.set()
    monkeypatch.undo()
    for _ in range(100):  # until the thread that hung has ended
        if harness.run() is not None:
            break
    assert harness.limit() == 125
    assert not harness.reloader.faults


def test_after_a_disk_that_hung_faulty_files_are_not_read_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = ReloaderHarness(tmp_path)

    def hangs(_: object) -> None:
        raise DiskHangs

    with monkeypatch.context() as hanging:
        hanging.setattr(DiskReader, "call", lambda *_: hangs(_))
        assert harness.run() is None
        assert len(harness.reloader.faults) == 1
    harness.edit("medium: 120", "medum: 120")
    harness.run(2)
    reads = harness.reads
    harness.run(10)
    assert harness.reads == reads


def test_a_disk_reader_gives_results_and_errors_and_times_out() -> None:
    reader, released = DiskReader(0.02), threading.Event()
    assert DiskReader(60).call(lambda: 3) == 3
    with pytest.raises(FileNotFoundError):
        DiskReader(60).call(lambda: read_regular_file(Path("/nowhere/at/all"), 1))
    try:
        with pytest.raises(DiskHangs):
            reader.call(released.wait)
        with pytest.raises(DiskHangs):
            reader.call(lambda: pytest.fail("it was started although the disk hangs"))
    finally:
        released.set()


@pytest.mark.guarantee("A config file that a program still has open for writing is not taken.")
def test_a_file_that_is_open_for_writing_is_read_when_it_is_closed(tmp_path: Path) -> None:
    harness = ReloaderHarness(tmp_path)
    file = harness.directory / "thresholds.yaml"
    whole = file.read_text(encoding="utf-8").replace("medium: 120", "medium: 125")
    cut = whole.index("overrides:")
    with file.open("w", encoding="utf-8") as writer:
        writer.write(whole[:cut])
        writer.flush()
        assert harness.run(OPEN_REPORTED_AFTER - 1) is None
        assert not harness.reloader.faults
        assert harness.run(2) is None
        assert [fault.partition(":1:1: ")[2] for fault in harness.reloader.faults] == [
            "is open for writing in another program: it is read when that program closes it"
        ]
        assert not harness.reloader.reload()
        writer.write(whole[cut:])
    assert harness.run() is not None
    assert harness.limit() == 125
    assert len(harness.reloader.config.rules[1].overrides) == 1
    assert not harness.reloader.faults


def test_only_an_open_writer_counts(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("a")
    with file.open():
        assert not is_open_for_writing(file)
    with file.open("a"):
        assert is_open_for_writing(file)
    assert not is_open_for_writing(file)
    assert not is_open_for_writing(tmp_path / "nothing")


def test_folders_pipes_and_missing_files_are_errors(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "nothing", ""):
        with pytest.raises(OSError, match=r"regular|No such|directory"):
            read_regular_file(tmp_path / name, 10)
