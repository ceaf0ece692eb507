"""docs/detect.md: its commands and its Python print what the page shows, and its lists are those of the code."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import click
import pytest

from app.cli import main
from app.detect.reading.numbers import MISSING
from app.detect.row_state import RowState
from tests.app.calling import call
from tests.docs.pages import ROOT, blocks, text

PAGE = ROOT / "docs" / "detect.md"


def plain(line: str) -> str:
    """A line without its figures, which follow from parameters that the detector chooses, and change with them."""
    return re.sub(r" +", " ", re.sub(r"\d+(\.\d+)?", "n", line))


@pytest.mark.parametrize("block", blocks(PAGE, "console"))
def test_a_command_prints_what_the_page_shows(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    command, *lines = block.removeprefix("$ wardwatch ").splitlines()
    words = [str(tmp_path / word) if word.startswith("found.") else word for word in shlex.split(command)]
    found = call(*words)
    assert found.exit_code == 0, found.output
    printed = iter(map(plain, found.stdout.splitlines()))
    assert [line for line in lines if plain(line) not in printed] == [], found.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["found.csv", "found.html"]


def test_the_python_finds_what_the_command_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = blocks(PAGE, "python")
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(code, names)
    assert "warming up" not in printed.getvalue()
    assert int(names["found"]["alert"].diff().eq(1).sum()) >= 1  # type: ignore[index]


def test_the_states_and_what_stands_for_a_missing_value_are_those_of_the_code() -> None:
    table = re.search(r"<!-- states -->\n(.*?)<!-- /states -->", text(PAGE), re.DOTALL)
    assert table
    assert re.findall(r"^\| `([\w ]+)` \|", table[1], re.MULTILINE) == [state.words for state in RowState]
    (row,) = [line for line in table[1].splitlines() if line.startswith("| `missing`")]
    assert {word.strip(" |").lower() for word in row.partition("one of ")[2].split(",")} == MISSING - {"", "#n/a"}


def test_the_options_are_those_of_the_command() -> None:
    command = main.get_command(click.Context(main), "detect")
    assert command is not None
    options = {name for parameter in command.params for name in parameter.opts if name.startswith("--")}
    assert options - set(re.findall(r"--\w+", text(PAGE))) == set()


def test_the_image_is_the_size_that_the_command_draws() -> None:
    data = (ROOT / "docs" / "screenshots" / "detect.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert data[16:24] == (960).to_bytes(4, "big") + (400).to_bytes(4, "big")
    assert len(data) < 40_000
