"""Messages with one metric each: its name in one place, its value in another."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from bridge.codecs.mapped_values import look_up, quoted
from bridge.refusal import RefusalReason, Refused
from ward.config.mapping.json_path import ABSENT, as_text
from ward.config.mapping.schema import MappedMetric, MappingEntry
from ward.ids import printable


class OneMetric:
    """Reads the metric of a message, by `metric` of a mapping."""

    def __init__(self, entry: MappingEntry, metric: MappedMetric) -> None:
        self._metric = metric
        self._names = {step for value in entry.values.values() for step in value.path.steps}

    def ignores_topic(self, levels: Sequence[str]) -> bool:
        """Whether the topic alone names a metric that is not ours: its payload need not be JSON."""
        return self._metric.topic is not None and self._ignores(self._in_topic(levels))

    def of(self, levels: Sequence[str], root: Any, entry: Any) -> dict[str, Any] | None:
        """The value by its metric's name; None for a metric that is not ours. Raises `Refused` for an unknown one."""
        name = self._in_topic(levels) if self._metric.path is None else self._in_payload(root, entry)
        if self._ignores(name):
            return None
        if name not in self._names:
            why = f"the metric '{printable(name, 80)}' is none of `values`: add it there, or to `ignore` under `metric`"
            raise Refused(RefusalReason.SCHEMA, why)
        return {name: look_up(self._metric.value, root, entry)}

    def _ignores(self, name: str) -> bool:
        return name not in self._names and any(fnmatchcase(name, pattern) for pattern in self._metric.ignore)

    def _in_topic(self, levels: Sequence[str]) -> str:
        level = self._metric.topic or 0
        return levels[level - 1] if level <= len(levels) else ""

    def _in_payload(self, root: Any, entry: Any) -> str:
        assert self._metric.path is not None
        found = look_up(self._metric.path, root, entry)
        if not as_text(found):
            where = f"the metric's name at `{self._metric.path}`"
            raise Refused(RefusalReason.SCHEMA, f"{where} is {'missing' if found is ABSENT else quoted(found)}")
        return as_text(found)
