"""Checks how long a rule may wait before it raises an alert about a patient: as bounded as its limits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ward.alert import ABSENT
from ward.clock import format_span
from ward.config.base_model import parse_duration
from ward.config.rule_building.unchecked_rule import UncheckedRule
from ward.config.schema.thresholds_file import SEVERITIES
from ward.config.yaml.document import KeyPath
from ward.finding import Kind, Severity
from ward.signals import Signal

LIMITS = "limits"


def delay_faults(
    unchecked: UncheckedRule, numbers: Sequence[int], settings: Mapping[str, Any], signals: Iterable[Signal]
) -> Iterator[tuple[KeyPath, str]]:
    """(path, text) for each delay that is longer than `longest_delay` of a signal, with these overrides applied.

    A rule waits for `for`, a rule of limits also for the window of its means (`every`), and one about missing data for
    `after` times the score of the severity. The windows of other detectors are their method, and rules about equipment
    that is not missing may take their time.
    """
    rule = unchecked.rule
    if rule.kind is not Kind.PHYSIOLOGICAL and rule.detector not in (LIMITS, ABSENT):
        return
    spans = _spans(rule.detector, settings)
    for signal in signals:
        for severity, score in _severities(settings):
            longest = signal.longest_delay.get(severity)
            waits = {key: seconds * (score if key == "after" else 1.0) for key, seconds in spans.items()}
            total = sum(waits.values())
            if longest is not None and total > longest:
                key = max(waits, key=lambda name: waits[name])
                path = (*unchecked.fault_path(numbers, key), key)
                yield path, _text(signal, severity, waits, longest)
                break  # the first severity is the most urgent one, with the shortest delay


def _text(signal: Signal, severity: Severity, waits: Mapping[str, float], longest: float) -> str:
    parts = " + ".join(f"`{key}` {format_span(seconds)}" for key, seconds in waits.items() if seconds)
    return (
        f"a {severity.upper()} priority alert about {signal.label} would come after {parts}, the longest allowed is "
        f"{format_span(longest)}: give less, or have those responsible raise `longest_delay` of {signal.name} in "
        "signals.yaml"
    )


def _spans(detector: str, settings: Mapping[str, Any]) -> dict[str, float]:
    """The parts of the delay by key, in seconds; what is no span is reported by the check of the settings."""
    keys = ("for", *(("every",) if detector == LIMITS else ()), *(("after",) if detector == ABSENT else ()))
    return {key: seconds for key in keys if (seconds := _seconds(settings.get(key))) is not None}


def _seconds(value: object) -> float | None:
    try:
        seconds = parse_duration(value)
    except ValueError:
        return None
    return float(seconds) if isinstance(seconds, int | float) and not isinstance(seconds, bool) else None


def _severities(settings: Mapping[str, Any]) -> list[tuple[Severity, float]]:
    """The severities that the rule can raise, the most urgent first, each with its score."""
    if limits := [name for name in SEVERITIES if settings.get(name) is not None]:
        return [(Severity(name), 1.0) for name in reversed(limits)]
    given = settings.get("severity", Severity.MEDIUM)
    scores = given if isinstance(given, Mapping) else {given: 1.0}
    known = [(Severity(name), score) for name, score in scores.items() if name in set(Severity)]
    found = [(severity, float(score)) for severity, score in known if isinstance(score, int | float)]
    return sorted(found, key=lambda pair: -pair[0].rank)
