"""A device's rows as one record, and back."""

from collections.abc import Iterable, Mapping

import numpy as np

from detectors.base.detector import Floats
from detectors.engine.devices import Device, DeviceColumns, SeriesColumns
from detectors.engine.engine import Engine
from detectors.engine.rule_assignment import ForcedEnd, moved, slots
from detectors.engine.tables.detector_table import DetectorTable
from detectors.engine.tables.rule_row import RuleRow
from ward.clock import SECOND, Micros
from ward.finding import End, Finding, Kind
from ward.inventory import Place
from ward.wire import SavedState

# Device time of the newest value judged, when it was last heard of, when first, and how many there were.
Heard = tuple[Micros | None, Micros, Micros, int]


def save(engine: Engine, offsets: Mapping[str, int]) -> list[SavedState]:
    """The state of some devices, each with the offset of the last reading that is in it.

    A device that was forgotten leaves a record that says nothing but its offset.
    """
    known = engine.devices
    devices = [known.by_name[name] for name in offsets if name in known.by_name]
    rows = _rows(engine, devices)
    whole = _heard_of(known.columns, [device.number for device in devices], None)
    series = [number for device in devices for number in device.series.values()]
    of_each = iter(_heard_of(known.series, series, known.series.last[series]))
    records = [
        _record(engine, device, offsets[device.name], rows[device.name],
                {"": own, **{signal: seen for signal, seen in zip(device.series, of_each, strict=False) if seen[1]}})
        for device, own in zip(devices, whole, strict=True)
    ]  # fmt: skip
    gone = [SavedState(device=n, offset=o, clock=0, series={}) for n, o in offsets.items() if n not in rows]
    return records + gone


def restore(engine: Engine, record: SavedState) -> list[Finding]:
    """A device as it was. What was open and is no row's any more ends here.

    A row whose rule is another one now, or asks something else, starts afresh; so do those that judge a
    patient, when it is another patient.
    """
    device = engine.enrol(record.device, record.clock, record.ward, record.device_kind, record.attached)
    if record.tally:
        device.total, device.readings = record.tally
    _hear(engine, device, record)
    left = moved(Place(ward=record.ward, bed=record.bed, patient=record.patient), device.place)
    open_ = {(finding.rule, finding.signal): finding for finding in record.open}
    for bank, slot in slots(device):
        row = bank.row(slot)
        if left and row.rule.kind is Kind.PHYSIOLOGICAL:
            continue
        if _load(bank, slot, row, record):
            row.told = open_.pop((row.rule.name, row.signal.lstrip("?")), None)
            if row.told:
                engine.passing.follow(device, bank, slot)
    return engine.end(
        ForcedEnd(told, End.DISCHARGED if left and told.kind is Kind.PHYSIOLOGICAL else End.RULE_CHANGED,
               record.clock)
        for told in open_.values()
    )  # fmt: skip


def _rows(engine: Engine, devices: Iterable[Device]) -> dict[str, list[tuple[RuleRow, bytes]]]:
    """The rows of some devices with their bytes, gathered bank by bank."""
    found: dict[str, list[tuple[RuleRow, bytes]]] = {device.name: [] for device in devices}
    for bank in engine.roster.banks.values():
        numbers = [slot for device in devices for slot in device.rows.get(bank, ())]
        if not numbers:
            continue
        matrix = bank.dump(np.array(numbers)).astype("<f8")
        data, width = matrix.tobytes(), matrix.shape[1] * 8
        for i, slot in enumerate(numbers):
            row = bank.row(slot)
            found[row.device].append((row, data[i * width : (i + 1) * width]))
    return found


def _record(
    engine: Engine, device: Device, offset: int, rows: list[tuple[RuleRow, bytes]], series: dict[str, Heard]
) -> SavedState:
    by_rule: dict[str, dict[str, bytes]] = {}
    for row, data in rows:
        by_rule.setdefault(row.rule.name, {})[row.signal] = data
    return SavedState(
        device=device.name, offset=offset, clock=engine.lived(device), series=series,
        rows=by_rule, shapes={row.rule.name: row.shape for row, _ in rows},
        open=[row.told for row, _ in rows if row.told],
        ward=device.ward, device_kind=device.device_kind, attached=device.attached,
        bed=device.place.bed, patient=device.place.patient,
        tally=(device.total, device.readings) if device.logger else None,
    )  # fmt: skip


def _heard_of(table: DeviceColumns | SeriesColumns, numbers: list[int], last: Floats | None) -> list[Heard]:
    """What a record says of each; 0 stands for an instant that never was."""
    heard, first, count = table.heard[numbers], table.first[numbers], table.count[numbers]
    instants = [_instants(column) for column in (heard, first, count / SECOND)]
    judged = [0] * len(numbers) if last is None else _instants(last)
    return [(one or None, *rest) for one, *rest in zip(judged, *instants, strict=True)]


def _instants(seconds: Floats) -> list[Micros]:
    whole: list[Micros] = np.rint(np.where(np.isfinite(seconds), seconds, 0.0) * SECOND).astype(np.int64).tolist()
    return whole


def _hear(engine: Engine, device: Device, record: SavedState) -> None:
    for signal, (last, heard, first, count) in record.series.items():
        table: DeviceColumns | SeriesColumns = engine.devices.columns
        number = device.number
        if signal:
            engine.roster.watch(device, signal)
            table, number = engine.devices.series, device.series[signal]
            table.last[number] = -np.inf if last is None else last / SECOND
        table.heard[number], table.count[number] = heard / SECOND, count
        table.first[number] = first / SECOND if first else np.inf


def _load(bank: DetectorTable, slot: int, row: RuleRow, record: SavedState) -> bool:
    data = record.rows.get(row.rule.name, {}).get(row.signal)
    if data is None or record.shapes.get(row.rule.name) != row.shape:
        return False
    try:
        bank.load(slot, data)
    except ValueError:  # of another width: as good as another shape
        return False
    return True
