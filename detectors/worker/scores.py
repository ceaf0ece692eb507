"""Derived numbers for dashboards: each CUSUM once a minute, and the imaging suite's sums every three seconds."""

from collections.abc import Iterator

import numpy as np

from detectors.base.detector import Detector
from detectors.engine.devices import Device
from detectors.engine.engine import Engine
from ward.clock import SECOND, Micros
from ward.wire import Score

# Rows take turns, so that no second of a minute has more to do than another.
TURNS = 60


def curves(engine: Engine, since: Micros, at: Micros) -> Iterator[Score]:
    """The scores of the rows whose turn came after `since`, up to `at`."""
    turns = {second % TURNS for second in range(max(since // SECOND, at // SECOND - TURNS) + 1, at // SECOND + 1)}
    for bank in engine.roster.banks.values():
        if type(bank.detector).numbers is Detector.numbers:
            continue
        mine = (slot for turn in turns for slot in range(turn, len(bank.rows), TURNS))
        slots = np.array([slot for slot in mine if bank.rows[slot]], dtype=np.intp)
        numbers = bank.numbers(slots) if len(slots) else None
        for i, slot in enumerate(slots.tolist() if numbers else ()):
            fields = {name: float(values[i]) for name, values in (numbers or {}).items() if np.isfinite(values[i])}
            if fields:
                row = bank.row(slot)
                place = engine.devices.by_name[row.device].place
                tags = {
                    "device": row.device, "signal": row.signal, "rule": row.rule.name, "ward": place.ward,
                    "bed": place.bed,
                }  # fmt: skip
                yield Score(name=bank.detector.kind, at=at, fields={**fields}, tags=tags)


def imaging(engine: Engine, at: Micros) -> Iterator[tuple[str, Score]]:
    """For each imaging device and partition: the sum and number of its humidity readings, and its loggers, by name.

    A reading counts when it comes, late or not. Parts of several workers add up: `web.model.imaging_suite` does it.
    """
    suite: dict[tuple[str, int], list[Device]] = {}
    for device in engine.devices.by_name.values():
        if device.logger and device.readings:
            suite.setdefault((device.attached, device.group), []).append(device)
    for (name, part), loggers in suite.items():
        fields: dict[str, float | str] = {
            "sum": sum(d.total for d in loggers),
            "count": float(sum(d.readings for d in loggers)),
            "sensors": float(len(loggers)),
            "names": ",".join(sorted(d.name for d in loggers)),
        }
        tags = {"imaging_device": name, "part": str(part)}
        yield f"{name}/{part}", Score(name="imaging", at=at, fields=fields, tags=tags)
