"""What goes through the chain: all open cases at one moment, with what each stage has found out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import NamedTuple

import msgspec
from msgspec import structs

from alerts.storage.state_file import OutboxEntry
from alerts.tracking.tracked_alert import Group, RouteMatch, TimedSilence, TrackedAlert
from ward.clock import Micros
from ward.config.config import Config
from ward.finding import Severity
from ward.reason import Reason

NEVER: Micros = 1 << 62


class RouteMatches(NamedTuple):
    """Where an alert leads: its paths, and after how many seconds whom else while nobody has it."""

    paths: tuple[RouteMatch, ...]
    ladder: tuple[tuple[float, RouteMatch], ...]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A case on its way. `muted` is why nobody may hear of it now, `reason` what was decided at last.

    `ladder` is whom else to tell, and after how many seconds, while nobody has it. `waiting` says
    that something of it is still to be told at a later time.
    """

    case: TrackedAlert
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()
    muted: Reason | None = None
    paths: tuple[RouteMatch, ...] = ()
    ladder: tuple[tuple[float, RouteMatch], ...] = ()
    reason: Reason | None = None
    waiting: bool = False

    def mute(self, why: Reason) -> "Item":
        """The item, muted; the first reason stays."""
        return self if self.muted else structs.replace(self, muted=why)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """An item on one of its paths."""

    item: Item
    path: RouteMatch


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertGroup:
    """What one receiver is told together, in the order in which it began."""

    group: Group
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What a receiver is to be told now: news, each with its reason, and what else is still active."""

    group: Group
    news: tuple[tuple[Member, Reason], ...]
    also: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Everything the stages work on. `wake` is the steady time at which the chain has work again.

    `ways` remembers where alerts lead with this config, by id and severity: their other labels never change.
    """

    now: Micros
    wall: Micros
    config: Config
    items: tuple[Item, ...]
    silences: tuple[TimedSilence, ...] = ()
    groups: Mapping[str, Group] = field(default_factory=dict)
    gatherings: tuple[AlertGroup, ...] = ()
    tellings: tuple[Notification, ...] = ()
    letters: tuple[OutboxEntry, ...] = ()
    wake: Micros = NEVER
    ways: dict[tuple[str, Severity], RouteMatches] = field(default_factory=dict)

    def each(self, change: Callable[[Item], Item]) -> "Batch":
        """The batch with each item changed."""
        return replace(self, items=tuple(change(item) for item in self.items))

    def woken(self, at: Micros) -> "Batch":
        """The batch, to be looked at again at `at` if not before."""
        return self if at >= self.wake else replace(self, wake=at)


Stage = Callable[[Batch], Batch]


def chain(*stages: Stage) -> Stage:
    """One stage after the other."""

    def run(batch: Batch) -> Batch:
        return reduce(lambda so_far, stage: stage(so_far), stages, batch)

    return run
