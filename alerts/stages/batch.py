"""What goes through the stages: all tracked alerts of one step, with what each stage has decided about them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

import msgspec
from msgspec import structs

from alerts.model.group_state import GroupState
from alerts.model.now import Now
from alerts.model.outbox_entry import OutboxEntry
from alerts.model.route_match import RouteMatch
from alerts.model.routed_alert import NEVER, RoutedAlert
from alerts.model.timed_silence import TimedSilence
from alerts.model.tracked_alert import TrackedAlert
from alerts.routing.alert_routes import RouteCache
from alerts.stages.inhibition_roles import InhibitionRoles
from alerts.stages.silence_matches import SilenceMatches
from ward.clock import Micros
from ward.config.config import Config
from ward.reason import Reason


class BatchItem(msgspec.Struct, frozen=True, kw_only=True):
    """A tracked alert in the chain. `muted` is why no receiver may be notified, `reason` the last decision about it.

    `escalations` are the routes to add, and after how many seconds, while nobody has acknowledged. `pending` says
    that a notification about it is still to come.
    """

    tracked: TrackedAlert
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()
    muted: Reason | None = None
    routes: tuple[RouteMatch, ...] = ()
    escalations: tuple[tuple[float, RouteMatch], ...] = ()
    reason: Reason | None = None
    pending: bool = False

    @property
    def id(self) -> str:
        """The id of the alert."""
        return self.tracked.alert.id

    def mute(self, reason: Reason) -> "BatchItem":
        """The item, muted; the first reason stays."""
        return self if self.muted else structs.replace(self, muted=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertGroup:
    """The alerts that one receiver is notified of together, oldest first.

    `dedup` fills `updates` with those of the notification that is due now, empty when none is, and `still_active`
    with those the receiver knows already and that go on.
    """

    state: GroupState
    members: tuple[RoutedAlert, ...]
    updates: tuple[RoutedAlert, ...] = ()
    still_active: tuple[RoutedAlert, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertBatch:
    """Everything the stages work on.

    `wake_at` (steady time) is when the chain has something to decide again even if nothing happens until then.
    `outbox` holds the messages that were written. `silence_matches` and `inhibition_roles` remember what
    earlier steps have matched.
    """

    now: Now
    config: Config
    routes: RouteCache
    items: tuple[BatchItem, ...]
    silences: tuple[TimedSilence, ...] = ()
    silence_matches: SilenceMatches = field(default_factory=SilenceMatches)
    inhibition_roles: InhibitionRoles = field(default_factory=InhibitionRoles)
    group_states: Mapping[str, GroupState] = field(default_factory=dict)
    groups: tuple[AlertGroup, ...] = ()
    outbox: tuple[OutboxEntry, ...] = ()
    wake_at: Micros = NEVER

    def each(self, change: Callable[[BatchItem], BatchItem]) -> "AlertBatch":
        """The batch with each item changed."""
        return replace(self, items=tuple(change(item) for item in self.items))

    def wake(self, at: Micros) -> "AlertBatch":
        """The batch, with `wake_at` no later than `at`."""
        return self if at >= self.wake_at else replace(self, wake_at=at)


Stage = Callable[[AlertBatch], AlertBatch]


def chain(*stages: Stage) -> Stage:
    """One stage after the other."""

    def run(batch: AlertBatch) -> AlertBatch:
        return reduce(lambda done, stage: stage(done), stages, batch)

    return run
