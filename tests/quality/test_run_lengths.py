"""The part of run lengths: what it reads, how it judges, and the piston rings."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quality import average_run_length, run_lengths
from quality.data import folder
from quality.exact_ewma import run_length
from quality.pistonrings import signals
from quality.row import Row

DATA = folder("spc_qcc")
needs_data = pytest.mark.skipif(DATA is None, reason="the data set spc_qcc is absent")

REFERENCE = """{
 "cusum_one_sided": [{"paper": "A", "k": 0.5, "h": 3, "mu": [0, 1.5], "arl": [117.59, 3.75]}],
 "cusum_two_sided": [{"paper": "B", "k": 0.5, "h": 4, "headstart": 2, "mu": [2], "arl": [2.01]}],
 "ewma_two_sided_fixed_limits": [{"paper": "C", "lambda": 0.5, "L": 2, "mu": [1], "arl": [4.91]}],
 "ewma_two_sided_exact_time_varying_limits": [
  {"paper": "D (varying)", "lambda": 0.05, "L": 3, "limits": "varying", "mu": [2], "arl": [2.8]}],
 "shewhart_runs_rules_champ_woodall_1987_table1": {"mu": [2.0], "C1_3sigma": [6.30], "C12_plus": [3.65]}
}"""


def write(folder_: Path, text: str) -> Path:
    (folder_ / "arl_reference.json").write_text(text, encoding="utf-8")
    rng = np.random.default_rng(1)
    rings = [f"{rng.normal(74, 0.01):.3f} {i // 5 + 1} {'TRUE' if i < 125 else 'FALSE'}" for i in range(200)]
    (folder_ / "pistonrings.txt").write_text("\n".join(["diameter sample trial", *rings]), encoding="utf-8")
    return folder_


def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str = REFERENCE) -> list[Row]:
    data = write(tmp_path, text)
    monkeypatch.setattr(run_lengths, "folder", lambda name: data)
    return [row for row in run_lengths.rows(True, lambda text: None) if row.part == run_lengths.PART]


def test_every_chart_of_the_reference_is_simulated_and_met(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = judged(tmp_path, monkeypatch)
    assert [row.what for row in found] == [
        "`cusum`, one side, k = 0.5, h = 3 (A)",
        "`cusum`, k = 0.5, h = 4, head start 2 (B)",
        "`ewma`, λ = 0.5, L = 2 (C)",
        "`ewma`, λ = 0.05, L = 3, exact limits (D (varying))",
        "`ewma`, λ = 0.05, L = 3, exact limits (by numerical integration)",
        "`shewhart`, rules 1 (Champ/Woodall 1987 table 1)",
        "`shewhart`, rules 1, 2 (Champ/Woodall 1987 table 1)",
    ]  # fmt: skip
    assert all(row.met for row in found), found


def test_a_wrong_run_length_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = json.loads(REFERENCE)
    wrong["cusum_one_sided"][0]["arl"] = [117.59, 3.25]
    first, *others = judged(tmp_path, monkeypatch, json.dumps(wrong))
    assert first.met is False
    assert "at shift 1.5" in first.ours
    assert first.published == "3.25"
    assert all(row.met for row in others)


def test_absent_data_are_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_lengths, "folder", lambda name: None)
    (row,) = run_lengths.rows(True, lambda text: None)
    assert row.met is None
    assert "spc_qcc` is absent" in row.note


def test_a_published_figure_is_open_by_half_its_last_digit() -> None:
    figure = run_lengths.Figure("paper", "chart", "cusum", {}, 0.0, 8.3, 0.1)
    assert run_lengths._off(8.34, figure) == 0
    assert run_lengths._off(8.45, figure) == pytest.approx(0.1 / 8.3)


def test_all_charts_of_the_data_set_are_known() -> None:
    if DATA is None:
        pytest.skip("the data set spc_qcc is absent")
    figures = run_lengths.figures(DATA / "arl_reference.json")
    text = json.loads((DATA / "arl_reference.json").read_text(encoding="utf-8"))
    shewhart = text.pop("shewhart_runs_rules_champ_woodall_1987_table1")
    tables = [table for name, group in text.items() if name != "source" for table in group]
    assert len(figures) == sum(len(table["arl"]) for table in tables) + 4 * len(shewhart["mu"])


def test_a_chart_that_never_signals_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(average_run_length, "_NEVER", 50)
    with pytest.raises(ValueError, match="10 series have not reached the limit after 51 values"):
        average_run_length.average("cusum", 0, series=10, limit=1000)


CUSUM, EWMA = {"slack": 0.5, "limit": 4.0}, {"weight": 0.5, "width": 3.071}
WITH_START, SLOW = {**CUSUM, "head_start": 2.0}, {"weight": 0.03, "width": 2.437}
RULES = {f"rule_{i}": False for i in (1, 2, 3, 4)} | {"rule_1": True}
# Lucas and Crosier 1982; Lucas and Saccucci 1990; Champ and Woodall 1987: at shifts of so many standard deviations.
PUBLISHED = [
    ("cusum", CUSUM, {0: 168, 0.5: 26.6, 1: 8.38, 2: 3.34}),
    ("cusum", WITH_START, {0: 149, 0.5: 20.1, 1: 5.29, 2: 2.01}),
    ("ewma", EWMA, {0: 500, 0.5: 88.8, 1: 17.5, 2: 3.63}),
    ("ewma", SLOW, {0: 500, 0.5: 29.3, 1: 12.6, 2: 5.99}),
    ("shewhart", RULES, {0: 370.4, 1: 43.89, 2: 6.30}),
    ("shewhart", RULES | {"rule_2": True}, {0: 225.44, 1: 20.01, 2: 3.65}),
    ("shewhart", RULES | {"rule_3": True}, {0: 166.05, 1: 12.66, 2: 3.68}),
    ("shewhart", RULES | {"rule_4": True}, {0: 152.73, 1: 14.58, 2: 4.89}),
]


@pytest.mark.parametrize(("detector", "settings", "published"), PUBLISHED)
def test_run_lengths_are_those_published(
    detector: str, settings: dict[str, Any], published: dict[float, float]
) -> None:
    """Without the data set too. 4,000 series: 5 % are three standard errors."""
    ours = {shift: average_run_length.average(detector, shift, 4000, 1987, **settings) for shift in published}
    assert ours == pytest.approx(published, rel=0.05)


def test_integration_finds_what_a_simulation_does() -> None:
    """A second way to the run lengths of exact limits. The first value alone is beyond with probability Φ(1)."""
    for shift in (1.5, 4.0):
        ours = average_run_length.average("ewma", shift, weight=0.05, width=3, exact=True)
        assert ours == pytest.approx(run_length(0.05, 3, shift), rel=0.02)
    assert run_length(0.05, 3, 4.0) > 1.159


def test_a_chart_signals_at_the_samples_beyond_its_limits() -> None:
    means = np.array([0.0, 3.5, 0.1, -3.2])
    assert signals("shewhart", means, {"target": 0, "sd": 1}) == [2, 4]


@needs_data
def test_piston_rings_signal_where_the_textbook_says() -> None:
    from quality.pistonrings import rows

    assert DATA is not None
    assert all(row.met for row in rows(DATA, lambda text: None))


def test_each_figure_is_simulated_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shifts: list[float] = []

    def average(detector: str, shift: float, *others: object, **settings: object) -> float:
        shifts.append(shift)
        return 1.0

    monkeypatch.setattr(run_lengths, "average", average)
    judged(tmp_path, monkeypatch)
    assert len(shifts) == len(run_lengths.figures(tmp_path / "arl_reference.json"))
