"""The table of quality: printed, written into its page, and whole where a part ends with an error."""

import sys
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import ModuleType

import pytest

from quality import __main__ as program
from quality import data, parts
from quality.data import Progress
from quality.parts import PartResult
from quality.row import NOT_MEASURED, Row
from quality.table import BEGIN, END, print_table, write
from tests.docs.pages import ROOT

ROWS = [
    Row("Pumps", "F1", ".80", "≥ .80", ".76", True),
    Row("Pumps", "false alarms", "21 %", "≤ 20 %", "", False, "one | file"),
    Row("Cost", "cusum", "55 million/s", "", "", None),
]


def test_the_page_keeps_its_text_and_gets_one_table_a_part(tmp_path: Path) -> None:
    page = tmp_path / "quality.md"
    page.write_text(f"# Quality\n{BEGIN}old\n{END}end\n", encoding="utf-8")
    write(page, [PartResult("pumps", ROWS, 4.0, 3.0, 7, False)])
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Quality\n")
    assert text.endswith("end\n")
    assert "old" not in text
    assert text.count("## ") == 2
    assert text.count("\n\n`pumps`: 3 s of one core in 4 s, seed 7.\n\n| what | ours |") == 2
    assert "| F1 | .80 | ≥ .80 | .76 | met |  |" in text
    assert "| false alarms | 21 % | ≤ 20 % |  | MISSED | one / file |" in text
    assert "| cusum | 55 million/s |  |  |  |  |" in text


def result(name: str, ours: str, failed: bool = False) -> PartResult:
    return PartResult(name, [Row(f"Part {name}", "F1", ours, "", "", None)], 2.0, 1.0, None, failed)


def test_parts_that_are_not_measured_keep_their_figures(tmp_path: Path) -> None:
    page = tmp_path / "quality.md"
    page.write_text(f"# Quality\n{BEGIN}old\n{END}end\n", encoding="utf-8")
    write(page, [result("skab", ".80"), result("cost", "9")])
    write(page, [result("cost", "11"), result("cmapss", "98 %")])
    second = page.read_text(encoding="utf-8")
    assert [line for line in second.splitlines() if line.startswith("## ")] == [
        "## Part skab",
        "## Part cmapss",
        "## Part cost",
    ]
    assert "| F1 | .80 |" in second
    assert "| F1 | 11 |" in second
    assert "| F1 | 9 |" not in second
    assert "\nNot measured yet: `hospital`, `run_lengths`, `physionet`, `mimic`, `eicu`, `auto`.\n" in second
    write(page, [])
    assert page.read_text(encoding="utf-8") == second
    assert second.endswith(f"|\n\n{END}end\n")


def run_main(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, results: list[PartResult], *options: str
) -> tuple[int, str]:
    """The exit code, and the page after it."""
    page = tmp_path / "docs" / "quality.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text(f"{BEGIN}old\n{END}", encoding="utf-8")
    monkeypatch.setattr(program, "PAGE", page)
    monkeypatch.setattr(program, "run", lambda names, quick: results)
    monkeypatch.setattr(sys, "argv", ["quality", *options])
    return program.main(), page.read_text(encoding="utf-8")


WHOLE, ABSENT, BROKEN = result("skab", ".8"), result("cmapss", NOT_MEASURED), result("cost", "", failed=True)


@pytest.mark.parametrize(("found", "options", "named", "code"), [
    ([WHOLE, ABSENT], (), False, 0),
    ([WHOLE, ABSENT], ("--quick",), False, 0),
    ([WHOLE, ABSENT], ("--quick",), True, 1),
    ([WHOLE], ("--quick",), True, 0),
    ([WHOLE, BROKEN], ("--quick",), False, 1),
    ([WHOLE, ABSENT, BROKEN], (), False, 1),
])  # fmt: skip
def test_what_cannot_be_measured_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, found: list[PartResult], options: tuple[str, ...], named: bool,
    code: int,
) -> None:  # fmt: skip
    monkeypatch.delenv(data.SETTING, raising=False)
    if named:
        monkeypatch.setenv(data.SETTING, str(tmp_path))
    assert run_main(monkeypatch, tmp_path, found, *options)[0] == code


@pytest.mark.parametrize(("options", "written"), [
    ((), ["skab"]), (("--quick",), []), (("skab",), []), (("skab", "--write"), ["skab"]),
])  # fmt: skip
def test_the_page_is_written_with_what_was_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...],
    written: list[str],
) -> None:  # fmt: skip
    monkeypatch.delenv(data.SETTING, raising=False)
    _, text = run_main(monkeypatch, tmp_path, [WHOLE, ABSENT, BROKEN], *options)
    assert [line for line in text.splitlines() if line.startswith("## ")] == [f"## Part {name}" for name in written]
    assert ("not measured, and as they were on the page: cmapss, cost" in capsys.readouterr().out) == bool(written)


@pytest.mark.parametrize(("options", "message"), [
    (("--quick", "--write"), "leave out --write"), ((), "is no folder: correct or unset it"),
])  # fmt: skip
def test_a_run_that_makes_no_sense_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...],
    message: str,
) -> None:  # fmt: skip
    monkeypatch.setenv(data.SETTING, str(tmp_path if options else tmp_path / "absent"))
    with pytest.raises(SystemExit, match="2"):
        run_main(monkeypatch, tmp_path, [WHOLE], *options)
    assert message in capsys.readouterr().err


def test_each_commit_measures_quality_on_less_data() -> None:
    assert 'make quality ARGS="--quick"\n' in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


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
    whole.set_result(PartResult("pumps", ROWS, 3.0, 2.0, 7, False))
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
