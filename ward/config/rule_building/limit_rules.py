"""The unchecked rules of `thresholds.yaml`: one for each side of each signal."""

from collections.abc import Iterator
from typing import Any

from ward.config.known_names import NOT_AN_ID, KnownNames
from ward.config.rule import Override, Rule
from ward.config.rule_building.detector_rules import Detectors
from ward.config.rule_building.override_expiry import OverrideExpiry
from ward.config.rule_building.unchecked_rule import UncheckedRule
from ward.config.schema.thresholds_file import SIDES, SideLimits, ThresholdsFile, settings
from ward.config.units import UNITS
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.validation import ValidatedFile
from ward.finding import Kind
from ward.ids import is_id, printable
from ward.signals import Catalogue

DETECTOR = "limits"
Change = tuple[int, Any]


def limit_rules(
    validated_file: ValidatedFile[ThresholdsFile], catalogue: Catalogue, detectors: Detectors, names: KnownNames,
    expiry: OverrideExpiry, faults: FaultCollector,
) -> Iterator[UncheckedRule]:  # fmt: skip
    """Yields the rule of each side. Adds faults of signals and units that are not those of the catalogue."""
    file, document, data = validated_file.model, validated_file.document, validated_file.document.data()
    if DETECTOR not in detectors:
        faults.unknown(document, (), "detector", DETECTOR, detectors)
        return
    changes = _changes(validated_file, names, expiry, faults)
    for name, limits in file.limits.items():
        if name not in names.signal:
            faults.unknown(document, ("limits", name), "signal", name, names.signal, key=True)
        signal = catalogue.get(name)
        if signal is not None and signal.unit in UNITS and limits.unit not in (None, signal.unit, signal.display):
            words = f"the limits are in '{printable(str(limits.unit), 40)}', but {name} is in '{signal.unit}'"
            faults.add(document, ("limits", name, "unit"), words)
        vital = signal is not None and signal.measurement == "vitals"
        for key in SIDES:
            side: SideLimits | None = getattr(limits, key)
            if side is None:
                continue
            path = ("limits", name, key)
            if not is_id(side.alert):
                faults.add(document, (*path, "alert"), f"'{printable(side.alert, 64)}' {NOT_AN_ID}")
            own = changes.pop((name, key), [])
            rule = Rule(
                side.alert, DETECTOR, (name,), side.kind or (Kind.PHYSIOLOGICAL if vital else Kind.TECHNICAL),
                detectors[DETECTOR],
                {"side": SIDES[key], **data.get("defaults", {}), **settings(data["limits"][name][key])},
                label=side.label, runbook=side.runbook, source=side.source, where=side.where,
                overrides=tuple(_override(validated_file, i, change) for i, change in own),
            )  # fmt: skip
            paths = tuple(("overrides", i, "set", name, key) for i, _ in own)
            yield UncheckedRule(rule, document, path, paths, key, side.loosest)
    for (name, key), left in changes.items():
        for i, _ in left:
            if name in names.signal:
                words = f"there are no limits {key} for {name} for this override to change"
                faults.add(document, ("overrides", i, "set", name, key), words)


def _changes(
    validated_file: ValidatedFile[ThresholdsFile], names: KnownNames, expiry: OverrideExpiry, faults: FaultCollector
) -> dict[tuple[str, str], list[Change]]:
    """By signal and side: (number of the override, changed settings); a setting of null is removed."""
    found: dict[tuple[str, str], list[Change]] = {}
    data = validated_file.document.data()
    for i, override in enumerate(validated_file.model.overrides):
        for name in override.set:
            if name not in names.signal:
                faults.unknown(
                    validated_file.document, ("overrides", i, "set", name), "signal", name, names.signal, key=True
                )
        if not expiry.applies(override.until, validated_file.document, ("overrides", i, "until")):
            continue
        for name, sides in data["overrides"][i]["set"].items():
            for key, change in (sides or {}).items():
                found.setdefault((name, key), []).append((i, change or {}))
    return found


def _override(validated_file: ValidatedFile[ThresholdsFile], number: int, change: Any) -> Override:
    override = validated_file.model.overrides[number]
    return Override(where=override.where, set=change, why=override.why, by=override.by, until=override.until)
