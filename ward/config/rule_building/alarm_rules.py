"""The unchecked rules of `alarms` in `bridge.yaml`, one for each code, and the signals that they evaluate."""

from collections.abc import Iterator

from ward.config.known_names import NOT_AN_ID
from ward.config.mapping.alarms import AlarmEntry
from ward.config.rule import Rule
from ward.config.rule_building.detector_rules import Detectors
from ward.config.rule_building.unchecked_rule import UncheckedRule
from ward.config.schema.bridge_file import BridgeFile
from ward.config.yaml.document import KeyPath
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.validation import ValidatedFile
from ward.ids import is_id, printable
from ward.signals import Catalogue, Signal

DETECTOR = "device_alarm"


def alarm_rules(
    validated_file: ValidatedFile[BridgeFile], detectors: Detectors, faults: FaultCollector
) -> Iterator[UncheckedRule]:
    """Yields the rule of each code. Adds faults of names that are no ids."""
    document = validated_file.document
    for path, entry in _entries(validated_file.model):
        if DETECTOR not in detectors:
            faults.unknown(document, path, "detector", DETECTOR, detectors)
            return
        if not is_id(entry.alert):
            faults.add(document, (*path, "alert"), f"'{printable(entry.alert, 64)}' {NOT_AN_ID}")
        settings = {"severity": str(entry.severity), "text": entry.text}
        rule = Rule(
            entry.alert, DETECTOR, (entry.signal,), entry.kind, detectors[DETECTOR], settings,
            label=entry.text.partition(":")[0], source="the device's own alarm",
        )  # fmt: skip
        yield UncheckedRule(rule, document, path)


def with_alarm_signals(catalogue: Catalogue, file: BridgeFile) -> Catalogue:
    """The catalogue with a signal for each code: 1 while the device reports the alarm, else 0."""
    found = {
        entry.signal: Signal(
            name=entry.signal, label=entry.text.partition(":")[0], unit="1", display="", precision=0, low=0, high=1
        )
        for _, entry in _entries(file)
    }  # fmt: skip
    return Catalogue({**catalogue, **found}) if found else catalogue


def _entries(file: BridgeFile) -> Iterator[tuple[KeyPath, AlarmEntry]]:
    for name, mapping in file.mappings.items():
        for code, entry in mapping.alarms.codes.items() if mapping.alarms else ():
            yield ("mappings", name, "alarms", "codes", code), entry
