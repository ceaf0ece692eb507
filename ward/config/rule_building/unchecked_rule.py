"""A rule that is not checked yet, with the place of each of its parts in the files."""

from collections.abc import Sequence
from dataclasses import dataclass

from ward.config.rule import Override, Rule
from ward.config.yaml.document import Document, KeyPath


@dataclass(frozen=True, slots=True)
class UncheckedRule:
    """A rule, with the path of its settings and, for each of its overrides, the path of the settings it changes.

    `side` is `above` or `below` for a rule of thresholds.yaml, whose overrides are bounded by `loosest`.
    """

    rule: Rule
    document: Document
    path: KeyPath
    changes: tuple[KeyPath, ...] = ()
    side: str = ""
    loosest: float | None = None

    def overrides(self, numbers: Sequence[int]) -> list[Override]:
        """The overrides with these numbers."""
        return [self.rule.overrides[i] for i in numbers]

    def fault_path(self, numbers: Sequence[int], key: str | None) -> KeyPath:
        """The path for a fault that these overrides have together: the most specific that sets `key`, else the rule."""
        rule = self.rule
        setting = [i for i in numbers if key is None or key in rule.overrides[i].set]
        if not setting:
            return self.path
        return self.changes[max(setting, key=lambda i: (rule.overrides[i].where.specificity, i))]
