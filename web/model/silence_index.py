"""Silences by id, folded from the log of actions."""

from collections.abc import Iterator

from ward.action import Action, silences_after
from ward.clock import Micros
from ward.silence import Silence, SilenceState

_MAX_EXPIRED = 1000


class SilenceIndex:
    """All silences that are pending or active, and the newest of those that have expired."""

    def __init__(self) -> None:
        self._silences: dict[str, Silence] = {}
        self._offsets: dict[str, int] = {}

    def __iter__(self) -> Iterator[Silence]:
        return iter(self._silences.values())

    def apply(self, action: Action, offset: int) -> None:
        """Apply an action at `offset` of the log. One at an offset that was applied already is ignored."""
        if self._offsets.get(action.subject, -1) >= offset:
            return
        self.apply_written(action)
        if action.subject in self._silences:
            self._offsets[action.subject] = offset

    def apply_written(self, action: Action) -> None:
        """Apply an action that is durable but has not been read from the log yet. Applying it twice changes nothing."""
        silences_after(self._silences, action)
        self._evict(action.at)

    def get(self, silence: str) -> Silence | None:
        """A silence by its id."""
        return self._silences.get(silence)

    def unexpired(self, now: Micros) -> list[Silence]:
        """Pending and active silences, the earliest end first."""
        found = (silence for silence in self if silence.state(now) is not SilenceState.EXPIRED)
        return sorted(found, key=lambda silence: (silence.ends_at, silence.id))

    def of(self, alert: str) -> list[Silence]:
        """The silences that end together with one alert."""
        return [silence for silence in self if silence.alert == alert]

    def _evict(self, now: Micros) -> None:
        if len(self._silences) <= _MAX_EXPIRED:
            return
        expired = sorted((s.ends_at, s.id) for s in self if s.state(now) is SilenceState.EXPIRED)
        for _, id_ in expired[: max(0, len(expired) - _MAX_EXPIRED)]:
            del self._silences[id_]
            self._offsets.pop(id_, None)
