"""`longest_delay` of signals.yaml bounds the delays of all rules, on the shipped config."""

from pathlib import Path

import pytest

from tests.config.config_reader import NOW, SHIPPED, copied
from tests.config.test_shipped import CHANNELS, detectors_and_codecs
from ward.config.load import check_config

SPO2_FOR = "      for: 15s\n      hysteresis: 2\n      loosest: 80\n"
OVERRIDES = "overrides:\n"


def _faults(folder: Path, file: str, old: str, new: str) -> list[str]:
    config = copied(SHIPPED, folder / "config")
    text = (config / file).read_text(encoding="utf-8")
    assert old in text
    (config / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    known, codecs = detectors_and_codecs()
    found = check_config(config, known, codecs, now=NOW, environ=CHANNELS)
    return [str(fault).removeprefix(f"{config.as_posix()}/") for fault in found]


@pytest.mark.guarantee(
    "No rule and no override can wait longer with a HIGH alert about a patient than `longest_delay`."
)
@pytest.mark.parametrize(
    "replaced",
    [
        ("thresholds.yaml", SPO2_FOR, SPO2_FOR.replace("15s", "15m"), "a HIGH priority alert about", "`for` 15 min"),
        ("thresholds.yaml", SPO2_FOR, f"      every: 50s\n{SPO2_FOR}", "a HIGH priority alert about", "`every` 50 s"),
        ("thresholds.yaml", "defaults:\n  for: 15s", "defaults:\n  for: 15m", "HIGH priority", "`for` 15 min"),
        ("thresholds.yaml", OVERRIDES, f"{OVERRIDES}  - where: {{bed: icu-01}}\n    why: rest\n    by: ada\n    set: "
         "{spo2: {below: {for: 15m}}}\n", "a HIGH priority alert about", "(for mon-icu-01 at ICU bed 1)"),
        ("detectors.yaml", "    after: 12s\n", "    after: 15m\n", "a MEDIUM priority alert about", "`after` 75 min"),
        ("detectors.yaml", "    limit: 6\n    side: low\n    severity: {low: 1, medium: 1.5}\n    for: 10s\n",
         "    limit: 6\n    side: low\n    severity: {low: 1, medium: 1.5}\n    for: 10m\n",
         "a MEDIUM priority alert about", "`for` 10 min"),
    ],
    ids=["for", "every", "defaults", "override", "missing signal", "rate of change"],
)  # fmt: skip
def test_a_longer_delay_is_a_fault_with_its_place(replaced: tuple[str, ...], tmp_path: Path) -> None:
    file, old, new, *words = replaced

    found = _faults(tmp_path, file, old, new)

    assert found
    assert all(line.startswith(f"{file}:") for line in found)
    assert all(any(word in line for line in found) for word in words), found


def test_a_delay_of_equipment_that_is_there_is_not_bounded(tmp_path: Path) -> None:
    noise = "    limit: 3\n    severity: low\n    for: 2m\n"

    assert _faults(tmp_path, "detectors.yaml", noise, noise.replace("2m", "2h")) == []
