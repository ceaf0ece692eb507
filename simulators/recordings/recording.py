"""Recordings of a bed: measured values with their times, from a file.

Three formats, recognised by the content of the file, not by its name:

- CSV with `t_seconds` (seconds since the beginning) or `at` (RFC 3339) and a column a signal;
- the numerics of PhysioNet's MIMIC as CSV (`t_seconds`, `HR_bpm`, `SpO2_%`, …), where 0 means no value;
- JSON, one object a line: `{"at": "…", "values": {…}}` or `{"t": 12.5, "values": {…}}`; other keys are ignored.
"""

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ward.clock import SECOND, Micros, parse_instant
from ward.errors import SettingsError
from ward.ids import is_id, printable

MOST_BYTES = 256 * 1024 * 1024
_SIMPLE = {"HR_bpm": "heart_rate", "RESP_pm": "respiratory_rate", "SpO2_%": "spo2"}
# The arterial line is used where there is one, else the cuff.
_PRESSURES = (("ABPSys_mmHg", "ABPDias_mmHg"), ("NBPSys_mmHg", "NBPDias_mmHg"))


@dataclass(frozen=True, slots=True)
class Sample:
    """The values measured `t` seconds after the beginning; `values` is empty where the monitor had none."""

    t: float
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Recording:
    """Samples in order of time. `begun` is the time of the first, where the file has it."""

    name: str
    samples: tuple[Sample, ...]
    begun: Micros | None = None

    @property
    def lasts(self) -> float:
        """Seconds from the first sample to the last."""
        return self.samples[-1].t


def read_recording(path: Path) -> Recording:
    """Read a file. Raises `SettingsError` with file, line and remedy when it is not a recording."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SettingsError(f"{path}: larger than {MOST_BYTES >> 20} MB; split it")
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return _recording(path, lines)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error


# The time, in µs since the epoch (int) or in seconds since any beginning (float), and the values.
Timed = tuple[float | Micros, dict[str, float]]
Parser = Callable[[str], Timed]


def _recording(path: Path, lines: Iterator[str]) -> Recording:
    samples: list[Sample] = []
    begun: Micros | None = None
    number = 1
    try:
        first = next(lines, "")
        is_json = first.lstrip().startswith("{")
        parse = _json if is_json else _csv(first)
        # The error message names the line.
        for number, line in enumerate(chain([first], lines) if is_json else lines, 1 if is_json else 2):  # noqa: B007
            if not line.strip():
                continue
            t, values = parse(line)
            if isinstance(t, int):
                begun = t if begun is None else begun
                t = (t - begun) / SECOND
            samples.append(Sample(_in_order(t, samples), values))
    except (ValueError, csv.Error, RecursionError) as error:
        raise SettingsError(f"{path}:{number}: {printable(str(error))}") from error
    if not samples:
        raise SettingsError(f"{path}: holds no sample; see docs/simulators.md for the formats")
    origin = samples[0].t
    return Recording(path.stem, tuple(Sample(s.t - origin, s.values) for s in samples), begun)


def _in_order(t: float, samples: list[Sample]) -> float:
    if not math.isfinite(t) or (samples and t < samples[-1].t):
        raise ValueError("times must not go back")
    return t


def _csv(header: str) -> Parser:
    names = [name.strip() for name in next(csv.reader([header]), [])]
    timed = "at" if "at" in names else "t_seconds"
    if timed not in names:
        raise ValueError("the first line must name a column `t_seconds` or `at`; see docs/simulators.md")
    mimic = "HR_bpm" in names
    signals = [name for name in names if name not in ("at", "t_seconds", "sample")]
    if not mimic:
        _check_names(signals)

    def parse(line: str) -> Timed:
        cells = next(csv.reader([line]))
        if len(cells) != len(names):
            raise ValueError(f"{len(cells)} cells under {len(names)} names")
        row = dict(zip(names, cells, strict=True))
        t = parse_instant(row[timed]) if timed == "at" else float(row[timed])
        values = {name: _number(row[name]) for name in signals if row[name].strip()}
        return t, _mapped(values) if mimic else values

    return parse


def _json(line: str) -> Timed:
    entry = json.loads(line)
    if not isinstance(entry, dict) or not isinstance(entry.get("values"), dict):
        raise ValueError("each line must be an object with `values`")
    values = {name: _number(value) for name, value in entry["values"].items() if value is not None}
    _check_names(values)
    if isinstance(entry.get("at"), str):
        return parse_instant(entry["at"]), values
    if "t" not in entry:
        raise ValueError("a line needs `at`, such as 2026-11-21T15:00:00Z, or `t` in seconds")
    return _number(entry["t"]), values


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        if not is_id(name):
            raise ValueError(f"{name!r} is not the name of a signal")


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{value!r} is not a number")
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{value!r} is not a number") from error
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is not finite; leave out what is missing")
    return number


def _mapped(values: dict[str, float]) -> dict[str, float]:
    """Our signals from those of MIMIC, where 0 means that the monitor had no value."""
    found = {ours: values[theirs] for theirs, ours in _SIMPLE.items() if values.get(theirs, 0) > 0}
    for systolic, diastolic in _PRESSURES:
        if values.get(systolic, 0) > 0 and values.get(diastolic, 0) > 0:
            return {**found, "systolic_bp": values[systolic], "diastolic_bp": values[diastolic]}
    return found
