"""Generates the table of docs/metrics.md from the metrics: `python -m app.reference.metrics`."""

import re
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

from ward.metrics import Metrics

DOCUMENT = Path("docs/metrics.md")
_BLOCK = re.compile(r"(<!-- table: metrics -->\n).*?(<!-- end -->)", re.DOTALL)


def names() -> list[str]:
    """Every metric, as `/metrics` has it."""
    return [_name(metric) for metric in _metrics()]


def labels() -> dict[str, tuple[str, ...]]:
    """The names of the labels of every metric, by the name of the metric."""
    return {_name(metric): metric._labelnames for metric in _metrics()}  # the library has no public attribute for it


def with_tables(text: str) -> str:
    """The text with the table generated from the metrics."""
    return _BLOCK.sub(lambda found: f"{found[1]}{table()}\n{found[2]}", text)


def table() -> str:
    """All metrics: name, kind, labels, description."""
    rows = [("metric", "kind", "labels", "what it is"), ("---",) * 4, *map(_row, _metrics())]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _metrics() -> Iterator[MetricWrapperBase]:
    return (metric for metric in vars(Metrics()).values() if isinstance(metric, MetricWrapperBase))


def _row(metric: MetricWrapperBase) -> tuple[str, ...]:
    (family,) = metric.describe()
    shown = ", ".join(f"`{label}`" for label in metric._labelnames)
    return f"`{_name(metric)}`", family.type, shown, family.documentation


def _name(metric: MetricWrapperBase) -> str:
    """A counter's samples end in `_total`, which its family does not."""
    (family,) = metric.describe()
    return f"{family.name}_total" if family.type == "counter" else family.name


if __name__ == "__main__":
    DOCUMENT.write_text(with_tables(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
