"""Instants are integers inside the web: they become text at its edge, and no text is parsed back inside."""

import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"
# The edge: answers of the API, requests, what other systems or the store have as text, and reports, which put answers
# of the API into words.
MAY_FORMAT = {"alertmanager/output.py", "presentation/instants.py"}
MAY_PARSE = {
    "alertmanager/input.py", "api/observations.py", "api/params.py", "presentation/stored_alerts.py",
    "reports/times.py",
}  # fmt: skip


@pytest.mark.parametrize(("function", "allowed"), [("format_instant", MAY_FORMAT), ("parse_instant", MAY_PARSE)])
def test_only_the_edge_formats_and_parses_instants(function: str, allowed: set[str]) -> None:
    users = {
        str(path.relative_to(WEB))
        for path in WEB.rglob("*.py")
        if re.search(rf"\b{function}\b", path.read_text(encoding="utf-8"))
    }
    assert users == allowed
