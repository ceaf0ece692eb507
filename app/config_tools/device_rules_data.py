"""The rules of one device as JSON data: keys and units of the config files, durations in seconds."""

from typing import Any

from app.config_tools.effective_rules import EffectiveRule, effective_rules
from ward.clock import Micros, format_instant
from ward.config.config import Config
from ward.config.rule import Override


def device_rules_data(config: Config, device: str, now: Micros, *, every: bool) -> dict[str, Any]:
    """A device with its place and the rules that apply to it now."""
    place = config.inventory.place(device, now)
    return {
        "device": device, "device_kind": place.device_kind, "ward": place.ward, "bed": place.bed,
        "patient": place.patient,
        "rules": [_rule(found) for found in effective_rules(config, device, now, every=every)],
    }  # fmt: skip


def _rule(found: EffectiveRule) -> dict[str, Any]:
    rule, resolved = found.rule, found.resolved
    return {
        "rule": rule.name, "label": rule.label, "detector": rule.detector, "kind": str(rule.kind),
        "signals": list(found.signals),
        "settings": {
            **resolved.decision.model_dump(mode="json", by_alias=True),
            **resolved.params.model_dump(mode="json", by_alias=True),
        },
        "source": rule.source, "overrides": [_override(override) for override in found.overrides],
    }  # fmt: skip


def _override(override: Override) -> dict[str, Any]:
    return {
        "where": {name: list(values) for name, values in override.where if values}, "set": override.set,
        "why": override.why, "by": override.by,
        "until": None if override.until is None else format_instant(override.until),
    }  # fmt: skip
