"""A silence measured in steady time."""

import msgspec
from msgspec.structs import replace

from alerts.model.now import Now
from ward.clock import Micros
from ward.silence import Silence


class TimedSilence(msgspec.Struct, frozen=True, kw_only=True):
    """A silence with its start and end in steady time, so that a step of the wall clock moves neither."""

    silence: Silence
    start: Micros
    end: Micros

    @classmethod
    def of(cls, silence: Silence, now: Now) -> "TimedSilence":
        """A silence as it was meant at `now`: so many seconds from now until so many seconds from now."""
        offset = now.steady - now.wall
        return cls(silence=silence, start=silence.starts_at + offset, end=silence.ends_at + offset)

    def expired(self, now: Now) -> "TimedSilence":
        """The silence, ended at `now`."""
        return replace(self, silence=self.silence.expired(now.wall), end=min(self.end, now.steady))
