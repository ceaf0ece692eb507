"""A rule in the making: what it will be, and where each part of it stands in which file."""

from collections.abc import Sequence
from dataclasses import dataclass

from ward.config.rule import Override, Rule
from ward.config.yaml.document import Document, KeyPath


@dataclass(frozen=True, slots=True)
class UncheckedRule:
    """A rule, with the path of its settings and, for each of its overrides, the path of what that one sets.

    `side` is `above` or `below` for a rule of thresholds.yaml, whose overrides are bounded by `loosest`.
    """

    rule: Rule
    document: Document
    path: KeyPath
    changes: tuple[KeyPath, ...] = ()
    side: str = ""
    loosest: float | None = None

    def overrides(self, numbers: Sequence[int]) -> list[Override]:
        return [self.rule.overrides[i] for i in numbers]

    def blamed(self, numbers: Sequence[int], key: str | None) -> KeyPath:
        """Where a fault of some overrides together belongs: the one that decides, or the rule itself.

        Of several the most specific decides; of those that do not set `key`, none.
        """
        rule = self.rule
        setting = [i for i in numbers if key is None or key in rule.overrides[i].set]
        if not setting:
            return self.path
        return self.changes[max(setting, key=lambda i: (rule.overrides[i].where.weight, i))]
