"""Checks limits against each other, against the plausible range, and against the loosest that is allowed."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from ward.config.checks.place_index import PlaceIndex
from ward.config.rule_building.unchecked_rule import UncheckedRule
from ward.config.schema.thresholds_file import SEVERITIES
from ward.config.yaml.document import KeyPath
from ward.config.yaml.fault_collector import FaultCollector
from ward.ids import printable
from ward.signals import Signal

Limits = list[tuple[str, float]]


def limit_faults(
    unchecked: UncheckedRule, numbers: Sequence[int], settings: Mapping[str, Any], signal: Signal | None
) -> Iterator[tuple[KeyPath, str]]:
    """(path, text) of each fault of one side of a signal with these overrides applied."""
    limits, sign = _limits(settings), 1 if unchecked.side == "above" else -1
    if not limits:
        yield unchecked.fault_path(numbers, None), "no limit is left"
    for (less, first), (more, second) in pairwise(limits):
        if sign * second <= sign * first:
            key = max((more, less), key=lambda k: len(unchecked.fault_path(numbers, k)))
            words = f"bands in the wrong order: {more} {second:g} must be {_further(sign)} {less} {first:g}"
            yield (*unchecked.fault_path(numbers, key), key), words
    for name, limit in limits:
        path = (*unchecked.fault_path(numbers, name), name)
        if signal is not None and not signal.low < limit < signal.high:
            bounds = f"plausible values are {signal.low:g} to {signal.high:g}"
            yield path, f"{name} {limit:g} can never be crossed: {bounds} in signals.yaml"
        if unchecked.loosest is not None and sign * limit > sign * unchecked.loosest:
            yield path, f"{name} {limit:g} is looser than {unchecked.loosest:g}, the loosest this side may be"
    if unchecked.loosest is not None:
        base = {name for name, _ in _limits(unchecked.rule.settings)}
        for name in sorted(base - {name for name, _ in limits}):
            path = (*unchecked.fault_path(numbers, name), name)
            yield path, f"{name} may not be taken away: this side has a `loosest`"


def check_pairs(unchecked_rules: Sequence[UncheckedRule], places: PlaceIndex, faults: FaultCollector) -> None:
    """Adds faults where an upper limit is not above the lower limit for some device: every value would be outside."""
    sides: dict[tuple[str, ...], dict[str, UncheckedRule]] = {}
    for unchecked in unchecked_rules:
        if unchecked.side:
            sides.setdefault(unchecked.rule.signals, {})[unchecked.side] = unchecked
    for pair in sides.values():
        if len(pair) == 2:
            _check_pair(pair["above"], pair["below"], places, faults)


def _check_pair(above: UncheckedRule, below: UncheckedRule, places: PlaceIndex, faults: FaultCollector) -> None:
    overrides = (*above.rule.overrides, *below.rule.overrides)
    within = places.matching(above.rule.where) & places.matching(below.rule.where)
    count = len(above.rule.overrides)
    reported: set[tuple[KeyPath, str]] = set()
    for numbers, example in places.groups(within, overrides):
        of_above = [i for i in numbers if i < count]
        of_below = [i - count for i in numbers if i >= count]
        lowest = _nearest(above, of_above, min)
        highest = _nearest(below, of_below, max)
        if lowest is None or highest is None or lowest[1] > highest[1]:
            continue
        # The fault is reported for the side that an override has changed; with both or neither, for the upper one.
        unchecked, applied, key = (
            (below, of_below, highest[0]) if of_below and not of_above else (above, of_above, lowest[0])
        )  # fmt: skip
        path = (*unchecked.fault_path(applied, key), key)
        words = f"above {lowest[1]:g} must be over below {highest[1]:g}, or every value would be wrong"
        if (path, words) not in reported:
            reported.add((path, words))
            faults.add(unchecked.document, path, words + (f" (for {printable(example, 100)})" if applied else ""))


def _nearest(unchecked: UncheckedRule, numbers: Sequence[int], pick: Any) -> tuple[str, float] | None:
    limits = _limits(unchecked.rule.merged(unchecked.overrides(numbers)))
    found: tuple[str, float] | None = pick(limits, key=lambda pair: pair[1], default=None)
    return found


def _limits(settings: Mapping[str, Any]) -> Limits:
    given = ((name, settings.get(name)) for name in SEVERITIES)
    return [(name, v) for name, v in given if isinstance(v, int | float) and not isinstance(v, bool)]


def _further(sign: int) -> str:
    return "over" if sign > 0 else "under"
