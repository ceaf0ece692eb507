"""Which silences match which alert, remembered from step to step."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from alerts.model.timed_silence import TimedSilence
from alerts.model.tracked_alert import TrackedAlert
from ward.clock import Micros
from ward.matcher import Matcher


class _Matches(NamedTuple):
    """The labels of an alert, and the ids of the silences that match them."""

    labels: Mapping[str, str]
    silences: frozenset[str]


class SilenceMatches:
    """Matches an alert again only when its labels have changed, and a silence only when its matchers are new.

    Time is not remembered: each step asks which silences are active. What is remembered is as much as there are alerts
    and silences now.
    """

    def __init__(self) -> None:
        self._matchers: dict[str, tuple[Matcher, ...]] = {}
        self._alerts: dict[str, _Matches] = {}

    def __len__(self) -> int:
        """How many alerts and silences are remembered."""
        return len(self._alerts) + len(self._matchers)

    def active(
        self, alerts: Sequence[TrackedAlert], silences: Sequence[TimedSilence], now: Micros
    ) -> Mapping[str, tuple[str, ...]]:
        """By id of the alert, the ids of the silences that mute it at `now` (steady time), in the given order."""
        self._update(alerts, [timed for timed in silences if timed.end > now])
        active = [timed.silence.id for timed in silences if timed.start <= now < timed.end]
        if not active:
            return {}
        found = {}
        for id_, known in self._alerts.items():
            if known.silences and (by := tuple(one for one in active if one in known.silences)):
                found[id_] = by
        return found

    def _update(self, alerts: Iterable[TrackedAlert], silences: Iterable[TimedSilence]) -> None:
        matchers = {timed.silence.id: timed.silence.matchers for timed in silences}
        new = {id_: ms for id_, ms in matchers.items() if self._matchers.get(id_) != ms}
        gone = frozenset(self._matchers) - matchers.keys() | new.keys()
        known, self._alerts, self._matchers = self._alerts, {}, matchers
        for tracked in alerts:
            id_, labels = tracked.alert.id, tracked.alert.labels
            before = known.get(id_)
            if before is None or (before.labels is not labels and before.labels != labels):
                self._alerts[id_] = _Matches(labels, _matching(matchers, labels))
            elif new or gone:
                self._alerts[id_] = _Matches(labels, before.silences - gone | _matching(new, labels))
            else:
                self._alerts[id_] = before


def _matching(silences: Mapping[str, tuple[Matcher, ...]], labels: Mapping[str, str]) -> frozenset[str]:
    return frozenset(id_ for id_, matchers in silences.items() if all(matcher.matches(labels) for matcher in matchers))
