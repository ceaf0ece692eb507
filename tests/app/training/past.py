"""Seven hours of three monitors and a logger in a store, and the same as files of values."""

from pathlib import Path
from typing import Any

import numpy as np

from app.console.cli_context import config_of
from bridge.store_points.readings import ReadingPoints
from detectors.base.columns import Floats
from tests.app.calling import SHIPPED, call
from tests.detectors.builders import T0, at
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import format_instant
from ward.reading import Reading

HOUR = 3600.0
LENGTH = 7 * HOUR
STEP = 20.0
MONITORS = ("mon-icu-01", "mon-icu-02", "mon-icu-03")
SPAN = ("--from", format_instant(T0), "--to", format_instant(at(LENGTH)))
TRAIN = ("models", "train", "hearts", "--signal", "heart_rate")


def heart_rates(seed: int, length: float = LENGTH) -> Floats:
    """A heart rate that wanders within minutes, one value each `STEP`."""
    rng, n = np.random.default_rng(seed), int(length / STEP)
    return np.round(78 + 4 * np.sin(np.arange(n) / 40 + seed) + rng.normal(0, 1, n))


def write_store(path: Path) -> str:
    """A store with all of it; the third monitor sends for half an hour only. Returns its URL."""
    store, points = SqliteStore(path), ReadingPoints(config_of(SHIPPED, T0))
    for seed, device in enumerate(MONITORS):
        rates = heart_rates(seed)[: 90 if seed == 2 else None]
        for i, rate in enumerate(rates.tolist()):
            store.write(list(points.points(_reading(device, i * STEP, rate))))
    store.close()
    return f"sqlite:{path}"


def write_csv(path: Path, x: Any, step: float = STEP) -> Path:
    """A file of values, one each `step` seconds."""
    rows = (f"{format_instant(at(i * step))},{value}\n" for i, value in enumerate(x))
    path.write_text("time,heart\n" + "".join(rows), encoding="utf-8")
    return path


def train(*words: object) -> Any:
    """`wardwatch models train hearts …` of the heart rate."""
    return call(*TRAIN, *words)


def _reading(device: str, t: float, rate: float) -> Reading:
    return Reading(
        device=device, ward="icu", at=at(t), received_at=at(t), device_kind="bedside_monitor",
        values={"heart_rate": rate, "spo2": 97.0},
    )  # fmt: skip
