"""The unchecked rules of `detectors.yaml`."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ward.config.known_names import NOT_AN_ID, KnownNames
from ward.config.rule import DetectorParams, Override, Rule
from ward.config.rule_building.named_models import Models, models_of
from ward.config.rule_building.override_expiry import OverrideExpiry
from ward.config.rule_building.unchecked_rule import UncheckedRule
from ward.config.rule_building.vector_faults import vector_faults
from ward.config.schema.detectors_file import COMMON, DetectorsFile
from ward.config.yaml.document import KeyPath
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.validation import ValidatedFile
from ward.ids import is_id, printable

Detectors = Mapping[str, type[DetectorParams]]


def detector_rules(
    validated_file: ValidatedFile[DetectorsFile],
    detectors: Detectors,
    names: KnownNames,
    expiry: OverrideExpiry,
    faults: FaultCollector,
    models: Models,
) -> Iterator[UncheckedRule]:
    """Yields the rules whose detector and models exist. Faults of the others are added to `faults`."""
    document, data = validated_file.document, validated_file.document.data()
    for name, entry in validated_file.model.rules.items():
        path = ("rules", name)
        if not is_id(name):
            faults.add(document, path, f"'{printable(name, 64)}' {NOT_AN_ID}", key=True)
        for i, signal in enumerate(entry.signals):
            if signal not in names.signal:
                faults.unknown(document, (*path, "signals", i), "signal", signal, names.signal)
        if entry.detector not in detectors:
            faults.unknown(document, (*path, "detector"), "detector", entry.detector, detectors)
            continue
        params = detectors[entry.detector]
        for place, words in vector_faults(entry, params, names):
            faults.add(document, (*path, *place), words)
        given: dict[str, Any] = data["rules"][name]
        current = [
            (i, o) for i, o in enumerate(entry.overrides)
            if expiry.applies(o.until, document, (*path, "overrides", i, "until"))
        ]  # fmt: skip
        settings = {key: value for key, value in given.items() if key not in COMMON}
        overrides = tuple(Override(where=o.where, set=o.set, why=o.why, by=o.by, until=o.until) for _, o in current)
        given_at: dict[KeyPath, Mapping[str, Any]] = {(*path, "overrides", i, "set"): o.set for i, o in current}
        given_at[path] = settings
        named = models_of(params, given_at, models, partial(faults.add, document))
        if named is None:
            continue
        rule = Rule(
            name, entry.detector, entry.signals, entry.kind, params, settings,
            label=entry.label, runbook=entry.runbook, source=entry.source, where=entry.where,
            scope=entry.scope or params.scopes[0], fresh_on_move=entry.on_move == "fresh",
            cohort=entry.cohort or "ward", overrides=overrides, models=named,
        )  # fmt: skip
        yield UncheckedRule(rule, document, path, tuple((*path, "overrides", i, "set") for i, _ in current))
