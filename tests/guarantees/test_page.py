"""The page of promises says what ran, and only what a test with the marker holds."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.guarantees.page import RunFacts, page, rows_of
from tests.kit.guarantees import HeldPromise

_TESTS = """
import pytest

@pytest.mark.guarantee("Nothing is lost.")
@pytest.mark.parametrize("sent", [1, 2])
def test_both(sent, figure):
    figure(f"{sent} of {sent} stored")

@pytest.mark.guarantee("Nothing is stored twice.")
def test_fails():
    assert False

def test_without_promise():
    pass
"""


def test_a_run_writes_each_promise_with_its_figure_and_outcome(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(_TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = guarantee(promise)\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.kit.guarantees", "--guarantees=found.json"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert json.loads((tmp_path / "found.json").read_text()) == [
        {"promise": "Nothing is lost.", "test": "test_it.py::test_both[1]", "passed": True, "figure": "1 of 1 stored"},
        {"promise": "Nothing is lost.", "test": "test_it.py::test_both[2]", "passed": True, "figure": "2 of 2 stored"},
        {"promise": "Nothing is stored twice.", "test": "test_it.py::test_fails", "passed": False, "figure": ""},
    ]


def test_the_page_has_a_row_for_each_promise_and_names_date_seed_and_machine() -> None:
    held = [
        HeldPromise("Nothing is lost.", "tests/bridge/test_it.py::test_both[1]", True, "1 of 1 stored"),
        HeldPromise("Nothing is lost.", "tests/bridge/test_it.py::test_both[2]", True, "2 of 2 stored"),
        HeldPromise("HIGH | LOW in order.", "tests/alerts/test_order.py::test_order", True, ""),
    ]
    text = page(held, RunFacts("2026-11-30", 7, "2 cores"))
    assert rows_of(text) == {
        ("Nothing is lost.", "tests/bridge/test_it.py::test_both"),
        (r"HIGH \| LOW in order.", "tests/alerts/test_order.py::test_order"),
    }
    assert "1 of 1 stored; 2 of 2 stored" in text
    assert "2026-11-30 with seed 7 on 2 cores: 2 promises" in text
