"""Cross checks of `ward.yaml`, and the inventory made from it."""

from collections.abc import Iterator

from ward.config.checks.devices import check_devices
from ward.config.checks.overlap import overlaps
from ward.config.known_names import NOT_AN_ID, KnownNames
from ward.config.schema.ward_file import StayEntry, WardFile
from ward.config.yaml.document import Document, KeyPath
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.validation import ValidatedFile
from ward.ids import is_id, printable
from ward.inventory import Assignment, Bed, Device, DeviceKind, Inventory, Period, Stay, Ward


def check_ward(validated_file: ValidatedFile[WardFile], names: KnownNames, faults: FaultCollector) -> Inventory:
    """The inventory. All faults are added to `faults`."""
    file, document = validated_file.model, validated_file.document
    for pattern in (("device_kinds",), ("wards",), ("wards", "*", "beds"), ("devices",)):
        for name, path in validated_file.original.names(*pattern):
            if not is_id(name):
                faults.add(validated_file.original, path, f"'{printable(name, 64)}' {NOT_AN_ID}", key=True)
    _check_kinds(file, document, names, faults)
    _check_beds(file, document, faults)
    _check_stays(file, document, faults)
    check_devices(file, document, names, faults)
    return inventory(file)


def inventory(file: WardFile) -> Inventory:
    """The inventory that the file describes."""
    return Inventory(
        wards=[Ward(id=ward, name=entry.name) for ward, entry in file.wards.items()],
        beds=[Bed(id=bed, ward=ward, label=entry.label) for bed, (ward, entry) in file.beds().items()],
        device_kinds=[
            DeviceKind(name=name, label=kind.label, signals=dict(kind.signals), silent_after=kind.silent_after)
            for name, kind in file.device_kinds.items()
        ],
        devices=_devices(file),
        stays=[
            Stay(patient=stay.patient, bed=bed, span=stay.span)
            for bed, (_, entry) in file.beds().items()
            for stay in entry.all_stays()
        ],
    )


def _devices(file: WardFile) -> Iterator[Device]:
    wards = {bed: ward for bed, (ward, _) in file.beds().items()}
    for name, device in file.devices.items():
        assignments = (
            Assignment(
                ward=assignment.ward or wards.get(assignment.bed or "", ""),
                bed=assignment.bed or "",
                span=assignment.span,
            )
            for assignment in device.all_assignments()
        )
        yield Device(id=name, device_kind=device.device_kind, assignments=tuple(assignments))
    if file.imaging:
        kind, assignment = file.imaging.device_kind, Assignment(ward=file.imaging.ward)
        for imaging, loggers in file.imaging.loggers.items():
            for logger in loggers:
                yield Device(id=logger, device_kind=kind, assignments=(assignment,), attached=imaging)


def _check_kinds(file: WardFile, document: Document, names: KnownNames, faults: FaultCollector) -> None:
    for name, kind in file.device_kinds.items():
        for signal, every in kind.signals.items():
            path: KeyPath = ("device_kinds", name, "signals", signal)
            if signal not in names.signal:
                faults.unknown(document, path, "signal", signal, names.signal, key=True)
            if every <= 0:
                faults.add(document, path, f"{printable(signal, 64)}: give how often it comes, such as 2.5s")
        quickest = min(kind.signals.values(), default=0.0)
        if kind.silent_after <= quickest:
            words = (
                f"silent_after, {kind.silent_after:g} s, must be longer than the {quickest:g} s between two messages"
            )
            faults.add(document, ("device_kinds", name, "silent_after"), words)


def _check_beds(file: WardFile, document: Document, faults: FaultCollector) -> None:
    seen: dict[str, KeyPath] = {}
    labels: dict[str, str] = {}
    for ward, entry in file.wards.items():
        for bed, bed_entry in entry.beds.items():
            path: KeyPath = ("wards", ward, "beds", bed)
            if bed in seen:
                line = document.place(seen[bed], key=True)[0]
                words = f"bed '{printable(bed, 64)}' is there already, in line {line}: no two beds share an id"
                faults.add(document, path, words, key=True)
            seen.setdefault(bed, path)
            if labels.setdefault(bed_entry.label, bed) != bed:
                words = f"'{printable(bed_entry.label, 64)}' is the label of bed '{labels[bed_entry.label]}' too"
                faults.add(document, (*path, "label"), f"{words}: people could not find the bed")


def _check_stays(file: WardFile, document: Document, faults: FaultCollector) -> None:
    by_patient: dict[str, list[tuple[Period, tuple[str, KeyPath]]]] = {}
    for ward, entry in file.wards.items():
        for bed, bed_entry in entry.beds.items():
            path: KeyPath = ("wards", ward, "beds", bed)
            stays = bed_entry.all_stays()
            for i, stay in enumerate(stays):
                where: KeyPath = (*path, "patient") if bed_entry.patient is not None else (*path, "stays", i)
                by_patient.setdefault(stay.patient, []).append((stay.span, (bed, where)))
                if not is_id(stay.patient):
                    faults.add(document, where, f"the pseudonym '{printable(stay.patient, 64)}' {NOT_AN_ID}")
            _check_bed(bed, path, stays, document, faults)
    for patient, those in by_patient.items():
        for (bed, _), (other, where) in overlaps(those):
            if bed != other:
                words = f"patient '{printable(patient, 64)}' is in bed '{printable(bed, 64)}' at the same time"
                faults.add(document, where, words)


def _check_bed(
    bed: str, path: KeyPath, stays: tuple[StayEntry, ...], document: Document, faults: FaultCollector
) -> None:
    for i, j in overlaps([(stay.span, i) for i, stay in enumerate(stays)]):
        words = f"'{printable(stays[i].patient, 64)}' is in bed '{printable(bed, 64)}' at the same time"
        faults.add(document, (*path, "stays", j), f"{words}: give `until` and `since`")
