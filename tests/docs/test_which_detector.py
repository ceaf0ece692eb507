"""The page that chooses a detector knows each of them, and no other."""

import re

from detectors.base.registry import discover
from tests.docs.pages import ROOT

ROWS = re.compile(r"^\|.*\|$", re.MULTILINE)


def test_each_detector_has_a_row_of_its_own() -> None:
    page = (ROOT / "docs" / "which-detector.md").read_text(encoding="utf-8")
    cells = [row.strip("|").split("|") for row in ROWS.findall(page)]
    named = {name for row in cells for cell in row[1:] for name in re.findall(r"`([a-z_0-9]+)`", cell)}
    assert named - {"residual_sd"} == set(discover())
