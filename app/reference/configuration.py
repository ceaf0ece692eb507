"""Generates the tables of docs/configuration.md from the models: `python -m app.reference.configuration`."""

import re
import sys
import types
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, SecretStr
from pydantic.fields import FieldInfo

from app.settings.settings import PREFIX, Settings
from ward.config import alerting, base_model, mute_time, on_call, reports, shift
from ward.config.clock_limits import ClockLimits
from ward.config.mapping import alarms
from ward.config.mapping import schema as mapping_schema
from ward.config.mapping.json_path import JsonPath
from ward.config.rule import Decision, Match
from ward.config.schema import bridge_file, detectors_file, signals_file, thresholds_file, ward_file

DOCUMENT = Path("docs/configuration.md")
MODELS: dict[str, type[BaseModel]] = {
    "device-kinds": ward_file.DeviceKindEntry, "wards": ward_file.WardEntry, "beds": ward_file.BedEntry,
    "stays": ward_file.StayEntry, "devices": ward_file.DeviceEntry, "assignments": ward_file.AssignmentEntry,
    "imaging": ward_file.ImagingSuite, "signals": signals_file.SignalEntry,
    "thresholds": thresholds_file.ThresholdsFile,
    "side": thresholds_file.SideLimits, "limit-override": thresholds_file.LimitOverride, "match": Match,
    "mute-time": mute_time.TimeWindow,
    "rule": detectors_file.RuleEntry, "decision": Decision, "rule-override": detectors_file.RuleOverride,
    "alerts": alerting.Alerting, "channel": alerting.Channel, "receiver": alerting.Receiver, "route": alerting.Route,
    "escalation": alerting.Escalation, "inhibition": alerting.Inhibition, "trusted-sender": alerting.TrustedSender,
    "link-key": alerting.LinkKey, "person": on_call.Person, "schedule": on_call.Schedule,
    "on-call-shift": on_call.OnCallShift, "on-call-override": on_call.OnCallOverride,
    "handover": reports.Handover, "shift": shift.Shift, "alarm-load": reports.AlarmLoad,
    "bridge": bridge_file.BridgeFile,
    "topic": bridge_file.TopicEntry, "mapping": mapping_schema.MappingEntry, "mapped-value": mapping_schema.MappedValue,
    "mapped-metric": mapping_schema.MappedMetric, "mapped-alarms": alarms.MappedAlarms, "alarm-code": alarms.AlarmEntry,
    "mapped-time": mapping_schema.MappedTime, "mapped-sequence": mapping_schema.MappedSequence,
    "place": mapping_schema.IdSource, "timing": ClockLimits, "settings": Settings,
}  # fmt: skip
# The name is the key of the entry, not a field in it.
_NAMED_BY_KEY = {
    (model, "name") for model in ("channel", "link-key", "receiver", "person", "schedule", "trusted-sender")
}
_BLOCK = re.compile(r"(<!-- table: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_SPANS = {
    base_model.parse_duration: "span",
    base_model.instant: "instant",
    base_model.day_or_instant: "day or instant",
    base_model.text_list: "list",
}


def with_tables(text: str) -> str:
    """The text with every table between `<!-- table: … -->` and `<!-- end -->` generated from the models."""
    return _BLOCK.sub(lambda found: f"{found[1]}{table(found[2])}\n{found[3]}", text)


def table(name: str) -> str:
    """One model as a table: key, value, default, description."""
    rows = _setting_rows() if MODELS[name] is Settings else _rows(name, MODELS[name])
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)


def _rows(name: str, described: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    yield "key", "value", "if left out", "what it is"
    yield "---", "---", "---", "---"
    for field_name, field in described.model_fields.items():
        if (name, field_name) not in _NAMED_BY_KEY:
            key = field.alias or field_name
            yield f"`{key}`", _value(field.annotation, field), _default(field), field.description or ""


def _setting_rows() -> Iterator[tuple[str, ...]]:
    yield "setting", "variable", "value", "if left out", "what it is"
    yield "---", "---", "---", "---", "---"
    # Some defaults are computed from other settings: shown as computed from their defaults.
    computed = Settings.model_construct()
    for name, field in Settings.model_fields.items():
        default = f"`{getattr(computed, name)}`" if field.default_factory else _default(field)
        value = _value(field.annotation, field)
        yield f"`{name}`", f"`{PREFIX}{name.upper()}`", value, default, field.description or ""


def _value(annotation: Any, field: FieldInfo | None = None) -> str:
    """The kind of value, in a word or two."""
    for rule in field.metadata if field else ():
        if isinstance(rule, BeforeValidator) and rule.func in _SPANS:
            return _SPANS[rule.func]
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        known = [_SPANS[a.func] for a in args[1:] if isinstance(a, BeforeValidator) and a.func in _SPANS]
        return known[0] if known else _value(args[0])
    if origin in (Union, types.UnionType):
        return _value(next(arg for arg in args if arg is not type(None)))
    if origin is Literal:
        return ", ".join(f"`{arg}`" for arg in args)
    if origin in (tuple, list):
        return "list"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return ", ".join(f"`{member}`" for member in annotation)
    names: dict[Any, str] = {
        float: "number", int: "whole number", str: "text", bool: "`true`, `false`", SecretStr: "secret", Path: "path",
        JsonPath: "path in the payload",
    }  # fmt: skip
    return names.get(annotation, "keys")


def _default(field: FieldInfo) -> str:
    default = field.default
    if field.is_required():
        return "**needed**"
    if isinstance(default, SecretStr | BaseModel | dict | tuple) or default in (None, ""):
        return ""
    for rule in field.metadata:
        if isinstance(rule, BeforeValidator) and rule.func is base_model.parse_duration:
            return f"`{span(default)}`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def span(seconds: float) -> str:
    """A time span as it is written in config."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"


if __name__ == "__main__":
    before = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(with_tables(before), encoding="utf-8")
    sys.exit(0)
