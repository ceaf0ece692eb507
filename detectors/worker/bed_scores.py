"""Scores of patients for the screens, each every ten seconds."""

from collections.abc import Iterator

import numpy as np

from detectors.base.score_report import PartReport
from detectors.engine.engine import Engine
from detectors.engine.tables.vector_table import VectorTable
from ward.clock import SECOND, Micros
from ward.score import BedScore, ScorePart

# Rows take turns: row n of a table at second n of ten, so that each second has as many.
TURNS = 10


def bed_scores(engine: Engine, since: Micros, at: Micros) -> Iterator[BedScore]:
    """The scores of the rows whose turn came after `since`, up to `at`, as they are at `at`."""
    turns = {second % TURNS for second in range(max(since // SECOND, at // SECOND - TURNS) + 1, at // SECOND + 1)}
    for table in engine.rules.tables.values():
        if isinstance(table, VectorTable):
            for slot in (slot for turn in turns for slot in range(turn, len(table.rows), TURNS)):
                if table.rows[slot] is not None:
                    yield from _score(engine, table, slot, at)


def _score(engine: Engine, table: VectorTable, slot: int, at: Micros) -> Iterator[BedScore]:
    row, place = table.row(slot), engine.devices.by_name[table.row(slot).device].place
    report = table.report(slot, at / SECOND) if place.bed else None
    if report is None:
        return
    level, until = row.last_finding.severity if row.last_finding else "", report.observed_until
    yield BedScore(
        rule=row.rule.name, name=table.detector.name, subject=row.device, ward=place.ward, bed=place.bed,
        patient=place.patient, at=at, at_least=report.at_least, highest=report.highest, value=report.value,
        severity=str(level), text=report.text, response=report.response, parts=[_part(part) for part in report.parts],
        observed_until=round(until * SECOND) if np.isfinite(until) else None,
    )  # fmt: skip


def _part(report: PartReport) -> ScorePart:
    there = np.isfinite(report.value)
    return ScorePart(
        signal=report.signal, value=report.value if there else None,
        at=round(report.measured_at * SECOND) if there else None, points=report.points,
        too_old=report.too_old,
    )  # fmt: skip
