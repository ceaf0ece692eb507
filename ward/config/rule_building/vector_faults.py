"""Faults of rules in what their detector evaluates together."""

from collections.abc import Iterator

from ward.config.known_names import KnownNames
from ward.config.rule import DetectorParams
from ward.config.schema.detectors_file import RuleEntry
from ward.config.yaml.document import KeyPath
from ward.ids import printable

FEWEST, MOST = 2, 32


def vector_faults(entry: RuleEntry, params: type[DetectorParams], names: KnownNames) -> Iterator[tuple[KeyPath, str]]:
    """The faults of a rule in its scope and in the signals that its detector evaluates together: where, and what."""
    scope = entry.scope or params.scopes[0]
    if scope not in params.scopes:
        known = " or ".join(f"`{one}`" for one in params.scopes)
        yield ("scope",), f"detector {entry.detector} cannot be about a {scope}, but about a {known}"
    if entry.on_move == "fresh" and scope != "bed":
        yield ("on_move",), "only a rule with scope `bed` follows a patient to another bed"
    if entry.cohort is not None and scope != "cohort":
        yield ("cohort",), "only a rule with scope `cohort` compares devices"
    if scope == "bed":
        yield from _device_faults(entry)
    if scope == "cohort":
        yield from _cohort_faults(entry)
    if params.parts:
        yield from _fixed_faults(entry, params.parts, names)
    elif params.parts is not None and not FEWEST <= len(set(entry.signals)) <= MOST:
        at, there = ("signals",) if entry.signals else (), len(set(entry.signals))
        yield at, f"detector {entry.detector} evaluates {FEWEST} to {MOST} signals together; there are {there}"
    elif params.parts is not None and len(set(entry.signals)) < len(entry.signals):
        yield ("signals",), "a signal is there twice"


def _device_faults(entry: RuleEntry) -> Iterator[tuple[KeyPath, str]]:
    """A rule about patients that names devices would hold for nobody."""
    places = [(("where",), entry.where), *((("overrides", i, "where"), o.where) for i, o in enumerate(entry.overrides))]
    for at, where in places:
        for key in ("device", "device_kind"):
            if getattr(where, key):
                yield (*at, key), "a rule with scope `bed` is about patients, not devices: name ward, bed or patient"


def _cohort_faults(entry: RuleEntry) -> Iterator[tuple[KeyPath, str]]:
    """What is set must be the same for all members of a cohort, and there must be windows to compare."""
    if not entry.signals:
        yield (), "a rule with scope `cohort` compares signals: name them under `signals`"
    extra = entry.model_extra or {}
    if "every" in extra and extra["every"] is None:
        yield ("every",), "a rule with scope `cohort` compares means of windows: give their length, as 1h"
    may = ("device_kind",) if entry.cohort == "everywhere" else ("ward", "device_kind")
    for i, override in enumerate(entry.overrides):
        for key in sorted(override.where.model_fields_set - set(may)):
            words = f"an override of a rule with scope `cohort` holds for whole cohorts: name {' or '.join(may)}"
            yield ("overrides", i, "where", key), words


def _fixed_faults(entry: RuleEntry, parts: tuple[str, ...], names: KnownNames) -> Iterator[tuple[KeyPath, str]]:
    if entry.signals and tuple(entry.signals) != parts:
        yield ("signals",), f"detector {entry.detector} reads {', '.join(parts)}: leave `signals` out"
    missing = [part for part in parts if names.signal and part not in names.signal]
    if missing:
        listed = printable(", ".join(missing), 200)
        yield ("detector",), f"detector {entry.detector} needs signals that are not in signals.yaml: {listed}"
