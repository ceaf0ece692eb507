"""`wardwatch rules test`: tapes test the rules of a config."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.rule_tests.tape_files import FOLDER
from detectors.base.detector import Detector
from tests.app.calling import SHIPPED, call
from tests.config.config_reader import copied

VALID = (
    'label: Low\nrule: desaturation\ntape: "97x10 84x20 91x25"\nexpect: ["25s raised high", "50s cleared recovered"]\n'
)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A copy of the shipped config that a test may spoil."""
    return copied(SHIPPED, tmp_path / "config")


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_tapes_pass() -> None:
    found = call("rules", "test")
    assert found.exit_code == 0, found.output
    assert found.stdout.count("ok  ") == len(list((SHIPPED / FOLDER).glob("*.yaml"))) >= 6


def test_a_folder_of_tapes_is_no_fault_of_the_config() -> None:
    assert "tapes" not in call("config", "check").output


def test_the_tapes_of_the_detectors_can_be_run_too() -> None:
    found = call("rules", "test", SHIPPED.parent / "tests" / "tapes")
    assert found.exit_code == 0, found.output
    assert "bands.yaml: Severity rises and falls with the value" in found.stdout


def test_a_loosened_rule_fails_its_tape_and_the_difference_is_shown(mine: Path, tmp_path: Path) -> None:
    file = mine / "thresholds.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("high: 85\n      for: 15s", "high: 83\n      for: 18s"))
    tape = write(tmp_path / "low.yaml", VALID)
    found = call("rules", "test", tape, "--config", mine)
    assert found.exit_code == 1
    assert [line.strip() for line in found.stdout.splitlines()[1:4]] == [
        "- 25s raised high",
        "+ 28s raised medium: SpO2 84 % < 88",
        "50s cleared recovered",
    ]
    assert found.stdout.splitlines()[-1].startswith("1 tape, 1 failed; config ")


def test_without_names_all_tapes_of_the_config_folder_are_run(mine: Path) -> None:
    write(mine / FOLDER / "a.yaml", VALID)
    write(mine / FOLDER / "deeper" / "b.yaml", VALID)
    assert "2 tapes, none failed" in call("rules", "test", "--config", mine).stdout


def test_a_missing_folder_of_tapes_is_reported(mine: Path) -> None:
    found = call("rules", "test", "--config", mine)
    assert found.exit_code == 1
    assert f"no tape to run: name files, or put them into {mine}/tapes" in found.stderr


def test_a_missing_tape_exits_with_2(tmp_path: Path) -> None:
    found = call("rules", "test", tmp_path / "none.yaml")
    assert found.exit_code == 2
    assert "there is no tape" in found.stderr


def test_a_tape_of_a_bed_uses_the_overrides_of_its_patient(tmp_path: Path) -> None:
    here = 'rule: desaturation\ntape: "97x10 87x60"\n'
    usual = write(tmp_path / "usual.yaml", here + 'expect: ["25s raised medium"]\n')
    copd = write(tmp_path / "copd.yaml", here + "bed: icu-06\nexpect: []\n")
    device = write(tmp_path / "device.yaml", here + "device: mon-icu-06\nexpect: []\n")
    assert call("rules", "test", usual, copd, device).exit_code == 0


def test_the_inventory_of_a_tape_does_not_change_with_time(mine: Path, tmp_path: Path) -> None:
    with (mine / "thresholds.yaml").open("a", encoding="utf-8") as file:
        file.write(
            "\n  - where: {patient: P-MJ6FL}\n    why: as ordered\n    by: ward round\n"
            "    set: {spo2: {below: {medium: 82, high: 81}}}\n"
        )
    tape = write(tmp_path / "t.yaml", 'rule: desaturation\nbed: icu-10\ntape: "97x10 84x60"\nexpect: []\n')
    assert call("rules", "test", tape, "--config", mine).exit_code == 0
    assert call("rules", "test", tape).exit_code == 1


def test_implausible_values_are_marked_as_by_the_bridge(tmp_path: Path) -> None:
    tape = write(tmp_path / "t.yaml", 'rule: tachycardia\ntape: "80x5 999x60 80x5"\nexpect: []\n')
    assert call("rules", "test", tape).exit_code == 0


