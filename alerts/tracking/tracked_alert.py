"""A case: an alert together with what the pipeline must remember about it."""

import msgspec
from msgspec.structs import replace

from ward.alert import Alert
from ward.clock import Micros
from ward.finding import Kind
from ward.silence import Silence


class RouteMatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One way from an alert to a receiver: whom, in which group, and with which patience.

    `channels` and `resolved` are the receiver's at that time. `escalated` says that it is there
    only because nobody had the alert, `mute` names the times at which it is quiet. Spans are seconds; a
    `repeat` of 0 is never.
    """

    receiver: str
    channels: tuple[str, ...]
    group: str
    wait: float
    interval: float
    repeat: float
    resolved: bool = True
    escalated: bool = False
    mute: tuple[str, ...] = ()


class LastNotification(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a receiver was last told of an alert, when (steady), and on which way."""

    path: RouteMatch
    rank: int
    at: Micros
    lost: bool = False
    over: bool = False


class Instant(msgspec.Struct, frozen=True):
    """Now: on the wall clock, which people read, and in steady time, which waits are measured with."""

    wall: Micros
    steady: Micros


class TrackedAlert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An alert and the pipeline's own memory of it. All instants here are steady ones.

    `begun`: when it was first known. `changed`: when it last changed in a way that people want to
    hear of. `unowned`: since when nobody has it. `hold`: until when a late one waits for its end.
    `lapse`: when an alert of another system is no longer believed unless it is posted again; 0 is never.
    `known`: ids of the findings that are in it, so that a replay changes nothing. `told`: by
    receiver. `first_told`: when the first of them was. `seen` (on the wall): when the
    newest reading behind it came in.
    """

    alert: Alert
    begun: Micros
    changed: Micros
    unowned: Micros
    hold: Micros = 0
    lapse: Micros = 0
    known: tuple[str, ...] = ()
    told: dict[str, LastNotification] = {}
    first_told: Micros | None = None
    seen: Micros = 0

    @property
    def place(self) -> str:
        """The bed, or the device where there is none: what the first alert of each is told at once for."""
        return self.alert.labels.get("bed") or self.alert.labels.get("device_id", "")

    @property
    def physiological(self) -> bool:
        return self.alert.kind is Kind.PHYSIOLOGICAL

    @property
    def waits_for_someone(self) -> bool:
        """Whether it is active and nobody has it."""
        return self.alert.active and self.alert.ack is None

    def with_alert(self, **changes: object) -> "TrackedAlert":
        """The case with some fields of its alert changed."""
        return replace(self, alert=replace(self.alert, **changes))


class Group(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a group of a receiver was last told anything (steady), and how often it was."""

    key: str
    notified_at: Micros = 0
    count: int = 0


class TimedSilence(msgspec.Struct, frozen=True, kw_only=True):
    """A silence with its begin and end in steady time, so that a step of the wall clock moves neither."""

    silence: Silence
    start: Micros
    end: Micros

    def mutes(self, alert: Alert, now: Micros) -> bool:
        return self.start <= now < self.end and self.silence.mutes(alert.labels)
