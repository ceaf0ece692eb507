"""Who would no longer be notified of an alert about a patient after an edit of the config, in sentences."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from alerts.routing.route_tree import matching_routes, receiver_of
from ward.clock import Micros, format_span
from ward.config.alerting import Alerting, Route
from ward.config.config import Config
from ward.config.weekly_gaps import weekly_gaps
from ward.finding import Kind, Severity
from ward.matcher import Matcher

Labels = Mapping[str, str]
_NEVER = float("inf")


def lost_recipients(old: Config, new: Config, now: Micros) -> Iterator[str]:
    """A sentence for each channel that alerts about patients no longer reach, and for each new inhibition.

    Routes are compared by effect: for every rule about a patient, at every device of both configs, at each severity.
    Series that no matcher distinguishes are compared once.
    """
    if old.alerting == new.alerting:
        return
    yield from _channels(old.alerting, new.alerting)
    yield from _shifts(old.alerting, new.alerting)
    lost: dict[tuple[str, str], list[Labels]] = defaultdict(list)
    for labels in _examples(old, new, now):
        left = _reached(new.alerting, labels)
        for target, after in _reached(old.alerting, labels).items():
            if left.get(target, _NEVER) > after:
                lost[labels["severity"], _loss(target, left.get(target))].append(labels)
    for (severity, loss), examples in lost.items():
        yield f"{severity.upper()} priority: {_named(examples)} {loss}"
    yield from _inhibitions(old.alerting, new.alerting)


def _channels(old: Alerting, new: Alerting) -> Iterator[str]:
    """Channels that lose their address: routes still lead to them."""
    left = {channel.name: channel for channel in new.channels}
    for channel in old.channels:
        if channel.has_url and channel.name in left and not left[channel.name].has_url:
            yield f"channel {channel.name} has no address any more"


def _shifts(old: Alerting, new: Alerting) -> Iterator[str]:
    """Schedules that named somebody all week, or had a calendar."""
    without_gap = {schedule.name for schedule in old.schedules if not weekly_gaps(schedule)}
    with_calendar = {schedule.name for schedule in old.schedules if schedule.calendar}
    for schedule in new.schedules:
        gaps = weekly_gaps(schedule)
        if gaps and schedule.name in without_gap:
            unless = " unless its calendar names somebody" if schedule.calendar else ""
            yield f"by schedule {schedule.name} nobody is on call {gaps[0]} any more{unless}"
        elif gaps and schedule.name in with_calendar and not schedule.calendar:
            yield f"schedule {schedule.name} has no calendar any more: nobody is on call {gaps[0]}"


def _inhibitions(old: Alerting, new: Alerting) -> Iterator[str]:
    for inhibition in new.inhibit:
        if inhibition not in old.inhibit and not _technical(inhibition.target):
            yield f"a new inhibition mutes alerts that match {', '.join(map(str, inhibition.target))}"
    if old.latch and old.latch != new.latch:
        yield f"the alerts that stay until they are acknowledged (latch) change from {', '.join(map(str, old.latch))}"


def _technical(matchers: Iterable[Matcher]) -> bool:
    patient = {"kind": str(Kind.PHYSIOLOGICAL)}
    return any(not matcher.matches(patient) for matcher in matchers if matcher.label == "kind")


def _reached(alerting: Alerting, labels: Labels) -> dict[str, float]:
    """The channels and schedules that an alert with these labels reaches, and after how many unacknowledged seconds."""
    found: dict[str, float] = {}
    for options in matching_routes(alerting.route, labels):
        for after, name in ((0.0, options.receiver), *((step.after, step.receiver) for step in options.escalate)):
            receiver = receiver_of(alerting, name)
            reached = (f"channel {channel}" for channel in receiver.channels)
            for target in [f"schedule {receiver.schedule}"] if receiver.schedule else reached:
                found[target] = min(after, found.get(target, _NEVER))
    return found


def _loss(target: str, after: float | None) -> str:
    left = "no longer reach" if after is None else f"only after {format_span(after)} reach"
    return f"{left} {target}"


def _named(examples: Sequence[Labels]) -> str:
    first = examples[0]
    more = f" and {len(examples) - 1} more kinds of alert" if len(examples) > 1 else ""
    return f"'{first['alertname']}' of {first.get('bed') or first.get('device_id', '')}{more}"


def _examples(old: Config, new: Config, now: Micros) -> Iterator[Labels]:
    """Labels of alerts about patients: one of those that no matcher of both trees distinguishes."""
    matchers = {matcher for config in (old, new) for matcher in _matchers(config.alerting.route)}
    rules = [
        {"alertname": rule.name, "metric": signal, "kind": str(rule.kind)}
        for rule in new.rules
        if rule.kind is Kind.PHYSIOLOGICAL
        for signal in rule.alert_signals
    ]
    places = [_place(new, device, now) for device in new.inventory.devices if device in old.inventory.devices]
    beds = [labels for labels in places if "bed" in labels]
    for place, rule, severity in product(_distinct(beds, matchers), _distinct(rules, matchers), Severity):
        yield {**place, **rule, "severity": str(severity)}


def _place(config: Config, device: str, now: Micros) -> dict[str, str]:
    place = config.inventory.place(device, now)
    labels = {"ward": place.ward, "bed": place.bed, "patient_id": place.patient, "device_id": device}
    return {name: value for name, value in labels.items() if value}


def _distinct(examples: Sequence[Labels], matchers: Iterable[Matcher]) -> list[Labels]:
    """One of all examples that the same matchers match."""
    ordered = sorted(matchers, key=str)
    return list({tuple(matcher.matches(labels) for matcher in ordered): labels for labels in examples}.values())


def _matchers(route: Route) -> Iterator[Matcher]:
    yield from route.matchers
    for child in route.routes:
        yield from _matchers(child)
