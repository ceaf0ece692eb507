"""The table: ratios, limits that are met or missed, and figures that cannot be measured."""

import time
from pathlib import Path

import pytest

from benchmarks import __main__ as table
from benchmarks import bridge, scaling
from benchmarks.__main__ import machine, write
from benchmarks.external_engines import EngineMissing
from benchmarks.resource_usage import ResourceUsage
from benchmarks.result import BenchmarkResult, compare
from benchmarks.tables import HEAD, row


def cost(rate: float) -> ResourceUsage:
    return ResourceUsage(readings=1000, seconds=1000 / rate, cpu=0.01, memory=50.0)


def test_a_comparison_takes_the_median_of_ratios_of_pairs_made_in_turn() -> None:
    made: list[str] = []

    def ours(i: int) -> ResourceUsage:
        made.append(f"ours {i}")
        return cost((100, 500, 200)[i])

    def theirs(i: int) -> ResourceUsage:
        made.append(f"theirs {i}")
        return cost(100)

    figure = compare("x", 2, ours, "a peer", theirs, rounds=3)
    assert made == ["ours 0", "theirs 0", "ours 1", "theirs 1", "ours 2", "theirs 2"]
    assert (figure.value, figure.met, list(figure.each)) == (2, True, [1, 5, 2])
    assert figure.ours is not None
    assert figure.ours.rate == 200


def test_a_figure_is_missed_above_its_bound_where_less_is_better_and_below_it_elsewhere() -> None:
    assert not BenchmarkResult(name="x", value=0.3, wanted=0.5).met
    assert not BenchmarkResult(name="x", value=101, wanted=100, unit="ms", less=True).met
    assert BenchmarkResult(name="x", value=99, wanted=100, unit="ms", less=True).met


def test_a_row_has_the_ratio_its_span_and_the_costs_of_both() -> None:
    cells = row(compare("x", 2, lambda i: cost(100 * (i + 1)), "a peer", lambda _: cost(100), rounds=3))
    assert cells == ("x", "2 × (1–3)", "≥ 2 ×", "met", "200", "10", "50", "a peer", "100", "10", "50")


def test_the_page_is_written_between_its_marks_and_names_no_machine(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- figures -->\nold\n<!-- end of figures -->\nafter\n")
    write(page, [row(BenchmarkResult(name="x", value=1, wanted=1))], [])
    write(page, [row(BenchmarkResult(name="y", value=1, wanted=1))], [])
    text = page.read_text()
    assert text.startswith("before\n<!-- figures -->\n\nMeasured on ")
    assert text.endswith("<!-- end of figures -->\nafter\n")
    assert "| y |" in text
    assert "old" not in text
    assert "| x |" not in text
    assert "cores" in machine()


def missing() -> list[BenchmarkResult]:
    raise EngineMissing("kafka is not here")


def failing() -> list[BenchmarkResult]:
    raise RuntimeError("the store | has\n3 of 4 points")


def simple() -> list[BenchmarkResult]:
    return [BenchmarkResult(name="x", value=1, wanted=1)]


def hanging() -> list[BenchmarkResult]:
    while True:
        time.sleep(0.01)


def test_a_benchmark_that_cannot_run_is_a_row_and_the_others_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "LONGEST", 1)
    runs = {"a": missing, "b": failing, "c": hanging, "d": simple}
    monkeypatch.setattr(table, "BENCHMARKS", runs)
    rows, failed = table.figures(list(runs))
    assert [cells[:2] for cells in rows] == [
        ("a", "not measured: kafka is not here"),
        ("b", "not measured: the store / has 3 of 4 points"),
        ("c", "not measured: not done after 1 s"),
        ("x", "1 ×"),
    ]
    assert {len(cells) for cells in rows} == {len(HEAD)}
    assert failed == ["b", "c"]


def test_the_page_is_written_when_a_benchmark_fails_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- figures -->\n<!-- end of figures -->\n")
    monkeypatch.setattr(table, "BENCHMARKS", {"a": failing, "b": simple})
    monkeypatch.setattr(scaling, "run", failing)
    monkeypatch.setattr("sys.argv", ["benchmarks", "--write", str(page)])
    assert table.main() == 1
    text = page.read_text()
    assert "| a | not measured: " in text
    assert "| x | 1 × |" in text
    assert "| scaling | not measured: " in text


def test_telegraf_is_a_peer_only_where_its_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TELEGRAF", raising=False)
    with pytest.raises(EngineMissing, match="TELEGRAF names no program: it is not set"):
        bridge.run_beside_telegraf()
    monkeypatch.setenv("TELEGRAF", "/nowhere/telegraf")
    with pytest.raises(EngineMissing, match="/nowhere/telegraf"):
        bridge.run_beside_telegraf()
