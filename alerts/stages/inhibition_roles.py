"""Which inhibition rules concern which alert, remembered from step to step."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from alerts.model.tracked_alert import TrackedAlert
from ward.config.alerting import Inhibition

EqualLabels = tuple[str, ...]


class Role(NamedTuple):
    """What an alert is to a rule, by its number: `key` has the values of its `equal` labels."""

    rule: int
    key: EqualLabels
    source: bool
    target: bool


class _Known(NamedTuple):
    labels: Mapping[str, str]
    roles: tuple[Role, ...]


class InhibitionRoles:
    """Matches an alert again only when its labels or the rules have changed.

    What is remembered is as much as there are alerts now.
    """

    def __init__(self) -> None:
        self._rules: Sequence[Inhibition] = ()
        self._known: dict[str, _Known] = {}

    def of(self, alerts: Iterable[TrackedAlert], rules: Sequence[Inhibition]) -> Mapping[str, tuple[Role, ...]]:
        """The roles of each alert that has some, by id."""
        before = self._known if rules is self._rules else {}
        self._rules, self._known = rules, {}
        found = {}
        for tracked in alerts:
            id_, labels = tracked.alert.id, tracked.alert.labels
            known = before.get(id_)
            if known is None or (known.labels is not labels and known.labels != labels):
                known = _Known(labels, tuple(_roles(labels, rules)))
            self._known[id_] = known
            if known.roles:
                found[id_] = known.roles
        return found


def _roles(labels: Mapping[str, str], rules: Sequence[Inhibition]) -> Iterable[Role]:
    for number, rule in enumerate(rules):
        key = tuple(labels.get(name, "") for name in rule.equal)
        if all(key):
            source = all(matcher.matches(labels) for matcher in rule.source)
            target = all(matcher.matches(labels) for matcher in rule.target)
            if source or target:
                yield Role(number, key, source, target)