def test_a_tape_for_one_of_several_signals_must_name_it(tmp_path: Path) -> None:
    text = 'rule: stuck-pulse\ntape: "74x400"\nexpect: []\n'
    found = call("rules", "test", write(tmp_path / "t.yaml", text))
    assert "stuck-pulse has the signals heart_rate, systolic_bp, diastolic_bp: name one with `signal:`" in found.stdout
    tape = write(tmp_path / "t.yaml", text.replace("[]", '["300s raised low"]') + "signal: heart_rate\n")
    assert call("rules", "test", tape).exit_code == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (VALID.replace("desaturation", "desaturatoin"), "2:7: there is no rule 'desaturatoin'; did you mean 'desat"),
        (VALID + "bed: icu-66\n", "5:6: there is no bed 'icu-66'; did you mean 'icu-06'?"),
        (VALID + "device: mon-med-01\nsignal: spo\n", "6:9: there is no signal 'spo'; did you mean 'spo2'?"),
        (VALID + "bed: icu-01\ndevice: mon-icu-01\n", "a bed or a device, not both"),
        (VALID.replace("84x20", "84x2000000"), "3:7: a tape of more than 1000000 steps"),
        (VALID.replace("84x20", "low"), "3:7: not part of a tape: low"),
        (VALID.replace("expect", "expct"), "unknown key 'expct'; did you mean 'expect'?"),
        (VALID.replace("84x20", "84\x1b[2J"), "control character"),
        ("rule: room_humid\nbed: icu-01\ntape: '50'\nexpect: []\n", "2:6: no device here to which room_humid applies"),
        ("rule: {side: high}\ntape: '50'\nexpect: []\n", "there is no detector"),
        ("rule: {detector: limits, sid: high}\ntape: '50'\nexpect: []\n", "sid"),
        ("- 5\n", "must hold lines"),
        ("", "must hold lines"),
    ],
)  # fmt: skip
def test_a_faulty_tape_fails_with_its_place_while_others_run(tmp_path: Path, text: str, words: str) -> None:
    found = call("rules", "test", write(tmp_path / "bad.yaml", text), write(tmp_path / "good.yaml", VALID))
    assert found.exit_code == 1
    assert words in found.stdout
    assert f"{tmp_path}/bad.yaml:" in found.stdout.splitlines()[1]
    assert "2 tapes, 1 failed" in found.stdout
    assert "\x1b" not in found.output


BROKEN = '''"""A detector that divides by nothing."""

from typing import Any

from detectors.base.columns import Floats
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation
from ward.config.rule import DetectorParams


class BrokenParams(DetectorParams):
    """None."""


class Broken(Detector[BrokenParams], name="broken"):
    """It fails at the first value."""

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        return x / (1 // 0)

    def explain(self, evidence: Evidence[BrokenParams]) -> Explanation:
        raise NotImplementedError
'''


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of a detector that fails; it is registered during the test."""
    file = write(tmp_path / "broken.py", BROKEN)
    spec = importlib.util.spec_from_file_location("broken_detector", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "broken_detector", module)
    spec.loader.exec_module(module)
    yield file
    del Detector.registry["broken"]


def test_an_error_of_a_detector_names_its_line_and_not_the_tape(broken: Path, tmp_path: Path) -> None:
    tape = write(tmp_path / "broken" / "any.yaml", 'tape: "80x4"\nrule: {}\nexpect: []\n')
    found = call("rules", "test", tape)
    assert found.exit_code == 1
    line = BROKEN.splitlines().index("        return x / (1 // 0)") + 1
    assert f"{broken}:{line}:1: the detector broken failed in update: ZeroDivisionError: " in found.stdout
    assert f"{tape}:" not in found.stdout.partition("\n")[2]


def test_an_error_of_the_detector_of_a_configured_rule_names_its_line_too(
    broken: Path, mine: Path, tmp_path: Path
) -> None:
    file = mine / "detectors.yaml"
    rule = "  always-broken: {detector: broken, label: Broken, kind: technical, signals: [heart_rate]}\n"
    file.write_text(file.read_text(encoding="utf-8") + rule, encoding="utf-8")
    tape = write(tmp_path / "broken.yaml", 'rule: always-broken\ntape: "80x4"\nexpect: []\n')
    found = call("rules", "test", tape, "--config", mine)
    assert found.exit_code == 1
    assert f"{broken}:" in found.stdout


def test_a_wrong_parameter_of_a_tapes_own_rule_is_named_at_its_place(tmp_path: Path) -> None:
    tape = write(tmp_path / "cusum" / "any.yaml", 'tape: "80x4"\nrule:\n  side: high\n  lenght: 3\nexpect: []\n')
    found = call("rules", "test", tape)
    assert found.exit_code == 1
    assert f"{tape}:4:3: " in found.stdout or f"{tape}:4:11: " in found.stdout, found.stdout
    assert "lenght" in found.stdout
