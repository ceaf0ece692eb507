"""The page about detectors is made from the code, and the page about adding one is true."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.detect.plots.drawing import ALERT_BAND
from app.reference import detectors, tape_drawing
from detectors.base.registry import discover
from detectors.tapes.example import short_tape
from tests.detectors.builders import rule, together
from ward.config.yaml.libyaml import parse_yaml

ROOT = Path(__file__).parents[2]


def test_the_checked_in_page_is_current() -> None:
    assert (ROOT / "docs" / "detectors.md").read_text(encoding="utf-8") == detectors.page(), (
        "run python -m app.reference.detectors"
    )


def with_model(detector: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Settings with the content of the model that they name, as the reader of config makes them."""
    return settings | ({"model": discover()[detector].sample["model"]} if "model" in settings else {})


def test_the_checked_in_drawings_are_current() -> None:
    drawings = detectors.drawings()
    there = {path: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "detectors").glob("*.svg")}
    assert there == drawings, "run python -m app.reference.detectors, and delete what it does not write"
    assert {path.stem for path in drawings} == set(discover())


def test_a_drawing_is_red_while_there_is_an_alert() -> None:
    """The example of `limits`: 95 for 2 s, 88 for 2 s, then 91 and 93; an alert from second 2 to 5, of 6."""
    drawn = tape_drawing.drawing(discover()["limits"])
    width = tape_drawing.WIDTH - tape_drawing.LEFT - tape_drawing.RIGHT
    begin, length = tape_drawing.LEFT + width * 2 / 6, width * 3 / 6
    assert re.findall(rf'<rect x="([0-9.]+)" y="0" width="([0-9.]+)" height="\d+" fill="{ALERT_BAND}"/>', drawn) == [
        (f"{begin:.1f}", f"{length:.1f}")
    ]
    (line,) = re.findall(r'<path d="([^"]+)"', drawn)
    heights = [float(point.split()[1]) for point in line[1:].split("L")]
    top, bottom = tape_drawing.ROOM, tape_drawing.PANEL - tape_drawing.ROOM
    assert heights[:3] == [top] * 3
    assert heights[3:6] == [bottom] * 3
    assert heights[-1] == pytest.approx(bottom - (bottom - top) * (93 - 88) / (95 - 88), abs=0.06)


def test_an_alert_that_stays_is_red_to_the_end_and_a_missing_value_breaks_the_line() -> None:
    tape = short_tape("limits", "80x2 _x2 130x2", side="high", medium=120)
    assert tape_drawing.spans("limits", tape, 6.0) == [(4.0, 6.0)]
    absent = tape_drawing.drawing(discover()["absent"])
    assert re.findall(r'<path d="([^"]+)"', absent)[0].count("M") == 2


def test_a_detector_without_an_example_is_an_error() -> None:
    with pytest.raises(ValueError, match="add one"):
        tape_drawing.first_tape(type("Bare", (), {"__doc__": "Nothing to see."}))


def test_the_lines_of_quality_stand_with_the_detector_that_they_name() -> None:
    """Only where the first cell names it: a note may name another one."""
    quality = ["| `cusum`, k = 0.5 | 168 |  |  | met | as `ewma` |", "| sensors | 3 |", "`cusum`: 3 s"]
    assert detectors._measured("cusum", quality).splitlines()[3:] == quality[:1]
    assert detectors._measured("ewma", quality) == ""
    page = (ROOT / "docs" / "detectors.md").read_text(encoding="utf-8")
    section = page.split("\n## cusum\n")[1].split("\n## ")[0]
    assert "`cusum`: wear found ≥ 30 cycles before failure" in section


@pytest.mark.parametrize("detector", sorted(discover()))
def test_a_sample_is_a_rule(detector: str) -> None:
    ((name, entry),) = parse_yaml(detectors.sample_rule(detector)).items()
    rest = with_model(detector, {k: v for k, v in entry.items() if k not in ("detector", "signals", "kind")})
    decision, params = rule(name, entry["detector"], *entry.get("signals", together(entry["detector"])), **rest).build(
        {}
    )
    assert isinstance(params, discover()[detector].params)
    assert decision.severity


@pytest.mark.parametrize("detector", sorted(discover()))
def test_the_commented_lines_of_a_sample_are_the_defaults(detector: str) -> None:
    sample = detectors.sample_rule(detector)
    ((name, entry),) = parse_yaml(sample.replace("  # ", "  ")).items()
    given = {k: v for k, v in entry.items() if k not in ("detector", "signals", "kind") and v is not None}
    rest = with_model(detector, given)
    without = {k: v for k, v in rest.items() if f"# {k}:" not in sample}
    own, default = (
        rule(name, detector, *entry.get("signals", together(detector)), **settings) for settings in (rest, without)
    )
    assert own.build({}) == default.build({})


def test_the_page_adds_a_detector_with_one_file_and_two_tapes(tmp_path: Path) -> None:
    """The files of the page in a copy of the project, whose tests find them."""
    page = (ROOT / "docs" / "adding-a-detector.md").read_text(encoding="utf-8")
    for folder in ("ward", "detectors", "app", "tests/detectors", "tests/kit", "tests/tapes", "config", "docs"):
        copy(ROOT / folder, tmp_path / folder)
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.S)
    (tmp_path / "detectors" / "runs.py").write_text(code, encoding="utf-8")
    (tmp_path / "tests" / "tapes" / "runs").mkdir(exist_ok=True)
    for name, tape in re.findall(r"`tests/tapes/runs/(\w+\.yaml)`\n\n```yaml\n(.*?)```", page, re.S):
        (tmp_path / "tests" / "tapes" / "runs" / name).write_text(tape, encoding="utf-8")
    run = [sys.executable, "-m"]
    written = subprocess.run(
        [*run, "app.reference.detectors"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert written.stderr == ""
    assert "## runs" in (tmp_path / "docs" / "detectors.md").read_text(encoding="utf-8")
    command = [
        *run,
        "pytest",
        "-p",
        "no:cacheprovider",
        "-k",
        "runs or every_detector or every_file or current",
        "tests/detectors/test_tapes.py",
        "tests/detectors/test_contracts.py",
        "tests/detectors/test_docs.py",
        "tests/detectors/test_examples.py",
    ]
    tested = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stdout[-3000:]
    passed = re.search(r"(\d+) passed", tested.stdout)
    assert passed is not None
    assert int(passed.group(1)) >= 17


def copy(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        if path.is_file() and path.suffix in (".py", ".yaml", ".md", ".json"):
            (target / path.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
            (target / path.relative_to(source)).write_bytes(path.read_bytes())
