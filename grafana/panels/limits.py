"""The limits of thresholds.yaml, as thresholds of panels and as text."""

from collections.abc import Iterator

from grafana_foundation_sdk.models.dashboard import Threshold

from grafana.panels.colours import HIGH, LOW, MEDIUM
from ward.config.config import Config
from ward.config.rule import Override, Rule

_COLOURS = {"low": LOW, "medium": MEDIUM, "high": HIGH}
_WITHIN_LIMITS = "transparent"


def thresholds(config: Config, signal: str, within: str = _WITHIN_LIMITS) -> list[Threshold]:
    """The values at which each colour begins, in ascending order: the limits without overrides."""
    below = sorted((value, name) for side, name, value in _limits(config, signal) if side == "low")
    above = sorted((value, name) for side, name, value in _limits(config, signal) if side == "high")
    steps = [Threshold(color=_COLOURS[below[0][1]] if below else within)]
    for i, (value, _) in enumerate(below):
        next_colour = _COLOURS[below[i + 1][1]] if i + 1 < len(below) else within
        steps.append(Threshold(value=value, color=next_colour))
    return steps + [Threshold(value=value, color=_COLOURS[name]) for value, name in above]


def limits_text(config: Config, signal: str) -> str:
    """The limits as text, and for whom there are overrides."""
    unit = config.catalogue.known(signal).display
    sides = {"low": "below", "high": "above"}
    found = [f"{name.upper()} {sides[side]} {value:g} {unit}" for side, name, value in _limits(config, signal)]
    text = f"Default limits: {', '.join(found)}." if found else "It has no limits."
    others = sorted({_applies_to(override) for rule in _rules(config, signal) for override in rule.overrides})
    return f"{text} Overridden for {', '.join(others)}." if others else text


def _limits(config: Config, signal: str) -> Iterator[tuple[str, str, float]]:
    for rule in _rules(config, signal):
        for name in _COLOURS:
            value = rule.settings.get(name)
            if value is not None:
                yield str(rule.settings["side"]), name, float(value)


def _rules(config: Config, signal: str) -> list[Rule]:
    return [rule for rule in config.rules if rule.detector == "limits" and signal in rule.signals]


def _applies_to(override: Override) -> str:
    selectors = override.where.model_dump(exclude_defaults=True)
    return " ".join(f"{name} {' or '.join(values)}" for name, values in selectors.items())
