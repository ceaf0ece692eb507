"""The table, for a terminal and for a page."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.resource_usage import ResourceUsage
from benchmarks.result import BenchmarkResult

HEAD = ("what", "measured", "wanted", "", "readings/s", "CPU-s/M", "MB", "beside", "readings/s", "CPU-s/M", "MB")


def row(figure: BenchmarkResult) -> tuple[str, ...]:
    """A figure as cells."""
    sign = "≤" if figure.less else "≥"
    span = f" ({_number(min(figure.each))}–{_number(max(figure.each))})" if len(figure.each) > 1 else ""
    return (
        figure.name, f"{_number(figure.value)} {figure.unit}{span}", f"{sign} {_number(figure.wanted)} {figure.unit}",
        "met" if figure.met else "MISSED", *_cost(figure.ours), figure.beside, *_cost(figure.theirs),
    )  # fmt: skip


def print_results(figures: Sequence[BenchmarkResult]) -> None:
    """Print them."""
    print_grid("", HEAD, [row(figure) for figure in figures])


def print_grid(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table as wide as it is, in a pipe too."""
    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD)
    for name in head:
        table.add_column(name, justify="left" if name in ("what", "", "beside") else "right")
    for cells in rows:
        table.add_row(*cells)
    Console(width=180).print(table)


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The same for a page."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _cost(cost: ResourceUsage | None) -> tuple[str, str, str]:
    if cost is None:
        return "", "", ""
    return f"{cost.rate:,.0f}", _number(cost.cpu_a_million), f"{cost.memory:,.0f}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
