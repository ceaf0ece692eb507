"""A silence: alerts that somebody wants to hear nothing of for a while, and why."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from ward.clock import Micros
from ward.matcher import Matcher


class SilenceState(StrEnum):
    """Where a silence stands at an instant."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


class Silence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Alerts whose labels satisfy every matcher are not told to anyone from `starts_at` until `ends_at`.

    They still exist, and the screen shows them. `alert` names an incarnation with which the
    silence ends too, should that be earlier. Raises `ValueError` for one that would silence everything.
    """

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: Micros
    ends_at: Micros
    by: str
    comment: str
    updated_at: Micros
    alert: str = ""

    def __post_init__(self) -> None:
        if all(matcher.holds({}) for matcher in self.matchers):
            raise ValueError(
                "a silence needs a matcher that an empty label does not satisfy, or it would silence everything"
            )
        if self.ends_at < self.starts_at:
            raise ValueError("a silence cannot end before it starts")

    def mutes(self, labels: Mapping[str, str]) -> bool:
        return all(matcher.holds(labels) for matcher in self.matchers)

    def state(self, at: Micros) -> SilenceState:
        if at >= self.ends_at:
            return SilenceState.EXPIRED
        return SilenceState.ACTIVE if at >= self.starts_at else SilenceState.PENDING

    def expired(self, at: Micros) -> "Silence":
        """The silence, over by `at`; one that had not begun never will."""
        start = min(self.starts_at, at)
        return msgspec.structs.replace(self, starts_at=start, ends_at=min(self.ends_at, at), updated_at=at)
