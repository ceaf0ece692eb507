"""A silence: for a while no notifications are sent about some alerts."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from ward.clock import Micros
from ward.matcher import Matcher


class SilenceState(StrEnum):
    """Whether a silence is still to start, active, or over."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


class Silence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """No notifications about alerts whose labels satisfy every matcher, from `starts_at` until `ends_at`.

    The screen still shows the alerts. `alert` is the id of an alert with which the silence ends, if that is earlier.
    Raises `ValueError` for one that would match every alert, and for one that ends before it starts.
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
        if all(matcher.matches({}) for matcher in self.matchers):
            raise ValueError(
                "a silence needs a matcher that an empty label does not satisfy, or it would silence everything"
            )
        if self.ends_at < self.starts_at:
            raise ValueError("a silence cannot end before it starts")

    def mutes(self, labels: Mapping[str, str]) -> bool:
        """Whether it matches an alert with these labels."""
        return all(matcher.matches(labels) for matcher in self.matchers)

    def state(self, at: Micros) -> SilenceState:
        """Its state at an instant (microseconds since 1970)."""
        if at >= self.ends_at:
            return SilenceState.EXPIRED
        return SilenceState.ACTIVE if at >= self.starts_at else SilenceState.PENDING

    def expired(self, at: Micros) -> "Silence":
        """The silence, ended at `at`; one that had not started never will."""
        start = min(self.starts_at, at)
        return msgspec.structs.replace(self, starts_at=start, ends_at=min(self.ends_at, at), updated_at=at)
