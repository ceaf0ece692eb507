"""Each folder of faults/ is a case: a valid config with these files replaced has exactly these faults."""

from pathlib import Path

import pytest

from tests.config.config_reader import HERE, VALID, checked, copied, faults_of

CASES = sorted(path for path in (HERE / "faults").iterdir() if path.is_dir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_all_faults_are_reported_with_their_place_and_no_others(case: Path, tmp_path: Path) -> None:
    directory = copied(case, copied(VALID, tmp_path / "config"))
    gone = case / "missing.txt"
    for name in gone.read_text(encoding="utf-8").split() if gone.exists() else ():
        (directory / name).unlink()

    found = [str(fault) for fault in checked(directory)]

    shown = [line.removeprefix(f"{directory.as_posix()}/").replace(directory.as_posix(), ".") for line in found]
    expected = (case / "expect.txt").read_text(encoding="utf-8").splitlines()
    assert len(shown) == len(expected), shown
    # A line that ends in … may go on: the words of a library are its own.
    shown = [
        f"{e[:-1]}…" if e.endswith("…") and s.startswith(e[:-1]) else s for s, e in zip(shown, expected, strict=True)
    ]
    assert shown == expected


def test_a_valid_config_has_no_fault_and_no_warning() -> None:
    assert checked(VALID) == []


def test_loading_raises_every_fault_but_no_warning(tmp_path: Path) -> None:
    directory = copied(HERE / "faults" / "route_to_nowhere", copied(VALID, tmp_path / "config"))

    assert faults_of(directory) == ["alerts.yaml:6:13: there is no receiver 'nurse'; did you mean 'nurses'?"]


def test_a_missing_or_empty_directory_is_one_fault(tmp_path: Path) -> None:
    missing = [str(fault) for fault in checked(tmp_path / "nowhere")]
    empty = [str(fault) for fault in checked(tmp_path)]

    assert missing == [
        f"{tmp_path.as_posix()}/nowhere:1:1: is not a directory that can be read: No such file or directory"
    ]
    assert empty == [
        f"{tmp_path.as_posix()}:1:1: holds no config: there should be ward.yaml, signals.yaml, thresholds.yaml, "
        "detectors.yaml, alerts.yaml, bridge.yaml"
    ]
