"""Checks that the model of a rule was learned from what the rule evaluates."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from ward.clock import format_span
from ward.config.model_file import MODEL, ModelFile
from ward.config.rule import Decision
from ward.config.rule_building.unchecked_rule import UncheckedRule
from ward.config.yaml.document import KeyPath
from ward.signals import Signal

Problem = tuple[KeyPath, str]


def model_faults(
    unchecked: UncheckedRule, numbers: Sequence[int], settings: Mapping[str, Any], signals: Sequence[Signal]
) -> Iterator[Problem]:
    """(path, text) for each fault of the model with these overrides applied: other signals, another unit, other
    means."""
    name = settings.get(MODEL)
    if not isinstance(name, str) or name not in unchecked.rule.models:
        return
    model = ModelFile.model_validate(unchecked.rule.models[name])
    path = (*unchecked.fault_path(numbers, MODEL), MODEL)
    if unchecked.rule.signals != (model.signal,):
        there = ", ".join(unchecked.rule.signals) or "no signal"
        words = f"was learned from {model.signal}, and the rule evaluates {there}: give it `signals: [{model.signal}]`"
        yield path, f"model {model.name} {words}"
        return
    for signal in signals:
        if signal.unit != model.unit:
            words = f"was learned from values in '{model.unit}', and {model.signal} is in '{signal.unit}'"
            yield path, f"model {model.name} {words}: train it again with `wardwatch models train`"
    if fault := means_fault(model, settings):
        yield (*unchecked.fault_path(numbers, "every"), "every"), fault


def means_fault(model: ModelFile, settings: Mapping[str, Any]) -> str | None:
    """What is wrong with the `every` of a rule, given its model; None where nothing is."""
    every = settings.get("every")
    try:
        asked = Decision.model_validate({"every": every}).every
    except ValidationError:
        return None  # reported by the check of the settings
    if asked == model.every:
        return None
    given = "every value" if asked is None else f"means of {format_span(asked)}"
    learned = f"model {model.name} was learned from means of {format_span(model.every)}"
    return f"{learned}, and the rule evaluates {given}: set `every` to the same"
