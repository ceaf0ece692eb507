"""The wheels are those of the lock file, for the Python of the image, and no others."""

from pathlib import Path

import pytest

from deploy.wheelhouse import LOCK, missing, wanted

LINES = """\
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:aa \\
    --hash=sha256:ab
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:ba
click==8.1 \\
    --hash=sha256:ca
colorama==1 ; sys_platform == 'win32' \\
    --hash=sha256:da
"""


@pytest.mark.parametrize(("python", "numpy"), [("3.11", "numpy==2.4.6"), ("3.12", "numpy==2.5.5")])
def test_markers_are_evaluated_for_the_images_python_on_linux(python: str, numpy: str) -> None:
    assert set(wanted(LINES, python)) == {numpy, "click==8.1"}


def test_every_hash_of_a_requirement_is_kept() -> None:
    assert wanted(LINES, "3.11")["numpy==2.4.6"] == {"aa", "ab"}


def test_every_requirement_of_the_lock_is_parsed() -> None:
    lock = LOCK.read_text(encoding="utf-8")
    names = {line.partition("==")[0] for line in lock.splitlines() if "==" in line and not line.startswith(" ")}
    found = wanted(lock, "3.12")
    assert {name.partition("==")[0] for name in found} == names
    assert all(found.values())


def test_a_wheel_is_accepted_by_its_hash_alone_and_any_other_file_is_removed(tmp_path: Path) -> None:
    import hashlib

    hash_ = hashlib.sha256(b"good").hexdigest()
    (tmp_path / "click-8.1.whl").write_bytes(b"good")
    (tmp_path / "numpy-2.whl").write_bytes(b"changed on its way")
    assert missing({"click==8.1": {hash_}, "numpy==2": {"aa"}}, tmp_path) == ["numpy==2"]
    assert [path.name for path in tmp_path.iterdir()] == ["click-8.1.whl"]
