"""Fourth stage: who is to hear of an alert. Down the tree, to the deepest node that matches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from msgspec import structs

from alerts.stages.batch import Batch, Item, RouteMatches
from alerts.tracking.tracked_alert import RouteMatch
from ward.alert import DELIVERY, Alert
from ward.config.alerting import Alerting, Escalation, Receiver, Route
from ward.finding import Kind

EVERYONE = "everyone"
# Where alerts of equipment differ although one broken part is behind them all.
_OF_ONE_BED = frozenset({"bed", "device_id", "patient_id", "metric"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteOptions:
    """What the tree says about an alert: a receiver, how to group, when to tell, and by which nodes it came there."""

    receiver: str = ""
    group_by: tuple[str, ...] = ("ward", "bed")
    wait: float = 10.0
    interval: float = 60.0
    repeat: float = 600.0
    escalate: tuple[Escalation, ...] = ()
    mute: tuple[str, ...] = ()
    trail: tuple[str, ...] = ()

    def below(self, route: Route) -> "RouteOptions":
        """What holds at a node: its own settings, and for the rest what it inherits."""
        return RouteOptions(
            receiver=route.receiver or self.receiver,
            group_by=self.group_by if route.group_by is None else route.group_by,
            wait=_either(route.group_wait, self.wait),
            interval=_either(route.group_interval, self.interval),
            repeat=_either(route.repeat_interval, self.repeat),
            escalate=self.escalate if route.escalate is None else route.escalate,
            mute=self.mute if route.mute is None else route.mute,
            trail=(*self.trail, ", ".join(str(m) for m in route.matchers) or "root"),
        )


def choices(route: Route, labels: Mapping[str, str], inherited: RouteOptions | None = None) -> Iterator[RouteOptions]:
    """Where the labels lead: the deepest matching nodes, first to last, as Alertmanager walks its tree."""
    here = (inherited or RouteOptions()).below(route)
    found = False
    for child in route.routes:
        if all(matcher.holds(labels) for matcher in child.matchers):
            found = True
            yield from choices(child, labels, here)
            if not child.continue_:
                return
    if not found:
        yield here


def receiver(alerting: Alerting, name: str) -> Receiver:
    """Who that is. A name that nobody has, or none at all, is everyone: an alert never goes nowhere by mistake."""
    for known in alerting.receivers:
        if known.name == name:
            return known
    return Receiver(name=EVERYONE, channels=tuple(channel.name for channel in alerting.channels))


def path(
    alerting: Alerting, choice: RouteOptions, alert: Alert, name: str = "", *, escalated: bool = False
) -> RouteMatch:
    """The way to a receiver of a choice, or to the one an escalation names."""
    whom = receiver(alerting, name or choice.receiver)
    by = choice.group_by
    if alert.kind is Kind.TECHNICAL:
        by = (*(label for label in by if label not in _OF_ONE_BED), "alertname", "ward", "kind")
    elif "..." in by:
        by = tuple(alert.labels)
    labels = {label: alert.labels.get(label, "") for label in sorted(set(by) - {"..."})}
    shown = ",".join(f'{label}="{value}"' for label, value in labels.items() if value)
    return RouteMatch(
        receiver=whom.name, channels=whom.channels, group=f"{whom.name}{{{shown}}}", wait=choice.wait,
        interval=choice.interval, repeat=choice.repeat, resolved=whom.send_resolved, escalated=escalated,
        mute=choice.mute,
    )  # fmt: skip


def route(batch: Batch) -> Batch:
    """Gives each active alert its paths, one a receiver. An ended one goes the ways it was told on."""
    alerting = batch.config.alerting

    def judge(item: Item) -> Item:
        alert = item.case.alert
        if not alert.active:
            return structs.replace(item, paths=tuple(_told_before(item)))
        key = (alert.id, alert.severity)
        if key not in batch.ways:
            batch.ways[key] = _ways(alerting, alert)
        paths, ladder = batch.ways[key]
        if item.case.told:
            ways = {way.receiver: way for way in _told_before(item)}
            ways.update({way.receiver: way for way in reversed(paths)})
            paths = tuple(ways.values())
        return structs.replace(item, paths=paths, ladder=ladder)

    return batch.each(judge)


def _ways(alerting: Alerting, alert: Alert) -> RouteMatches:
    """Where the tree leads, one path a receiver; problem with a channel goes around it."""
    if alert.source == DELIVERY:
        return RouteMatches((_around(alerting, alert),), ())
    found = list(choices(alerting.route, alert.labels))
    paths = [path(alerting, choice, alert) for choice in found]
    ladder = [
        (step.after, path(alerting, choice, alert, step.receiver, escalated=True))
        for choice in found
        for step in choice.escalate
    ]
    return RouteMatches(tuple({way.receiver: way for way in reversed(paths)}.values())[::-1], tuple(ladder))


def _told_before(item: Item) -> Iterator[RouteMatch]:
    """Whoever was told hears how it goes on, also when the tree no longer leads there; but is not told again."""
    for said in item.case.told.values():
        if not said.over:
            yield said.path if said.path.escalated else structs.replace(said.path, repeat=0.0)


def _around(alerting: Alerting, alert: Alert) -> RouteMatch:
    """Problem with a channel is told on every other one."""
    broken = alert.labels.get("channel", "")
    choice = next(choices(alerting.route, alert.labels))
    others = tuple(channel.name for channel in alerting.channels if channel.name != broken)
    name = f"all channels but {broken}"
    return structs.replace(path(alerting, choice, alert), receiver=name, channels=others, group=f"{name}{{}}")


def _either(own: float | None, inherited: float) -> float:
    return inherited if own is None else own
