"""Plots: peaks stay, a page needs nothing else, and no text from outside is markup."""

import re
import struct
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.detect import curve as curve_module
from app.detect.curve import Curve
from app.detect.plots.axis import number_ticks, time_ticks
from app.detect.plots.drawing import drawing, path
from app.detect.reading.times import ROW_NUMBERS, TimeFormat
from app.detect.row_state import RowState
from app.detect.series import Evaluated
from tests.app.calling import call
from tests.app.detect.files import CUSUM, series, stepped, write

NAN = float("nan")


def evaluated(score: object, alert: object = None, state: object = None) -> Evaluated:
    scores = np.asarray(score, dtype=float)
    return Evaluated(
        scores, np.zeros(len(scores), dtype=np.int8) if state is None else np.asarray(state, dtype=np.int8),
        np.zeros(len(scores), dtype=bool) if alert is None else np.asarray(alert, dtype=bool),
    )  # fmt: skip


def filled(x: object, t: object, found: Evaluated, cuts: list[int] | None = None, name: str = "x") -> Curve:
    values, times = np.asarray(x, dtype=float), np.asarray(t, dtype=float)
    curve = Curve(name, len(values))
    edges = [0, *sorted(cuts or []), len(values)]
    for begin, end in pairwise(edges):
        part = Evaluated(found.score[begin:end], found.state[begin:end], found.alert[begin:end])
        curve.add(values[begin:end], times[begin:end], part)
    return curve


@given(
    st.integers(1, 80), st.integers(0, 10_000), st.lists(st.integers(0, 80), max_size=4) | st.just([*range(0, 80, 3)])
)
def test_the_highest_and_lowest_values_and_scores_and_every_alert_stay(n: int, seed: int, cuts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    values = np.where(rng.random(n) < 0.2, NAN, rng.normal(0, 100, n))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curve_module, "POINTS", 10)
        alert = np.arange(n) == n // 2
        found = filled(values, range(n), evaluated(np.abs(values), alert), [min(cut, n) for cut in cuts])
    t, x = found.values()
    assert len(found.begin) == min(n, 10)
    if not np.isnan(values).all():
        assert np.nanmax(x) == np.nanmax(values)
        assert np.nanmin(x) == np.nanmin(values)
        assert np.nanmax(found.score) == np.nanmax(np.abs(values))
        for i in np.flatnonzero(x == np.nanmax(values)):  # at its own time
            assert values[int(t[i])] == x[i]
    assert found.alert.any()
    known = t[~np.isnan(t)]
    assert (np.diff(known) >= 0).all()


def test_a_gap_in_time_breaks_the_line() -> None:
    times = [0, 1, 2, 3, 4, 500, 501, 502]
    t, x = filled(range(8), times, evaluated([0.1] * 8)).values()
    broken = np.flatnonzero(np.isnan(t))
    assert len(broken) == 1
    assert (float(t[broken[0] - 1]), float(t[broken[0] + 1])) == (4, 500)
    assert np.isnan(x[broken]).all()


def test_alerts_and_warming_up_are_spans_of_time() -> None:
    state = [RowState.WARMING_UP] * 2 + [RowState.OK] * 6
    found = filled(range(8), range(10, 18), evaluated([0.1] * 8, [0, 0, 0, 1, 1, 0, 0, 1], state))
    assert list(found.spans(found.warm)) == [(10, 12)]
    assert list(found.spans(found.alert)) == [(13, 15), (17, 17)]


def test_a_drawing_of_equal_values_or_of_none_is_no_fault() -> None:
    assert "<svg" in drawing(filled([5.0] * 3, [1, 1, 1], evaluated([0.1] * 3)), ROW_NUMBERS)
    assert "No value is there" in drawing(filled([NAN] * 3, [NAN] * 3, evaluated([NAN] * 3)), ROW_NUMBERS)


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(2, 9))
def test_ticks_are_few_inside_and_evenly_spaced(low: float, span: float, most: int) -> None:
    high = low + span
    for ticks in (number_ticks(low, high, most), time_ticks(low, high, most)):
        assert len(ticks) <= most + 1
        assert all(low - span * 1e-6 - 1e-6 <= tick <= high + span * 1e-6 + 1e-6 for tick in ticks)


def test_times_have_round_ticks() -> None:
    assert time_ticks(0, 86_400, 5) == [0, 21_600, 43_200, 64_800, 86_400]
    assert time_ticks(100, 100, 5) == [100]


def test_a_page_is_whole_and_escapes_what_comes_from_the_file(tmp_path: Path) -> None:
    text = "time,<script>alert(1)</script>\n" + "".join(
        f"2026-01-01T00:{i:02}:00Z,{20 + 9 * (i > 40)}\n" for i in range(60)
    )
    page = tmp_path / "a.html"
    found = call("detect", write(tmp_path / "<b>.csv", text), *CUSUM, "--plot", page)
    assert found.exit_code == 0, found.output
    html = page.read_text()
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;" in html
    assert re.findall(r"(?:https?:)?//|@import|url\(|<link|<img|src=", html) == []
    assert "<p>1 alert.</p>" in html
    assert "2026-01-01 00:41:00" in html
    assert len(page.read_bytes()) < 20_000


def test_the_line_of_a_page_goes_through_the_values() -> None:
    assert path([0, 10, NAN, 20], [5, 6, 1, 7]) == "M0 5L10 6M20 7h0"
    svg = drawing(filled([1, 3, 2], [0, 5, 10], evaluated([NAN, 0.5, 1.0])), TimeFormat("numbers", 1.0))
    assert '<path d="M70 258.2L510 21.8L950 140"' in svg  # 5 % of room above and below
    assert "L950 290" in svg  # a score of 1 is the upper edge


def test_each_series_has_a_drawing(tmp_path: Path) -> None:
    text = "time,a,b\n" + "".join(f"{i},{i % 7},{i % 5}\n" for i in range(60))
    page = tmp_path / "a.html"
    assert call("detect", write(tmp_path / "a.csv", text), *CUSUM, "--each", "--plot", page).exit_code == 0
    assert page.read_text().count("<svg") == 2


def test_an_image_is_a_small_png(tmp_path: Path) -> None:
    image = tmp_path / "a.PNG"
    found = call("detect", series(tmp_path / "a.csv", stepped(400, 200)), *CUSUM, "--plot", image)
    assert found.exit_code == 0, found.output
    data = image.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24]) == (960, 400)
    assert data[25] == 3  # with a palette
    assert len(data) < 60_000


def test_without_matplotlib_a_image_is_refused_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    path_ = series(tmp_path / "a.csv", [1, 2])
    found = call("detect", path_, *CUSUM, "--plot", tmp_path / "a.png", "--out", tmp_path / "out.csv")
    assert found.exit_code == 2
    assert "pip install 'wardwatch[plot]'" in found.stderr
    assert not (tmp_path / "out.csv").exists()
    assert call("detect", path_, *CUSUM, "--plot", tmp_path / "a.html").exit_code == 0
