"""Checks each rule as it will be for each device, bed and patient, before it is in force."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from ward.config.checks.delays import delay_faults
from ward.config.checks.limits import limit_faults
from ward.config.checks.models import model_faults
from ward.config.checks.place_index import PlaceIndex
from ward.config.known_names import KnownNames
from ward.config.rule import Decision, Match, Rule
from ward.config.rule_building.unchecked_rule import UncheckedRule
from ward.config.schema.detectors_file import COMMON
from ward.config.yaml.document import Document, KeyPath
from ward.config.yaml.error_texts import sentence
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.validation import steps, strict
from ward.ids import printable
from ward.signals import Catalogue, Signal

Problem = tuple[KeyPath, str, bool]


def check_rules(
    unchecked_rules: Sequence[UncheckedRule],
    places: PlaceIndex,
    names: KnownNames,
    catalogue: Catalogue,
    faults: FaultCollector,
    *,
    complete: bool,
) -> None:
    """Adds faults of names that are used twice or are unknown, and of settings that are invalid for any device.

    Where the inventory is not `complete`, a match without any device in it is no fault.
    """
    seen: dict[str, UncheckedRule] = {}
    for unchecked in unchecked_rules:
        name, other = unchecked.rule.name, seen.setdefault(unchecked.rule.name, unchecked)
        if other is not unchecked:
            line = other.document.place(other.path, key=True)[0]
            words = f"there is a rule '{printable(name, 64)}' already, in {other.document.file} line {line}"
            path = (*unchecked.path, "alert") if unchecked.side else unchecked.path
            faults.add(unchecked.document, path, f"{words}: alerts of both would be one", key=not unchecked.side)
        mask = places.matching(unchecked.rule.where)
        _check_match(
            unchecked.rule.where,
            unchecked.document,
            (*unchecked.path, "where"),
            names,
            bool(mask) or not complete,
            faults,
        )
        masks = [places.matching(override.where) for override in unchecked.rule.overrides]
        for mask, path, override in zip(masks, unchecked.changes, unchecked.rule.overrides, strict=True):
            _check_match(override.where, unchecked.document, _where_of(path), names, bool(mask) or not complete, faults)
        _check_settings(unchecked, masks, places, _signals(unchecked.rule, catalogue), faults)


def _where_of(change: KeyPath) -> KeyPath:
    """`overrides/2/set/…` → `overrides/2/where`."""
    end = len(change) - 1 - change[::-1].index("set")
    return (*change[:end], "where")


def _check_match(
    match: Match, document: Document, path: KeyPath, names: KnownNames, found: bool, faults: FaultCollector
) -> None:
    any_unknown = False
    for field in Match.model_fields:
        for i, name in enumerate(getattr(match, field)):
            known: frozenset[str] = getattr(names, field)
            if name not in known:
                any_unknown = True
                what = "device kind" if field == "device_kind" else field
                faults.unknown(document, (*path, field, i), what, name, known)
    if not any_unknown and not found:
        faults.add(document, path, "no device is meant by this: all that is given must hold at once")


def _check_settings(
    unchecked: UncheckedRule, masks: Sequence[int], places: PlaceIndex, signals: Sequence[Signal],
    faults: FaultCollector,
) -> None:  # fmt: skip
    rule, reported = unchecked.rule, set[tuple[KeyPath, str]]()
    within = places.matching(rule.where)
    # Overrides without any device are checked too, each alone.
    idle = (((i,), "") for i, mask in enumerate(masks) if not mask & within)
    for numbers, example in itertools.chain([((), "")], places.groups(within, rule.overrides), idle):
        settings = rule.merged(unchecked.overrides(numbers))
        for path, words, key in _problems(unchecked, numbers, settings, signals, faults):
            if (path, words) in reported:
                continue
            reported.add((path, words))
            for_whom = f" (for {printable(example, 100)})" if example and numbers else ""
            faults.add(unchecked.document, path, f"{words}{for_whom}", key=key)


def _problems(
    unchecked: UncheckedRule, numbers: Sequence[int], settings: Mapping[str, Any], signals: Sequence[Signal],
    faults: FaultCollector,
) -> Iterator[Problem]:  # fmt: skip
    signal = next(iter(signals), None)
    ours = list(limit_faults(unchecked, numbers, settings, signal)) if unchecked.side else []
    yield from ((path, words, False) for path, words in ours)
    yield from ((path, words, False) for path, words in delay_faults(unchecked, numbers, settings, signals))
    yield from ((path, words, False) for path, words in model_faults(unchecked, numbers, settings, signals))
    decision, params = unchecked.rule.split(settings)
    halves: list[tuple[type[BaseModel], dict[str, Any]]] = [(Decision, decision), (unchecked.rule.params, params)]
    for model, part in halves:
        try:
            strict(model, part)
        except ValidationError as error:
            for problem in error.errors(include_url=False):
                loc = steps(problem)
                key = str(loc[0]) if loc else None
                path = (*unchecked.fault_path(numbers, key), *loc)
                if problem["type"] == "extra_forbidden":
                    known = _known(unchecked.rule)
                    yield path, f"unknown key '{printable(str(loc[-1]), 64)}'{faults.guess(str(loc[-1]), known)}", True
                elif loc or not ours:
                    yield path, sentence(problem, loc, quote=True), False
        except (RecursionError, OverflowError):
            yield unchecked.fault_path(numbers, None), "holds a number or a pattern too large to be read", False


def _signals(rule: Rule, catalogue: Catalogue) -> Sequence[Signal]:
    return [signal for name in rule.signals if (signal := catalogue.get(name)) is not None]


def _known(rule: Rule) -> set[str]:
    """The keys a rule of this detector may have."""
    own = {field.alias or name for name, field in rule.params.model_fields.items()}
    return own | {field.alias or name for name, field in Decision.model_fields.items()} | COMMON
