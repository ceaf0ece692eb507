"""Cross checks of the devices of `ward.yaml`."""

import re

from ward.config.checks.overlap import overlaps
from ward.config.known_names import NOT_AN_ID, KnownNames
from ward.config.schema.ward_file import AssignmentEntry, WardFile
from ward.config.yaml.document import Document, KeyPath
from ward.config.yaml.fault_collector import FaultCollector
from ward.ids import is_id, printable
from ward.inventory import Period

_IMAGING = re.compile(r"[A-Z]{2,12}-[0-9]{1,6}", re.ASCII)


def check_devices(file: WardFile, document: Document, names: KnownNames, faults: FaultCollector) -> None:
    """Adds faults of unknown kinds and places, of a device in two places, and of two devices of a kind at one bed."""
    at_bed: dict[tuple[str, str], list[tuple[Period, tuple[str, KeyPath]]]] = {}
    for name, device in file.devices.items():
        path: KeyPath = ("devices", name)
        if device.device_kind not in names.device_kind:
            faults.unknown(document, (*path, "device_kind"), "device kind", device.device_kind, names.device_kind)
        assignments = device.all_assignments()
        for i, assignment in enumerate(assignments):
            where: KeyPath = (*path, "assignments", i) if device.assignments else path
            _check_assignment(assignment, where, document, names, faults)
            if assignment.bed is not None:
                at_bed.setdefault((assignment.bed, device.device_kind), []).append(
                    (assignment.span, (name, (*where, "bed")))
                )
        for i, j in overlaps([(assignment.span, i) for i, assignment in enumerate(assignments)]):
            words = f"device '{name}' is at {_where(assignments[i])} at the same time: give `until` and `since`"
            faults.add(document, (*path, "assignments", j), words)
    for (bed, kind), those in at_bed.items():
        # Two devices of one kind at a bed would send two heart rates of one patient.
        for (name, _), (other, where) in overlaps(those):
            if name != other:
                words = f"'{name}' is at bed '{printable(bed, 64)}' at the same time, and a {printable(kind, 64)} too"
                faults.add(document, where, f"{words}: a bed has one device of a kind")
    if file.imaging:
        _check_imaging(file, document, names, faults)


def _check_assignment(
    assignment: AssignmentEntry, path: KeyPath, document: Document, names: KnownNames, faults: FaultCollector
) -> None:
    if assignment.bed is not None and assignment.bed not in names.bed:
        faults.unknown(document, (*path, "bed"), "bed", assignment.bed, names.bed)
    if assignment.ward is not None and assignment.ward not in names.ward:
        faults.unknown(document, (*path, "ward"), "ward", assignment.ward, names.ward)


def _check_imaging(file: WardFile, document: Document, names: KnownNames, faults: FaultCollector) -> None:
    imaging = file.imaging
    assert imaging is not None
    if imaging.ward not in names.ward:
        faults.unknown(document, ("imaging", "ward"), "ward", imaging.ward, names.ward)
    if imaging.device_kind not in names.device_kind:
        faults.unknown(document, ("imaging", "device_kind"), "device kind", imaging.device_kind, names.device_kind)
    seen: dict[str, str] = dict.fromkeys(file.devices, "devices")
    for device, loggers in imaging.loggers.items():
        path: KeyPath = ("imaging", "loggers", device)
        if _IMAGING.fullmatch(device) is None:
            words = f"'{printable(device, 64)}' is not how an imaging device is written here"
            faults.add(document, path, f"{words}: capitals, a dash, a number, such as MRI-12", key=True)
        for i, logger in enumerate(loggers):
            if not is_id(logger):
                faults.add(document, (*path, i), f"'{printable(logger, 64)}' {NOT_AN_ID}")
            elif logger in seen:
                faults.add(document, (*path, i), f"'{logger}' is there already, under {printable(seen[logger], 64)}")
            seen.setdefault(logger, device)


def _where(assignment: AssignmentEntry) -> str:
    return (
        f"bed '{printable(assignment.bed, 64)}'"
        if assignment.bed is not None
        else f"ward '{printable(assignment.ward or '', 64)}'"
    )
