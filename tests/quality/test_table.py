"""The table of quality: printed, written into its page, and whole where a part ends with an error."""

import sys
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import ModuleType

import pytest

from quality import data, parts
from quality.data import Progress
from quality.parts import PartResult
from quality.row import Row
from quality.table import BEGIN, END, print_table, write

ROWS = [
    Row("Pumps", "F1", ".80", "≥ .80", ".76", True),
    Row("Pumps", "false alarms", "21 %", "≤ 20 %", "", False, "one | file"),
    Row("Cost", "cusum", "55 million/s", "", "", None),
]


def test_the_page_keeps_its_text_and_gets_one_table_a_part(tmp_path: Path) -> None:
    page = tmp_path / "quality.md"
    page.write_text(f"# Quality\n{BEGIN}old\n{END}end\n", encoding="utf-8")
    write(page, ROWS, ["`pumps`: 3 s, seed 7"])
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Quality\n")
    assert text.endswith("end\n")
    assert "old" not in text
    assert text.count("## ") == 2
    assert "- `pumps`: 3 s, seed 7" in text
    assert "| F1 | .80 | ≥ .80 | .76 | met |  |" in text
    assert "| false alarms | 21 % | ≤ 20 % |  | MISSED | one / file |" in text
    assert "| cusum | 55 million/s |  |  |  |  |" in text


def test_the_terminal_gets_all_rows(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(ROWS)
    shown = capsys.readouterr().out
    assert all(row.what in shown for row in ROWS)


def test_an_error_in_a_part_is_a_row_after_those_it_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(quick: bool, progress: Progress) -> Iterator[Row]:
        yield ROWS[0]
        raise ValueError("sensor 3 is\nconstant")

    module = ModuleType("quality.broken")
    module.__dict__.update(rows=rows, SEED=7)
    monkeypatch.setitem(sys.modules, "quality.broken", module)
    shown: list[str] = []
    result = parts.run_part("broken", True, shown.append)
    assert result.failed
    assert [row.note for row in result.rows] == ["", "sensor 3 is constant"]
    assert result.about.endswith("seed 7")
    assert "ValueError" in shown[0]


def test_a_part_that_cannot_be_loaded_is_a_row() -> None:
    result = parts.run_part("absent", True, lambda _: None)
    assert result.failed
    assert "quality.absent" in result.rows[0].note


def test_a_part_whose_process_was_killed_is_a_row_and_another_keeps_its_own() -> None:
    killed, whole = Future[PartResult](), Future[PartResult]()
    killed.set_exception(BrokenProcessPool("A process in the process pool was terminated abruptly"))
    whole.set_result(PartResult("pumps", ROWS, 3.0, 7, False))
    result = parts.ended("hospital", killed)
    assert result.failed
    assert (result.rows[0].what, result.rows[0].met) == ("not complete", False)
    assert "terminated abruptly" in result.rows[0].note
    assert parts.ended("pumps", whole).rows == ROWS


def test_every_part_is_a_module_with_rows() -> None:
    for name in parts.PARTS:
        assert (Path(parts.__file__).parent / f"{name}.py").exists(), name


def test_data_are_found_by_the_setting_and_their_absence_is_a_row(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(data.SETTING, str(tmp_path))
    assert data.folder("skab") is None
    (tmp_path / "skab").mkdir()
    assert data.folder("skab") == tmp_path / "skab"
    (row,) = data.absent("Pumps", "F1", "skab")
    assert row.met is None
    assert data.SETTING in row.note
