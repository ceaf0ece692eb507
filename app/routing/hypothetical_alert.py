"""A hypothetical alert: from labels given on the command line to an alert for the stages of the pipeline."""

import re
from collections.abc import Iterator, Mapping, Sequence

import click

from app.config_tools.device_lookup import did_you_mean
from ward.alert import Alert
from ward.clock import Micros
from ward.config.config import Config
from ward.config.known_names import SELF_MONITORING_ALERTS
from ward.finding import Kind, Severity
from ward.ids import printable

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)
_FIXED: Mapping[str, Sequence[str]] = {"severity": [str(s) for s in Severity], "kind": [str(k) for k in Kind]}


def parse_labels(texts: Sequence[str]) -> dict[str, str]:
    """`["bed=icu-07", "severity=high"]` as labels. Raises `click.UsageError` for an invalid or a repeated label."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not _NAME.fullmatch(name):
            raise click.UsageError(f"not a label such as severity=high: {printable(text)}")
        if name in found:
            raise click.UsageError(f"the label {name} is given twice")
        if value:
            found[name] = value.strip('"')
    return found


def derived_labels(labels: Mapping[str, str], config: Config, now: Micros) -> Iterator[tuple[str, str, str]]:
    """Labels that such an alert would also have: name, value, and from what they are derived."""
    inventory, bed = config.inventory, labels.get("bed", "")
    device = labels.get("device_id", "")
    if device in inventory.devices:
        place = inventory.place(device, now)
        yield from (("bed", place.bed, f"device {device}"), ("ward", place.ward, f"device {device}"))
        bed = bed or place.bed
    if bed in inventory.beds:
        yield "ward", inventory.beds[bed].ward, f"bed {bed}"
        yield "patient_id", inventory.patient(bed, now), f"bed {bed}"
        devices = [name for name in inventory.devices if inventory.place(name, now).bed == bed]
        if len(devices) == 1:
            yield "device_id", devices[0], f"bed {bed}"
    rule = next((rule for rule in config.rules if rule.name == labels.get("alertname")), None)
    if rule is not None:
        yield "kind", str(rule.kind), f"rule {rule.name}"
        if len(rule.signals) == 1:
            yield "metric", rule.signals[0], f"rule {rule.name}"


def unknown_values(labels: Mapping[str, str], config: Config) -> Iterator[str]:
    """Warnings for values that no alert of this config has."""
    inventory = config.inventory
    known: Mapping[str, Sequence[str]] = {
        "ward": list(inventory.wards), "bed": list(inventory.beds),
        "alertname": [*(rule.name for rule in config.rules), *sorted(SELF_MONITORING_ALERTS)], **_FIXED,
    }  # fmt: skip
    for name, values in known.items():
        if name in labels and labels[name] not in values:
            yield f"there is no {'rule' if name == 'alertname' else name} {did_you_mean(labels[name], values)}"


def hypothetical_alert(labels: Mapping[str, str], now: Micros) -> Alert:
    """The alert. The default severity is MEDIUM and the default kind physiological, as for a posted alert."""
    severity, kind = labels.get("severity", ""), labels.get("kind", "")
    return Alert(
        id="hypothetical", labels=dict(labels), annotations={}, starts_at=now, updated_at=now,
        severity=Severity(severity) if severity in _FIXED["severity"] else Severity.MEDIUM,
        kind=Kind(kind) if kind in _FIXED["kind"] else Kind.PHYSIOLOGICAL,
    )  # fmt: skip
