"""What an edit of the config takes away from the watch over patients, in sentences."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ward.alert import ABSENT
from ward.clock import Micros
from ward.config.config import Config
from ward.config.rule import ResolvedRule, Rule
from ward.finding import Kind
from ward.inventory import Place

_MOST_NAMED = 3
RuleKey = tuple[str, tuple[str, ...]]  # a rule's name, and its signals
Watched = tuple[str, Place, Place]  # a device, and its places for the old and the new rules


def removed_watch(old: Config, new: Config, now: Micros) -> tuple[str, ...]:
    """A sentence for each bed, device, signal, rule, limit, override and MQTT topic that is no longer watched.

    The same in the same order in every program: screens show it once for all of them.
    Limits that only move are no removal: `changed_rules` has these.
    """
    return (
        *_beds(old, new, now), *_signals(old, new), *_plausible_ranges(old, new), *_rules(old, new, now),
        *_overrides(old, new, now), *_topics(old, new),
    )  # fmt: skip


def changed_rules(old: Config, new: Config, now: Micros) -> frozenset[tuple[str, str]]:
    """The pairs of device and rule whose active alerts would end: of rules about patients that give other findings or
    none, and of all rules where the device is removed. Alerts of a rule with scope `bed` have no device: all of them
    count where the rule changes for any bed."""
    watched = _devices(old, new, now)
    gone = [device for device in old.inventory.devices if device not in new.inventory.devices]
    return _rules_of(old, gone, now) | frozenset(
        ("" if rule.scope == "bed" else device, rule.name)
        for rule, successors in _edited(old, new)
        if rule.kind is Kind.PHYSIOLOGICAL
        for device, before, after in _resolved(old, rule, successors, watched)
        if after is None or before.text != after.text
    )


def _rules_of(config: Config, devices: Iterable[str], now: Micros) -> frozenset[tuple[str, str]]:
    places = [(device, config.inventory.place(device, now)) for device in devices]
    return frozenset(
        (device, rule.name) for device, place in places for rule in config.rules if rule.resolve(device, place)
    )


def _beds(old: Config, new: Config, now: Micros) -> Iterator[str]:
    for bed in sorted(old.inventory.beds.keys() - new.inventory.beds.keys()):
        yield f"bed {bed} ({old.inventory.label(bed)}) is removed"
    before, after = _devices_by_bed(old, now), _devices_by_bed(new, now)
    for bed in sorted(before.keys() & new.inventory.beds.keys()):
        gone = sorted(before[bed] - new.inventory.devices.keys())
        if gone:
            yield f"{_named('device', gone)} of {new.inventory.label(bed)} {_is(gone)} removed"
        elif not after.get(bed) and new.inventory.patient(bed, now):
            yield f"{new.inventory.label(bed)} has a patient and no device any more"
    at_a_bed = set().union(*before.values())
    if elsewhere := sorted(old.inventory.devices.keys() - new.inventory.devices.keys() - at_a_bed):
        yield f"{_named('device', elsewhere)} at no bed {_is(elsewhere)} removed"


def _devices_by_bed(config: Config, now: Micros) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for device in config.inventory.devices:
        if bed := config.inventory.place(device, now).bed:
            found[bed].add(device)
    return found


def _signals(old: Config, new: Config) -> Iterator[str]:
    """Signals that are no longer expected: their absence is no longer reported."""
    for name in sorted(old.inventory.device_kinds.keys() & new.inventory.device_kinds.keys()):
        kind, now_expected = old.inventory.device_kinds[name], new.inventory.device_kinds[name].signals
        if gone := sorted(kind.signals.keys() - now_expected.keys()):
            yield f"{kind.label}: {_named('signal', gone)} {_is(gone)} no longer expected"


def _plausible_ranges(old: Config, new: Config) -> Iterator[str]:
    for name, signal in old.catalogue.items():
        successor = new.catalogue.get(name)
        if successor is not None and (successor.low > signal.low or successor.high < signal.high):
            before, after = (f"{found.low:g} to {found.high:g}" for found in (signal, successor))
            yield f"{signal.label}: values outside {after} become implausible and are not evaluated; until now {before}"


def _rules(old: Config, new: Config, now: Micros) -> Iterator[str]:
    watched = _devices(old, new, now)
    for rule, successors in _edited(old, new):
        lost: dict[str, list[str]] = defaultdict(list)
        if not successors:
            yield f"rule {_shown(rule)} is removed"
            continue
        for device, before, after in _resolved(old, rule, successors, watched):
            for what in ["it"] if after is None else _lost_parts(before, after):
                lost[what].append(device)
        for what, devices in lost.items():
            part = "rule" if what == "it" else f"{what} of rule"
            yield f"{part} {_shown(rule)} no longer holds for {_named('device', devices)}"


def _lost_parts(before: ResolvedRule, after: ResolvedRule) -> Iterator[str]:
    """Severities, and parameters that are no longer given, such as the limit `high`."""
    for severity in sorted(before.decision.severity.keys() - after.decision.severity.keys()):
        yield f"severity {severity}"
    given = after.params.model_dump()
    for name, value in before.params.model_dump().items():
        if value is not None and name in given and given[name] is None:
            yield f"'{name}'"


def _overrides(old: Config, new: Config, now: Micros) -> Iterator[str]:
    for rule, successors in _edited(old, new):
        left = [override.where for successor in successors for override in successor.overrides]
        for override in rule.overrides if successors else ():
            if override.where not in left and (override.until is None or override.until > now):
                why = f" ({override.why})" if override.why else ""
                where = override.where.model_dump(exclude_defaults=True)
                place = ", ".join(f"{name} {' or '.join(values)}" for name, values in where.items()) or "all"
                yield f"the override of rule {_shown(rule)} for {place}{why} is removed"


def _topics(old: Config, new: Config) -> Iterator[str]:
    if old.root != new.root:
        yield f"MQTT topics below {old.root}/ are no longer read, but those below {new.root}/"
    left = {codec.filter for codec in new.codecs}
    for codec in old.codecs:
        if codec.filter not in left and old.root == new.root:
            yield f"MQTT topics {codec.filter} are no longer read"


def _edited(old: Config, new: Config) -> Iterator[tuple[Rule, Sequence[Rule]]]:
    """The rules about patients that the edit changes or removes, and what is left under the same name and signals."""
    successors: dict[RuleKey, list[Rule]] = defaultdict(list)
    for rule in new.rules:
        if _watches_patients(rule):
            successors[rule.name, rule.signals].append(rule)
    same_devices = not _kinds_changed(old, new)
    for rule in old.rules:
        found = successors[rule.name, rule.signals]
        if _watches_patients(rule) and not (rule in found and same_devices):
            yield rule, found


def _watches_patients(rule: Rule) -> bool:
    """Rules about patients, and those that report a missing device or signal of one."""
    return rule.kind is Kind.PHYSIOLOGICAL or rule.detector == ABSENT


def _kinds_changed(old: Config, new: Config) -> bool:
    """Whether devices have other kinds: then rules hold for other devices, though they are the same."""
    return any(
        device.device_kind != known.device_kind
        for name, device in new.inventory.devices.items()
        if (known := old.inventory.devices.get(name)) is not None
    )


def _devices(old: Config, new: Config, now: Micros) -> list[Watched]:
    """The devices of both configs. One that an edit moves is compared at its new place: a move changes no rule."""
    found = []
    for device in old.inventory.devices.keys() & new.inventory.devices.keys():
        before, after = old.inventory.place(device, now), new.inventory.place(device, now)
        if (before.ward, before.bed, before.patient) != (after.ward, after.bed, after.patient):
            before = dataclasses.replace(after, device_kind=before.device_kind)
        found.append((device, before, after))
    return sorted(found, key=lambda watched: watched[0])


def _resolved(
    old: Config, rule: Rule, successors: Sequence[Rule], watched: Iterable[Watched]
) -> Iterator[tuple[str, ResolvedRule, ResolvedRule | None]]:
    """For each device that the rule holds for: the rule before, and after; None where none holds any more."""
    for device, place, place_after in watched:
        before = rule.resolve(device, place) if _sends(old, device, rule) else None
        if before is not None:
            found = (successor.resolve(device, place_after) for successor in successors)
            yield device, before, next((after for after in found if after is not None), None)


def _sends(config: Config, device: str, rule: Rule) -> bool:
    """Whether a device is expected to send a signal of the rule, or nothing is known about what it sends."""
    expected = config.inventory.expected(device)
    return not rule.reads or not expected or not expected.keys().isdisjoint(rule.reads)


def _shown(rule: Rule) -> str:
    return f"{rule.name} ({', '.join(rule.signals)})" if rule.signals else rule.name


def _named(what: str, names: Sequence[str]) -> str:
    """`device x7`, or `20 devices (x1, x2, x3, …)`."""
    if len(names) == 1:
        return f"{what} {names[0]}"
    more = ", …" if len(names) > _MOST_NAMED else ""
    return f"{len(names)} {what}s ({', '.join(names[:_MOST_NAMED])}{more})"


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
