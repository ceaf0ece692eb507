"""Samples of metrics by name and labels, as programs send them in their heartbeats."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

_SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?", re.DOTALL)
_LABEL = re.compile(r'([a-zA-Z_]\w*)="(.*?)"(?:,|$)', re.DOTALL)


class Sample(NamedTuple):
    """One sample's labels and value."""

    labels: dict[str, str]
    value: float


class MetricSamples:
    """The samples of several processes, added up."""

    def __init__(self, parts: Iterable[Mapping[str, float]]) -> None:
        self._sums: defaultdict[str, float] = defaultdict(float)
        for part in parts:
            for name, value in part.items():
                self._sums[name] += value

    @cached_property
    def _samples(self) -> dict[str, list[Sample]]:
        found: dict[str, list[Sample]] = {}
        for key, value in self._sums.items():
            match = _SAMPLE.fullmatch(key)
            if match:
                labels = dict(_LABEL.findall(match[2] or ""))
                found.setdefault(match[1], []).append(Sample(labels, value))
        return found

    def all(self, name: str, **where: str) -> list[Sample]:
        """The samples of a metric whose labels include `where`."""
        return [s for s in self._samples.get(name, ()) if where.items() <= s.labels.items()]

    def sum(self, name: str, **where: str) -> float | None:
        """The sum of these samples; None without a sample."""
        found = self.all(name, **where)
        return sum(s.value for s in found) if found else None

    def by(self, name: str, label: str) -> dict[str, float]:
        """The sums of a metric by the value of one label."""
        sums: defaultdict[str, float] = defaultdict(float)
        for sample in self.all(name):
            sums[sample.labels.get(label, "")] += sample.value
        return dict(sums)
