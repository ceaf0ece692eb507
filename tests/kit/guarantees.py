"""The marker `guarantee` and the fixture `figure`: which tests hold a promise, and what they measured.

    @pytest.mark.guarantee("A reading with one bad value keeps its good ones.")
    def test_…(figure: Figure) -> None:
        figure("3 of 4 values stored, 1 in quarantine")

With `--guarantees=FILE`, the promises of the tests that ran are written as JSON, and
`make guarantees` makes the page of them.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

Figure = Callable[[str], None]
_PROMISE, _FIGURE = "guarantee", "figure"


@dataclass(frozen=True, slots=True)
class HeldPromise:
    """A promise, the node id of the test that holds it, whether it passed, and what it measured ("" for nothing)."""

    promise: str
    test: str
    passed: bool
    figure: str


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--guarantees", type=Path, metavar="FILE", help="write the promises of the tests as JSON")


def pytest_configure(config: pytest.Config) -> None:
    """In xdist's workers nothing is collected: their reports reach the main process."""
    path: Path | None = config.getoption("--guarantees")
    if path is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Collector(path), "guarantees-collector")


@pytest.fixture(autouse=True)
def _promise(request: pytest.FixtureRequest) -> None:
    """The marker's sentence travels with the test's report."""
    for marker in request.node.iter_markers(_PROMISE):
        (promise,) = marker.args
        request.node.user_properties.append((_PROMISE, promise))


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """Record what a test measured, in words: counts, or a time with its unit. Several figures stand in order."""
    return lambda text: request.node.user_properties.append((_FIGURE, text))


class _Collector:
    """Collects the promises of one run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: list[HeldPromise] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            figures = "; ".join(str(value) for name, value in report.user_properties if name == _FIGURE)
            promises = [str(value) for name, value in report.user_properties if name == _PROMISE]
            self._held += [HeldPromise(promise, report.nodeid, report.passed, figures) for promise in promises]

    def pytest_sessionfinish(self) -> None:
        self._path.write_text(json.dumps([asdict(held) for held in self._held]), encoding="utf-8")
