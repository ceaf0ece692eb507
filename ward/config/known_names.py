"""All names that the files define, also those of entries with faults."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ward.config.yaml.document import Document, Node
from ward.config.yaml.fault_collector import FaultCollector
from ward.inventory import UNKNOWN_DEVICE_KIND

NOT_AN_ID = "is no id: letters, digits, '_', '.' and '-', at most 64, the first a letter or digit"

# Alerts about Wardwatch's own programs, which have no rule.
SELF_MONITORING_ALERTS = frozenset(
    {
        "program-silent",
        "program-problem",
        "config-rejected",
        "channel-problem",
        "nobody-on-call",
        "on-call-calendar",
        "server-clock-set",
        "state-rebuilt",
        "log-replaced",
        "too-many-devices",
        "device-floods",
        "unknown-alarm-code",
    }
)


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The defined names: what may follow `ward:`, `bed:` and so on."""

    ward: frozenset[str]
    device_kind: frozenset[str]
    bed: frozenset[str]
    device: frozenset[str]
    patient: frozenset[str]
    signal: frozenset[str]
    alert: frozenset[str]

    @classmethod
    def of(cls, documents: Mapping[str, Document], faults: FaultCollector) -> "KnownNames":
        """The names in these documents. Where a file is missing or was read in part, every name counts as known."""
        nothing = Document("", Node((1, 1), None, {}))
        without_errors = {name for name, document in documents.items() if not faults.has_errors_in(document)}
        ward = documents.get("ward.yaml", nothing)
        thresholds = documents.get("thresholds.yaml", nothing)
        found = cls(
            ward=frozenset(name for name, _ in ward.names("wards")),
            # Unregistered devices have this kind.
            device_kind=frozenset(name for name, _ in ward.names("device_kinds")) | {UNKNOWN_DEVICE_KIND},
            bed=frozenset(name for name, _ in ward.names("wards", "*", "beds")),
            device=frozenset(name for name, _ in ward.names("devices")) | _texts(ward, "imaging", "loggers", "*", "*"),
            patient=_texts(ward, "wards", "*", "beds", "*", "patient")
            | _texts(ward, "wards", "*", "beds", "*", "stays", "*", "patient"),
            signal=frozenset(name for name, _ in documents.get("signals.yaml", nothing).names()),
            alert=frozenset(name for name, _ in documents.get("detectors.yaml", nothing).names("rules"))
            | _texts(thresholds, "limits", "*", "*", "alert")
            | _texts(documents.get("bridge.yaml", nothing), "mappings", "*", "alarms", "codes", "*", "alert")
            | SELF_MONITORING_ALERTS,
        )
        if "signals.yaml" not in without_errors:
            found = replace(found, signal=_Any(found.signal))
        if not {"thresholds.yaml", "detectors.yaml"} <= without_errors:
            found = replace(found, alert=_Any(found.alert))
        if "ward.yaml" not in without_errors:
            fields = ("ward", "device_kind", "bed", "device", "patient")
            found = replace(found, **{field: _Any(getattr(found, field)) for field in fields})
        return found


class _Any(frozenset[str]):
    """Contains every name; iterates over those that are known."""

    def __contains__(self, name: object) -> bool:
        return True


def _texts(document: Document, *pattern: str) -> frozenset[str]:
    return frozenset(_walk(document.root, pattern))


def _walk(node: Node, pattern: tuple[str, ...]) -> Iterator[str]:
    if not pattern:
        if isinstance(node.value, str):
            yield node.value
        return
    step, rest = pattern[0], pattern[1:]
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            if step in ("*", key):
                yield from _walk(child, rest)
    elif isinstance(node.value, list) and step == "*":
        for child in node.value:
            yield from _walk(child, rest)
