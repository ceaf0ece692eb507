"""Waves: each value once, in the order of its device, and no series twice in a wave."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.engine.waves.cut import cut
from detectors.engine.waves.indexed_readings import IndexedReadings

# A reading: its device, and how many values it has.
BATCHES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=30)
Row = tuple[int, int, float, float]


def batch(readings: Sequence[tuple[int, int]]) -> IndexedReadings:
    """Readings at 0, 1, 2 … s, taken half a second later; the series of device d are 10·d, 10·d + 1 …"""
    devices, count = (np.array(column, dtype=np.intp) for column in zip(*readings, strict=True)) if readings else (
        np.empty(0, np.intp), np.empty(0, np.intp),
    )  # fmt: skip
    series = [10 * device + i for device, values in readings for i in range(values)]
    at = np.arange(len(readings), dtype=float)
    return IndexedReadings(
        devices, at, at + 0.5, count, np.array(series, np.intp), np.arange(len(series), dtype=float),
        np.flatnonzero(devices == 3), 50,
    )  # fmt: skip


def rows(indexed: IndexedReadings) -> list[list[Row]]:
    """By wave, for each value: the index of its reading in the batch, its series, value and time."""
    found = []
    for wave in cut(indexed):
        origin = wave.origin[wave.reading]
        found.append([*zip(origin.tolist(), wave.series.tolist(), wave.x.tolist(), wave.t.tolist(), strict=True)])
    return found


@settings(deadline=None)
@given(BATCHES)
def test_the_nth_reading_of_each_device_is_in_the_nth_wave(readings: list[tuple[int, int]]) -> None:
    waves: list[list[Row]] = []
    seen: dict[int, int] = {}
    x = 0.0
    for i, (device, values) in enumerate(readings):
        rank = seen[device] = seen.get(device, -1) + 1
        waves += [[] for _ in range(rank + 1 - len(waves))]
        for n in range(values):
            waves[rank].append((i, 10 * device + n, x, float(i)))
            x += 1
    # A wave is in the order of its devices, and so of their series.
    assert rows(batch(readings)) == [sorted(wave, key=lambda row: row[1]) for wave in waves]


@settings(deadline=None)
@given(BATCHES)
def test_a_wave_has_each_device_once_with_its_own_times_and_status(readings: list[tuple[int, int]]) -> None:
    indexed = batch(readings)
    for wave in cut(indexed):
        assert len(set(wave.devices.tolist())) == len(wave.devices)
        assert (wave.devices == indexed.devices[wave.origin]).all()
        assert (wave.received_at == wave.origin + 0.5).all()
        status = wave.status_only if wave.status_only is not None else np.empty(0, np.intp)
        assert (wave.devices[status] == 3).all()
        assert len(status) == (wave.devices == 3).sum()
