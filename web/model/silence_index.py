"""The silences, as the log of actions tells them."""

from collections.abc import Iterator

from ward.action import Action, silences_after
from ward.clock import Micros
from ward.silence import Silence, SilenceState

_MOST_OVER = 1000


class SilenceIndex:
    """Silences by id: all that are not over, and the newest of those that are."""

    def __init__(self) -> None:
        self._silences: dict[str, Silence] = {}
        self._offsets: dict[str, int] = {}

    def __iter__(self) -> Iterator[Silence]:
        return iter(self._silences.values())

    def take(self, action: Action, offset: int) -> None:
        """Fold an action of the log in. Read again by a follower made anew, it changes nothing."""
        if self._offsets.get(action.subject, -1) >= offset:
            return
        self.fold(action)
        if action.subject in self._silences:
            self._offsets[action.subject] = offset

    def fold(self, action: Action) -> None:
        """Fold an action in that is durable, though it has not come back from the log yet. Twice is as good as once."""
        silences_after(self._silences, action)
        self._forget(action.at)

    def get(self, silence: str) -> Silence | None:
        """A silence by its id."""
        return self._silences.get(silence)

    def standing(self, now: Micros) -> list[Silence]:
        """Those that are not over, the one that ends first being first."""
        found = (silence for silence in self if silence.state(now) is not SilenceState.EXPIRED)
        return sorted(found, key=lambda silence: (silence.ends_at, silence.id))

    def of(self, alert: str) -> list[Silence]:
        """Those that end with one alert."""
        return [silence for silence in self if silence.alert == alert]

    def _forget(self, now: Micros) -> None:
        if len(self._silences) <= _MOST_OVER:
            return
        over = sorted((s.ends_at, s.id) for s in self if s.state(now) is SilenceState.EXPIRED)
        for _, id_ in over[: max(0, len(over) - _MOST_OVER)]:
            del self._silences[id_]
            self._offsets.pop(id_, None)
