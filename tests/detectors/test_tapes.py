"""Every tape in `tests/tapes`, and the grammar of tapes."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from detectors.base.registry import discover
from detectors.tapes.tape import Tape, parse, summaries
from tests.detectors.builders import CATALOGUE
from ward.config.yaml.libyaml import parse_yaml

TAPES = Path(__file__).parent.parent / "tapes"
FILES = sorted(TAPES.glob("*/*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_tape_gives_exactly_the_expected_findings(path: Path) -> None:
    tape = Tape.model_validate(parse_yaml(path.read_text(encoding="utf-8")))
    assert summaries(tape, path.parent.name, CATALOGUE) == list(tape.expect), tape.label


def test_every_detector_has_a_tape_that_raises_and_one_that_does_not() -> None:
    raising = {p.parent.name for p in FILES if "raised" in p.read_text(encoding="utf-8")}
    silent = {p.parent.name for p in FILES if "expect: []" in p.read_text(encoding="utf-8")}
    assert raising == silent == set(discover())


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("80x3", [80, 80, 80]),
        ("80 81", [80, 81]),
        ("36.5+0.5x3", [36.5, 37, 37.5]),
        ("-5-1x2", [-5, -6]),
        ("(80 _)x2 7", [80, None, 80, None, 7]),
        ("", []),
    ],
)
def test_a_tape_is_parsed(text: str, steps: Sequence[float | None]) -> None:
    assert [None if step is None else step[0] for step in parse(text)] == steps


def test_an_implausible_value_is_marked() -> None:
    assert parse("80 !400x2") == [(80, True), (400, False), (400, False)]


@pytest.mark.parametrize("text", ["80x", "eighty", "80 (81", "80,81", "x3", "80x2x2", "()("])
def test_a_text_that_is_no_tape_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not part of a tape"):
        parse(text)


@pytest.mark.parametrize("text", ["80x1000001", "(80x1000)x1001", "80x600000 81x600000", "((80x999)x999)x999"])
def test_a_tape_of_too_many_steps_is_refused_before_it_is_built(text: str) -> None:
    with pytest.raises(ValueError, match=r"more than 1000000 steps|not part of a tape"):
        parse(text)
