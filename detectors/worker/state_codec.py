"""The state of a device as one record, and back."""

from collections.abc import Iterable, Mapping

import numpy as np

from detectors.base.columns import Floats
from detectors.base.derived_signals import signal_of
from detectors.engine.device_places import patient_changed
from detectors.engine.devices import DeviceState, series_of
from detectors.engine.engine import Engine
from detectors.engine.number_columns import DeviceColumns, SeriesColumns
from detectors.engine.rule_assignment import ForcedEnd
from detectors.engine.tables.detector_table import DetectorTable
from detectors.engine.tables.rule_row import RuleRow
from ward.clock import SECOND, Micros
from ward.finding import EndReason, Finding, Kind
from ward.inventory import Place
from ward.wire import SavedState

# The time of the newest value that was evaluated; when the bridge received the newest value, and the first; how many
# there were.
History = tuple[Micros | None, Micros, Micros, int]


def save(engine: Engine, offsets: Mapping[str, int]) -> list[SavedState]:
    """The state of some devices, each with the offset of the last reading that is in it.

    A device that was forgotten has a record with nothing but its offset.
    """
    known = engine.devices
    devices = [known.by_name[name] for name in offsets if name in known.by_name]
    rows = _rows(engine, devices)
    of_devices = _history(known.columns, [device.number for device in devices], None)
    numbers = [number for device in devices for number in device.series.values()]
    of_series = iter(_history(known.series, numbers, known.series.newest[numbers]))
    records = []
    for device, own in zip(devices, of_devices, strict=True):
        of_signals = {signal: history for signal, history in zip(device.series, of_series, strict=False) if history[1]}
        records.append(_record(engine, device, offsets[device.name], rows[device.name], {"": own, **of_signals}))
    gone = [SavedState(device=n, offset=o, watermark=0, series={}) for n, o in offsets.items() if n not in rows]
    return records + gone


def restore(engine: Engine, record: SavedState) -> list[Finding]:
    """Restore a device. Returns findings about open episodes that have no row any more: they end here.

    A row starts again when thresholds or parameters of its rule changed; rows about a patient, when there is another
    patient.
    """
    device = engine.new_devices.add(record.device, record.watermark, record.ward, record.device_kind, record.attached)
    if record.humidity:
        device.humidity_sum, device.humidity_count = record.humidity
    if engine.sources:
        engine.sources.restore(record.device, record.sources, record.source_numbers)
    _restore_history(engine, device, record)
    other = patient_changed(Place(ward=record.ward, bed=record.bed, patient=record.patient), device.place)
    removed = bool(record.bed) and device.unregistered
    if removed:
        engine.devices.forget_history(device)
    open_ = {(finding.rule, series_of(finding, device)): finding for finding in record.open_findings}
    for table, slot in device.slots():
        row = table.row(slot)
        if removed or (other and row.rule.kind is Kind.PHYSIOLOGICAL):
            continue
        if _load(table, slot, row, record):
            table.note_finding(slot, open_.pop((row.rule.name, signal_of(row.signal)), None))
            if row.last_finding:
                engine.time.note_open(device, table, slot)
    return engine.end_episodes(
        ForcedEnd(last, _reason(engine, last, other, removed), record.watermark)
        for last in open_.values()
    )  # fmt: skip


def _reason(engine: Engine, last: Finding, other: bool, removed: bool) -> EndReason:
    """Why an episode has no row any more: the device was removed, the patient is another one, the rule was removed or
    changed."""
    if removed or all(rule.name != last.rule for rule in engine.rules.config.rules):
        return EndReason.REMOVED
    return EndReason.DISCHARGED if other and last.kind is Kind.PHYSIOLOGICAL else EndReason.RULE_CHANGED


def _rows(engine: Engine, devices: Iterable[DeviceState]) -> dict[str, list[tuple[RuleRow, bytes]]]:
    """The rows of some devices with their bytes, table by table."""
    found: dict[str, list[tuple[RuleRow, bytes]]] = {device.name: [] for device in devices}
    for table in engine.rules.tables.values():
        slots = [slot for device in devices for slot in device.rows.get(table, ())]
        if not slots:
            continue
        matrix = table.dump(np.array(slots)).astype("<f8")
        data, width = matrix.tobytes(), matrix.shape[1] * 8
        for i, slot in enumerate(slots):
            row = table.row(slot)
            found[row.device].append((row, data[i * width : (i + 1) * width]))
    return found


def _record(
    engine: Engine, device: DeviceState, offset: int, rows: list[tuple[RuleRow, bytes]], series: dict[str, History]
) -> SavedState:
    sources, numbers = engine.sources.of(device.name) if engine.sources else ({}, {})
    by_rule: dict[str, dict[str, bytes]] = {}
    for row, data in rows:
        by_rule.setdefault(row.rule.name, {})[row.signal] = data
    return SavedState(
        device=device.name, offset=offset, watermark=engine.watermark(device), series=series, rows=by_rule,
        digests={row.rule.name: row.digest for row, _ in rows},
        open_findings=[row.last_finding for row, _ in rows if row.last_finding], ward=device.ward,
        device_kind=device.device_kind, attached=device.attached, bed=device.place.bed, patient=device.place.patient,
        humidity=(device.humidity_sum, device.humidity_count) if device.logger else None,
        sources=sources, source_numbers=numbers,
    )  # fmt: skip


def _history(table: DeviceColumns | SeriesColumns, numbers: list[int], newest: Floats | None) -> list[History]:
    """The times and counts of some devices or series; 0 stands for no time."""
    last, first, count = table.last_seen[numbers], table.first_seen[numbers], table.count[numbers]
    columns = [_micros(column) for column in (last, first, count / SECOND)]
    evaluated = [0] * len(numbers) if newest is None else _micros(newest)
    return [(one or None, *rest) for one, *rest in zip(evaluated, *columns, strict=True)]


def _micros(seconds: Floats) -> list[Micros]:
    whole: list[Micros] = np.rint(np.where(np.isfinite(seconds), seconds, 0.0) * SECOND).astype(np.int64).tolist()
    return whole


def _restore_history(engine: Engine, device: DeviceState, record: SavedState) -> None:
    for signal, (newest, last, first, count) in record.series.items():
        table: DeviceColumns | SeriesColumns = engine.devices.columns
        number = device.number
        if signal:
            engine.rules.add_series(device, signal)
            table, number = engine.devices.series, device.series[signal]
            table.newest[number] = -np.inf if newest is None else newest / SECOND
        table.last_seen[number], table.count[number] = last / SECOND, count
        table.first_seen[number] = first / SECOND if first else np.inf


def _load(table: DetectorTable, slot: int, row: RuleRow, record: SavedState) -> bool:
    """Restore one row. Returns whether the record has its state, of the same digest."""
    data = record.rows.get(row.rule.name, {}).get(row.signal)
    if data is None or record.digests.get(row.rule.name) != row.digest:
        return False
    try:
        table.load(slot, data)
    except ValueError:  # of another width, which is another layout
        return False
    return True
