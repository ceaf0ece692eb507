"""A device's rows as one record, and back."""

from collections.abc import Iterable, Mapping

import numpy as np

from detectors.engine.bank import Bank, Row
from detectors.engine.devices import Device, DeviceColumns, SeriesColumns
from detectors.engine.engine import Engine
from detectors.engine.roster import Ending, moved, slots
from ward.clock import SECOND
from ward.finding import End, Finding, Kind
from ward.inventory import Place
from ward.wire import SavedState


def save(engine: Engine, offsets: Mapping[str, int]) -> list[SavedState]:
    """The state of some devices, each with the offset of the last reading that is in it.

    A device that was forgotten leaves a record that says nothing but its offset.
    """
    devices = [engine.devices.by_name[name] for name in offsets if name in engine.devices.by_name]
    rows = _rows(engine, devices)
    known = [_record(engine, device, offsets[device.name], rows[device.name]) for device in devices]
    gone = [SavedState(device=n, offset=o, clock=0, series={}) for n, o in offsets.items() if n not in rows]
    return known + gone


def restore(engine: Engine, record: SavedState) -> list[Finding]:
    """A device as it was. What was open and is no row's any more ends here.

    A row whose rule is another one now, or asks something else, starts afresh; so do those that judge a
    patient, when it is another patient.
    """
    device = engine.enrol(record.device, record.clock, record.ward, record.kind, record.attached)
    if record.tally:
        device.total, device.readings = record.tally
    _heard(engine, device, record)
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
        Ending(told, End.DISCHARGED if left and told.kind is Kind.PHYSIOLOGICAL else End.RULE_CHANGED,
               record.clock)
        for told in open_.values()
    )  # fmt: skip


def _rows(engine: Engine, devices: Iterable[Device]) -> dict[str, list[tuple[Row, bytes]]]:
    """The rows of some devices with their bytes, gathered bank by bank."""
    found: dict[str, list[tuple[Row, bytes]]] = {device.name: [] for device in devices}
    for bank in engine.roster.banks.values():
        numbers = [slot for device in devices for slot in device.rows.get(bank, ())]
        if numbers:
            matrix = bank.dump(np.array(numbers)).astype("<f8")
            for slot, line in zip(numbers, matrix, strict=True):
                row = bank.row(slot)
                found[row.device].append((row, line.tobytes()))
    return found


def _record(engine: Engine, device: Device, offset: int, rows: list[tuple[Row, bytes]]) -> SavedState:
    by_rule: dict[str, dict[str, bytes]] = {}
    series = engine.devices.series
    for row, data in rows:
        by_rule.setdefault(row.rule.name, {})[row.signal] = data
    return SavedState(
        device=device.name, offset=offset, clock=engine.lived(device),
        series={"": _seen(engine.devices.columns, device.number, None)} | {
            signal: _seen(series, number, series.last[number])
            for signal, number in device.series.items() if np.isfinite(series.heard[number])
        },
        rows=by_rule, shapes={row.rule.name: row.shape for row, _ in rows},
        open=[row.told for row, _ in rows if row.told], ward=device.ward, kind=device.kind, attached=device.attached,
        bed=device.place.bed, patient=device.place.patient,
        tally=(device.total, device.readings) if device.logger else None,
    )  # fmt: skip


def _seen(table: DeviceColumns | SeriesColumns, number: int, last: float | None) -> tuple[int | None, int, int, int]:
    judged = None if last is None or np.isneginf(last) else round(last * SECOND)
    heard, first = (round(float(column[number]) * SECOND) for column in (table.heard, table.first))
    return judged, heard, first, round(table.count[number])


def _heard(engine: Engine, device: Device, record: SavedState) -> None:
    for signal, (last, heard, first, count) in record.series.items():
        table: DeviceColumns | SeriesColumns = engine.devices.columns
        number = device.number
        if signal:
            engine.roster.watch(device, signal)
            table, number = engine.devices.series, device.series[signal]
            table.last[number] = -np.inf if last is None else last / SECOND
        table.heard[number], table.first[number], table.count[number] = heard / SECOND, first / SECOND, count


def _load(bank: Bank, slot: int, row: Row, record: SavedState) -> bool:
    data = record.rows.get(row.rule.name, {}).get(row.signal)
    if data is None or record.shapes.get(row.rule.name) != row.shape:
        return False
    try:
        bank.load(slot, data)
    except ValueError:  # of another width: as good as another shape
        return False
    return True
