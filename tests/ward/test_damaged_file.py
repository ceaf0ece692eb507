"""Whether a file was deleted or replaced is known from the disk, and a disk that does not say is no such thing."""

from pathlib import Path

import pytest

from ward.damaged_file import FileIdentity


def test_a_disk_that_does_not_answer_for_a_moment_is_no_lost_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "alerts.db"
    file.write_bytes(b"x")
    known = FileIdentity(file)

    def fails(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as away:
        away.setattr(Path, "stat", fails)
        assert not known.lost()
        assert not known.replaced()
    assert not known.lost()
    file.unlink()
    assert known.lost()
