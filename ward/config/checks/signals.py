"""Cross checks of `signals.yaml`."""

from ward.config.known_names import NOT_AN_ID
from ward.config.mapping.unit_conversion import unit_code
from ward.config.schema.signals_file import SignalsFile
from ward.config.units import UNITS
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.validation import ValidatedFile
from ward.ids import is_id, printable


def check_signals(validated_file: ValidatedFile[SignalsFile], faults: FaultCollector) -> None:
    """Adds faults of names that are not ids, and of unknown units."""
    for name, path in validated_file.original.names():
        if not is_id(name):
            faults.add(validated_file.original, path, f"'{printable(name, 64)}' {NOT_AN_ID}", key=True)
    for name, entry in validated_file.model.root.items():
        if entry.unit not in UNITS:
            code = unit_code(entry.unit)
            if code is None:
                faults.unknown(validated_file.document, (name, "unit"), "unit", entry.unit, UNITS)
            else:
                words = f"the unit '{printable(entry.unit, 64)}' is written as UCUM has it: '{code}'"
                faults.add(validated_file.document, (name, "unit"), words)
