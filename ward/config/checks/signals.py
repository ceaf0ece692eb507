"""Cross checks of `signals.yaml`."""

from ward.config.known_names import NOT_AN_ID
from ward.config.schema.signals_file import SignalsFile
from ward.config.units import UNITS
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.validation import ValidatedFile
from ward.ids import is_id, printable


def check_signals(sheet: ValidatedFile[SignalsFile], faults: FaultCollector) -> None:
    """Names that are no ids, and units nobody knows."""
    for name, path in sheet.whole.names():
        if not is_id(name):
            faults.add(sheet.whole, path, f"'{printable(name, 64)}' {NOT_AN_ID}", key=True)
    for name, entry in sheet.model.root.items():
        if entry.unit not in UNITS:
            faults.unknown(sheet.document, (name, "unit"), "unit", entry.unit, UNITS)
