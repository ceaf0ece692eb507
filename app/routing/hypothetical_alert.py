"""A hypothetical alert: from labels given on the command line to an alert for the stages of the pipeline."""

from collections.abc import Iterator, Mapping, Sequence

import click

from app.config_tools.device_lookup import did_you_mean
from ward.alert import Alert
from ward.clock import Micros
from ward.config.config import Config
from ward.config.known_names import SELF_MONITORING_ALERTS
from ward.finding import Kind, Severity
from ward.ids import printable
from ward.matcher_syntax import read_matcher
from ward.severity_names import NAMES, SEVERITY, with_our_severity

_FIXED: Mapping[str, Sequence[str]] = {
    "severity": [name for names in NAMES.values() for name in names],
    "kind": [str(k) for k in Kind],
}


def parse_labels(texts: Sequence[str]) -> dict[str, str]:
    """`["bed=icu-07", "severity=high"]` as labels. Raises `click.UsageError` for an invalid or a repeated label."""
    found: dict[str, str] = {}
    for text in texts:
        name, value = _label(text)
        if name in found:
            raise click.UsageError(f"the label {name} is given twice")
        if value:
            found[name] = value
    return found


def _label(text: str) -> tuple[str, str]:
    """Name and value, in the syntax of matchers."""
    try:
        name, op, value = read_matcher(text)
    except ValueError as error:
        raise click.UsageError(f"not a label such as severity=high: {printable(text)}: {error}") from None
    if op != "=" or not name.isprintable():
        raise click.UsageError(f"not a label such as severity=high: {printable(text)}")
    return name, value


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
        if len(rule.alert_signals) == 1 and rule.alert_signals[0]:
            yield "metric", rule.alert_signals[0], f"rule {rule.name}"


def unknown_values(labels: Mapping[str, str], config: Config) -> Iterator[str]:
    """Warnings for values that no alert of this config has."""
    inventory = config.inventory
    known: Mapping[str, Sequence[str]] = {
        "ward": list(inventory.wards), "bed": list(inventory.beds),
        "alertname": [*(rule.name for rule in config.rules), *sorted(SELF_MONITORING_ALERTS)], **_FIXED,
    }  # fmt: skip
    for name, values in known.items():
        value = labels.get(name, "")
        if name in labels and (value.lower() if name == SEVERITY else value) not in values:
            yield f"there is no {'rule' if name == 'alertname' else name} {did_you_mean(value, values)}"


def hypothetical_alert(labels: Mapping[str, str], now: Micros) -> Alert:
    """The alert. Its severity may have any name, as that of a posted one; the default is MEDIUM, and physiological."""
    labels, kind = with_our_severity(labels) if SEVERITY in labels else labels, labels.get("kind", "")
    return Alert(
        id="hypothetical", labels=dict(labels), annotations={}, starts_at=now, updated_at=now,
        severity=Severity(labels.get(SEVERITY, Severity.MEDIUM)),
        kind=Kind(kind) if kind in _FIXED["kind"] else Kind.PHYSIOLOGICAL,
    )  # fmt: skip
