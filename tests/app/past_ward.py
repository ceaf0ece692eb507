"""Fifty minutes of three beds in a store: one patient desaturates, one monitor is unplugged."""

from collections.abc import Iterator
from pathlib import Path

from app.console.cli_context import config_of
from bridge.store_points.findings import finding_points
from bridge.store_points.readings import ReadingPoints
from detectors.engine.engine import Engine
from tests.app.calling import SHIPPED
from tests.detectors.builders import T0, at
from tests.detectors.shipped_rules import changed, healthy
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import Micros, format_instant
from ward.config.config import Config
from ward.finding import Finding
from ward.reading import Reading

BEDS = ("icu-01", "icu-02", "icu-03")
LENGTH = 3000.0
# When SpO2 falls to 84 % for a minute, at what is to be the second bed; and when the third goes off the air.
DIP, GONE = 1200.0, 2400.0
SPAN = ("--from", format_instant(T0), "--to", format_instant(at(LENGTH)))


def readings() -> list[Reading]:
    """All of them in the order of their times."""
    return sorted((r for i, bed in enumerate(BEDS) for r in _of(bed, i)), key=lambda r: r.at)


def _of(bed: str, seed: int) -> Iterator[Reading]:
    for reading in healthy(f"mon-{bed}", LENGTH, seed):
        t = (reading.at - T0) / 1e6
        if bed == "icu-02" and DIP <= t < DIP + 60:
            yield changed(reading, spo2=84.0)
        elif bed != "icu-03" or t < GONE:
            yield reading


def found(config: Config, start: Micros, all_: list[Reading]) -> list[Finding]:
    """What the detectors found when the readings came, a second at a time."""
    engine, findings = Engine(config), []
    engine.add_expected([f"mon-{bed}" for bed in BEDS], start)
    due = iter(all_)
    ahead = next(due, None)
    for second in range(round(LENGTH) + 1):
        batch = []
        while ahead is not None and ahead.at < at(second):
            batch.append(ahead)
            ahead = next(due, None)
        findings += engine.evaluate(batch).findings
        findings += engine.advance(at(second)).findings
    return findings


def write(path: Path) -> SqliteStore:
    """The store, as the archive would have written it; it stays open for writing, as that of a running ward."""
    config, store, all_ = config_of(SHIPPED, T0), SqliteStore(path), readings()
    make = ReadingPoints(config)
    store.write([point for reading in all_ for point in make.points(reading)])
    store.write([point for finding in found(config, T0, all_) for point in finding_points(finding)])
    return store
