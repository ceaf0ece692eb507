"""Run lengths of the control charts: every published value, simulated through the detectors' own `update`."""

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from quality.average_run_length import average
from quality.data import Progress, absent, folder
from quality.exact_ewma import run_length
from quality.pistonrings import rows as pistonrings
from quality.row import Row

SEED = 1987
PART = "Run lengths"
# So many series for each figure; a figure is met within 2 %.
SERIES, QUICK_SERIES = 100_000, 4_000
WITHIN, QUICK_WITHIN = 0.02, 0.06
# For smaller shifts the integration takes minutes.
_INTEGRATED_FROM = 0.5
_APPROXIMATE = (
    "the published figures are an approximation: at a shift of 4 the first value alone is beyond its limit with "
    "probability Φ(1) = 0.841, so no run length can be below 1.159; see the next row; "
)
_RULES = {"C1": (1,), "C12": (1, 2), "C13": (1, 3), "C14": (1, 4)}


class Figure(NamedTuple):
    """One published run length: of which chart, for which shift in standard deviations, and how much its last digit
    leaves open."""

    paper: str
    chart: str
    detector: str
    settings: dict[str, Any]
    shift: float
    published: float
    digit: float
    two_sided: bool = True


def rows(quick: bool, progress: Progress) -> Iterator[Row]:
    """One row for each chart of each paper, with the figure that is farthest from the published one."""
    data = folder("spc_qcc")
    if data is None:
        yield from absent(PART, "run lengths and pistonrings", "spc_qcc", "within 2 %")
        return
    charts: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures(data / "arl_reference.json"):
        charts.setdefault((figure.paper, figure.chart), []).append(figure)
    for (paper, chart), of_chart in charts.items():
        some = of_chart[:: max(1, len(of_chart) // 2)] if quick else of_chart
        found = list(_simulated(some, QUICK_SERIES if quick else SERIES, progress))
        yield _row(paper, chart, found, quick)
        if chart.endswith("exact limits"):
            again = [(_integrated(figure), ours) for figure, ours in found if figure.shift >= _INTEGRATED_FROM]
            yield _row("by numerical integration", chart, again, quick)
    yield from pistonrings(data, progress)


def figures(path: Path) -> list[Figure]:
    """All published run lengths that a chart of ours has."""
    text = path.read_text(encoding="utf-8")
    known = json.loads(text, parse_float=_Decimal)
    return [*_one_sided(known), *_two_sided(known), *_averages(known), *_runs_rules(known)]


class _Decimal(float):
    """A number with the digits that it is written with."""

    digit: float

    def __new__(cls, text: str) -> "_Decimal":
        number = super().__new__(cls, text)
        number.digit = 10.0 ** -len(text.partition(".")[2])
        return number


def _figure(paper: str, chart: str, detector: str, settings: dict[str, Any], shift: float, arl: float) -> Figure:
    return Figure(paper, chart, detector, settings, float(shift), float(arl), getattr(arl, "digit", 1.0))


def _one_sided(known: Any) -> Iterator[Figure]:
    for table in known["cusum_one_sided"]:
        for shift, arl in zip(table["mu"], table["arl"], strict=True):
            settings = {"slack": float(table["k"]), "limit": float(table["h"])}
            chart = f"`cusum`, one side, k = {table['k']}, h = {table['h']}"
            yield _figure(table["paper"], chart, "cusum", settings, shift, arl)._replace(two_sided=False)


def _two_sided(known: Any) -> Iterator[Figure]:
    for table in known["cusum_two_sided"]:
        start = float(table.get("headstart", 0))
        for shift, arl in zip(table["mu"], table["arl"], strict=True):
            settings = {"slack": float(table["k"]), "limit": float(table["h"]), "head_start": start}
            chart = f"`cusum`, k = {table['k']}, h = {table['h']}" + (f", head start {start:g}" if start else "")
            yield _figure(table["paper"], chart, "cusum", settings, shift, arl)


def _averages(known: Any) -> Iterator[Figure]:
    for kind in ("ewma_two_sided_fixed_limits", "ewma_two_sided_exact_time_varying_limits"):
        for table in known[kind]:
            exact = table.get("limits") == "varying"
            for shift, arl in zip(table["mu"], table["arl"], strict=True):
                settings = {"weight": float(table["lambda"]), "width": float(table["L"]), "exact": exact}
                chart = f"`ewma`, λ = {table['lambda']}, L = {table['L']}" + (", exact limits" if exact else "")
                yield _figure(table["paper"], chart, "ewma", settings, shift, arl)


def _runs_rules(known: Any) -> Iterator[Figure]:
    table = known["shewhart_runs_rules_champ_woodall_1987_table1"]
    for name, lengths in table.items():
        used = _RULES.get(name.partition("_")[0])
        for shift, arl in zip(table["mu"], lengths, strict=True) if used else ():
            settings = {f"rule_{i}": i in (used or ()) for i in (1, 2, 3, 4)}
            chart = "`shewhart`, rules " + ", ".join(map(str, used or ()))
            yield _figure("Champ/Woodall 1987 table 1", chart, "shewhart", settings, shift, arl)


def _row(paper: str, chart: str, found: Sequence[tuple[Figure, float]], quick: bool) -> Row:
    """The row of some figures, each with our run length."""
    series, within = (QUICK_SERIES, QUICK_WITHIN) if quick else (SERIES, WITHIN)
    worst, ours = max(found, key=lambda one: _off(one[1], one[0]))
    off = _off(ours, worst)
    note = _APPROXIMATE if "varying" in paper else ""
    lengths = "; ".join(f"{figure.shift:g}: {length:.4g}" for figure, length in found)
    return Row(
        PART, f"{chart} ({paper})", f"{off:.1%} off at shift {worst.shift:g}: {ours:.4g}", f"≤ {within:.0%}",
        f"{worst.published:.4g}", off <= within, f"{note}{len(found)} figures of {series:,} series; shift: {lengths}",
    )  # fmt: skip


def _integrated(figure: Figure) -> Figure:
    """The figure that integration finds, in the place of the published one."""
    weight, width = figure.settings["weight"], figure.settings["width"]
    return figure._replace(published=run_length(weight, width, figure.shift), digit=0.0)


def _simulated(some: Sequence[Figure], series: int, progress: Progress) -> Iterator[tuple[Figure, float]]:
    """The run lengths by simulation: of both sides, or of the upper sum alone."""
    for figure in some:
        of = None if figure.two_sided else "high"
        ours = average(figure.detector, figure.shift, series, SEED, of=of, **figure.settings)
        progress(f"{figure.chart}, shift {figure.shift:g}: {ours:.4g}, published {figure.published:g}")
        yield figure, ours


def _off(ours: float, figure: Figure) -> float:
    """The relative difference from what the published figure may have been before it was rounded."""
    beyond = max(0.0, abs(ours - figure.published) - figure.digit / 2)
    return beyond / figure.published if figure.published else math.inf
