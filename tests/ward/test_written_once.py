"""Back-offs and wake-ups are written once: in `ward/backoff.py` and `ward/wakeup.py`, which all other modules use."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("alerts", "app", "bridge", "detectors", "grafana", "influx", "rollups", "simulators", "ward", "web")
BACKOFF, WAKEUP = "a back-off by hand", "a wake-up by hand"
PIPES = {"os": {"pipe", "pipe2"}, "socket": {"socketpair"}}


def by_hand(source: str) -> Iterator[tuple[int, str]]:
    """(line, what it is) for each power that `min` bounds, and each pair of connected sockets or pipe."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.expr | ast.stmt):
            continue
        if _is_backoff(node):
            yield node.lineno, BACKOFF
        elif _is_pipe(node):
            yield node.lineno, WAKEUP


def _is_backoff(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "min"):
        return False
    return any(isinstance(part, ast.Pow | ast.LShift) for bounded in node.args for part in ast.walk(bounded))


def _is_pipe(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.attr in PIPES.get(node.value.id, ())
    if isinstance(node, ast.ImportFrom):
        return bool({alias.name for alias in node.names} & PIPES.get(node.module or "", set()))
    return False


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("pause = min(60.0, 2.0**failures)", [BACKOFF]),
        ("pause = min(first * factor**n, LONGEST)", [BACKOFF]),
        ("pause = min(60, 1 << n)", [BACKOFF]),
        ("area = 2.0**n; least = min(3, n)", []),
        ("a, b = socket.socketpair()", [WAKEUP]),
        ("r, w = os.pipe()", [WAKEUP]),
        ("from socket import socketpair", [WAKEUP]),
        ("from os import path, pipe", [WAKEUP]),
        ("frame.pipe(clean)", []),
    ],
)
def test_what_is_written_by_hand_is_found(source: str, found: list[str]) -> None:
    assert [what for _, what in by_hand(source)] == found


def test_back_offs_and_wakeups_are_written_once() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), what, line)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for line, what in by_hand(path.read_text(encoding="utf-8"))
    }
    once = {("ward/backoff.py", BACKOFF), ("ward/wakeup.py", WAKEUP)}
    assert {(name, what) for name, what, _ in found} >= once, "these two are not found any more"
    assert [f"{name}:{line}: {what}" for name, what, line in sorted(found) if (name, what) not in once] == []
