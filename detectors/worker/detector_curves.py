"""Curves for dashboards: the scores of each row once a minute, or how far it is from its first score; and the sums of
the imaging suite every three seconds."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from detectors.base.detector import Detector
from detectors.engine.devices import DeviceState
from detectors.engine.engine import Engine
from detectors.engine.tables.rule_row import RuleRow
from ward.clock import SECOND, Micros
from ward.wire import PROGRESS, DetectorCurve

# Rows take turns: row n of a table at second n of the minute, so that each second has as many.
TURNS = 60


def curves(engine: Engine, since: Micros, at: Micros) -> Iterator[DetectorCurve]:
    """The curves of the rows whose turn came after `since`, up to `at`, and the progress of those without a score."""
    turns = {second % TURNS for second in range(max(since // SECOND, at // SECOND - TURNS) + 1, at // SECOND + 1)}
    for table in engine.rules.tables.values():
        if not (_has(table.detector, "curves") or _has(table.detector, "progress")):
            continue
        due = (slot for turn in turns for slot in range(turn, len(table.rows), TURNS))
        slots = np.array([slot for slot in due if table.rows[slot]], dtype=np.intp)
        if not len(slots):
            continue
        found, progress = table.curves(slots) or {}, table.progress(slots, at / SECOND)
        for i, slot in enumerate(slots.tolist()):
            fields: dict[str, float | str] = {n: float(v[i]) for n, v in found.items() if np.isfinite(v[i])}
            if text := progress[i] if progress else "":
                fields[PROGRESS] = text
            if fields:
                yield DetectorCurve(
                    name=table.detector.name, at=at, fields=fields, tags=_tags(engine, table.row(slot), at)
                )  # fmt: skip


def _tags(engine: Engine, row: RuleRow, at: Micros) -> dict[str, str]:
    """What a row is about: a series of a device, or of a cohort that of a member."""
    state = engine.devices.by_name[row.device]
    device, signal, place = row.device, row.signal, state.place
    if state.cohort:
        device, signal = row.signal, state.cohort.signal
        place = engine.rules.config.inventory.place(device, at, state.ward, state.device_kind)
    return {"device": device, "signal": signal, "rule": row.rule.name, "ward": place.ward, "bed": place.bed}


def _has(detector: Detector[Any], method: str) -> bool:
    return getattr(type(detector), method) is not getattr(Detector, method)


def imaging_humidity(engine: Engine, at: Micros) -> Iterator[tuple[str, DetectorCurve]]:
    """For each imaging device and partition, by key: the sum and number of its humidity readings, and its loggers.

    A reading counts when it comes, late or not. `web.model.imaging` adds up the parts of several workers.
    """
    suite: dict[tuple[str, int], list[DeviceState]] = {}
    for device in engine.devices.by_name.values():
        if device.logger and device.humidity_count:
            suite.setdefault((device.attached, device.partition), []).append(device)
    for (name, part), loggers in suite.items():
        fields: dict[str, float | str] = {
            "sum": sum(d.humidity_sum for d in loggers),
            "count": float(sum(d.humidity_count for d in loggers)),
            "sensors": float(len(loggers)),
            "names": ",".join(sorted(d.name for d in loggers)),
        }
        tags = {"imaging_device": name, "part": str(part)}
        yield f"{name}/{part}", DetectorCurve(name="imaging", at=at, fields=fields, tags=tags)
