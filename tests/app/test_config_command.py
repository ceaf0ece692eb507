"""`wardwatch config check` and `config show`."""

import json
import re
from pathlib import Path

import pytest

from tests.app.calling import SHIPPED, call
from tests.config.config_reader import copied

FAULTY = sorted((SHIPPED.parent / "tests" / "config" / "faults").iterdir())
PLACED = re.compile(r"[^\n]+:\d+:\d+: [^\n]+")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A copy of the shipped config that a test may spoil."""
    return copied(SHIPPED, tmp_path / "config")


def test_the_shipped_config_is_valid_and_summarised() -> None:
    found = call("config", "check")
    assert found.exit_code == 0
    assert re.search(
        r"config: valid; config [0-9a-f]{12}: 3 wards, 20 beds, 122 devices, \d+ rules$", found.stdout.strip()
    )


def test_warnings_are_marked_and_do_not_fail(mine: Path) -> None:
    found = call("config", "check", mine, WARDWATCH_SMS_URL=None)
    assert found.exit_code == 0
    assert f"{mine}/alerts.yaml:19:3: warning: channel 'sms' has no address" in found.stdout
    assert "valid" in found.stdout.splitlines()[-1]


@pytest.mark.parametrize("case", FAULTY, ids=lambda path: path.name)
def test_any_fault_is_a_line_with_its_place_and_never_a_traceback(case: Path, mine: Path) -> None:
    copied(case, mine)
    gone = case / "missing.txt"
    for name in gone.read_text(encoding="utf-8").split() if gone.exists() else ():
        (mine / name).unlink()
    found = call("config", "check", mine)
    *lines, last = found.stdout.splitlines()
    wrong = [line for line in lines if ": warning: " not in line]
    assert all(PLACED.fullmatch(line) for line in lines)
    assert found.exit_code == (1 if wrong else 0)
    assert re.fullmatch(r"\d+ faults?, (no|\d+) warnings?", last) if wrong else "valid" in last


@pytest.mark.parametrize("url", ["nonsense://mail.hospital.test", "mailto://a.test/?optional=yes", "no scheme"])
def test_an_unusable_address_is_a_fault_that_does_not_show_it(mine: Path, url: str) -> None:
    found = call("config", "check", mine, WARDWATCH_CHAT_URL=url)
    assert found.exit_code == 1
    (line,) = [line for line in found.stdout.splitlines() if "alerts.yaml" in line]
    assert re.match(rf"{mine}/alerts.yaml:18:12: not an address anything can be sent to: ", line)
    assert url not in line


def test_every_fault_is_reported_and_a_misspelt_key_with_a_suggestion(mine: Path) -> None:
    for name, good, bad in (
        ("thresholds.yaml", "hysteresis: 5", "hysteresys: 5"), ("ward.yaml", "silent_after: 15s", "silent_after: 15"),
        ("alerts.yaml", "receiver: nurses", "receiver: nurse"),
    ):  # fmt: skip
        file = mine / name
        file.write_text(file.read_text(encoding="utf-8").replace(good, bad, 1), encoding="utf-8")
    found = call("config", "check", mine)
    assert found.exit_code == 1
    assert "unknown key 'hysteresys'; did you mean 'hysteresis'?" in found.stdout
    assert re.search(r"ward\.yaml:\d+:19: silent_after: a span needs its unit", found.stdout)
    assert "there is no receiver 'nurse'; did you mean 'nurses'?" in found.stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: " + b"x" * 10_000_000, "has more than 1 MB"),
        (b"limits: \xff\xfe", "is not UTF-8"),
        (b"a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b]\n"
         b"d: &d [*c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d]\nf: [*e, *e, *e, *e, *e, *e]\n", "alias"),
        (b"[" * 100_000, "nested deeper"),
        (b"limits: \x1b[2J", "control character"),
        (b"", "is empty"),
    ],
)  # fmt: skip
def test_a_file_with_binary_content_is_reported(mine: Path, content: bytes, words: str) -> None:
    (mine / "thresholds.yaml").write_bytes(content)
    found = call("config", "check", mine)
    assert found.exit_code == 1
    assert re.search(rf"thresholds\.yaml:\d+:\d+: [^\n]*{words}", found.stdout)
    assert "\x1b" not in found.output


@pytest.mark.parametrize("name", ["nowhere", "ward.yaml"])
def test_a_missing_directory_is_reported(mine: Path, name: str) -> None:
    found = call("config", "check", mine / name)
    assert found.exit_code == 1
    assert "is not a directory that can be read" in found.stdout


def test_faults_of_the_settings_file_are_reported_with_those_of_the_config(mine: Path) -> None:
    (mine / "settings.yaml").write_text("htp_port: 8081\n")
    found = call("config", "check", mine)
    assert found.exit_code == 1
    assert "settings.yaml:1:1: there is no setting 'htp_port'; did you mean 'http_port'?" in found.stdout


def test_a_setting_misspelt_in_the_environment_is_a_warning() -> None:
    found = call("config", "check", WARDWATCH_HTP_PORT="1")
    assert found.exit_code == 0
    assert "warning: WARDWATCH_HTP_PORT is not a setting; did you mean WARDWATCH_HTTP_PORT?" in found.stdout


def test_the_json_output_has_the_same_content(mine: Path) -> None:
    good = json.loads(call("config", "check", mine, "--format", "json").stdout)
    assert (good["valid"], good["faults"], good["config"]["beds"]) == (True, [], 20)
    (mine / "ward.yaml").write_text("wards: 5\n")
    bad = call("config", "check", mine, "--format", "json")
    result = json.loads(bad.stdout)
    assert bad.exit_code == 1
    assert result["config"] is None
    assert {"file": f"{mine}/ward.yaml", "line": 1, "col": 8, "warning": False}.items() <= result["faults"][-1].items()


def test_a_bed_shows_its_limits_overrides_and_sources() -> None:
    for name in ("icu-06", "ICU bed 6", "mon-icu-06"):
        found = call("config", "show", name)
        row = next(line for line in found.stdout.splitlines() if line.startswith("desaturation "))
        assert re.split(r"\s{2,}", row) == [
            "desaturation", "spo2", "< 86 MEDIUM, < 84 HIGH %", "20 s", "20 s, 2 % inside", "patient P-RCG9X"
        ]  # fmt: skip
        assert "desaturation: medium 88 → 86, high 85 → 84, for 15s → 20s, for patient P-RCG9X: COPD" in found.stdout
        assert "desaturation: Johns Hopkins and Masimo" in found.stdout


def test_the_most_specific_override_wins(mine: Path) -> None:
    with (mine / "thresholds.yaml").open("a", encoding="utf-8") as file:
        file.write(
            "\n  - where: {bed: icu-06}\n    why: near the door\n    by: ward round\n"
            "    set: {spo2: {below: {medium: 87, hysteresis: 3}}}\n"
        )
    found = call("config", "show", "icu-06", "--config", mine)
    row = next(line for line in found.stdout.splitlines() if line.startswith("desaturation "))
    assert re.split(r"\s{2,}", row)[2:] == ["< 86 MEDIUM, < 84 HIGH %", "20 s", "20 s, 3 % inside", "patient P-RCG9X"]
    assert "medium 88 → 87, hysteresis 2 → 3, for bed icu-06: near the door (ward round)" in found.stdout
    assert "medium 87 → 86" in found.stdout


def test_rules_of_signals_that_are_not_expected_are_shown_on_request() -> None:
    assert "humidity" not in call("config", "show", "mon-icu-01").stdout
    assert "tachycardia" not in call("config", "show", "0-ZZZ12345678-08K").stdout
    assert "tachycardia" in call("config", "show", "0-ZZZ12345678-08K", "--all").stdout


def test_an_unknown_name_exits_with_2_and_a_suggestion() -> None:
    found = call("config", "show", "icu-66\x1b[2J")
    assert found.exit_code == 2
    assert "there is no bed or device 'icu-66\\x1b[2J'; did you mean 'icu-06'?" in found.stderr


def test_a_bed_without_a_device_is_reported(mine: Path) -> None:
    ward = mine / "ward.yaml"
    text = ward.read_text(encoding="utf-8")
    ward.write_text(text.replace("  mon-icu-03: {device_kind: bedside_monitor, bed: icu-03}\n", ""))
    found = call("config", "show", "icu-03", "--config", mine)
    assert found.exit_code == 1
    assert "ICU bed 3 has no device now: nothing is monitored there" in found.stderr


def test_nothing_is_shown_of_a_config_with_faults(mine: Path) -> None:
    (mine / "ward.yaml").write_text("wards: 5\n")
    found = call("config", "show", "icu-01", "--config", mine)
    assert (found.exit_code, found.stdout) == (1, "")
    assert f"{mine}/ward.yaml:1:8: " in found.stderr
