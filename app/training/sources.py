"""Where the past comes from: the readings of a store, or a file of values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.backtests.stored_history import StoredColumns
from app.console.progress import ShowProgress
from app.detect.reading.columns import choose_columns
from app.detect.reading.csv_table import csv_table
from app.detect.reading.input_file import input_file
from app.detect.reading.numbers import numbers
from app.detect.reading.parquet_table import parquet_table
from app.training.series_means import MeansBuilder, SeriesMeans, check_count
from detectors.base.columns import Floats
from ward.clock import SECOND, Micros, format_instant
from ward.errors import InputError
from ward.ports import SeriesColumns, Store
from ward.signals import Signal
from ward.simulated_past import is_simulated


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which devices: of these kinds and with these names; without any, all."""

    device_kinds: Sequence[str] = ()
    devices: Sequence[str] = ()

    def __call__(self, tags: Mapping[str, str]) -> bool:
        asked = ((self.device_kinds, tags.get("device_kind")), (self.devices, tags.get("device")))
        return all(value in wanted for wanted, value in asked if wanted)

    def __str__(self) -> str:
        kinds, names = ", ".join(self.device_kinds), ", ".join(self.devices)
        return " and ".join([f"kind {kinds}"] * bool(kinds) + [names] * bool(names))


def stored_means(
    store: Store, signal: Signal, chosen: Chosen, every: float, start: Micros, end: Micros, show: ShowProgress
) -> list[SeriesMeans]:
    """The means of a signal in [start, end), by device. Raises `InputError` where there is no value."""
    builders: dict[str, MeansBuilder] = {}
    simulated = False
    for span in StoredColumns(store, (signal.measurement,), chosen).windows(start, end):
        for device, found in _by_device(span.content, signal.name).items():
            simulated |= any(map(is_simulated, found))
            measured = [columns for columns in found if not is_simulated(columns)]
            if measured:
                t, x = _in_order(measured, signal.name)
                builders.setdefault(device, MeansBuilder(device, every)).add(t, x)
        check_count(builders.values())
        show((span.end - start) // SECOND, format_instant(span.end))
    if not builders:
        shown = f"{format_instant(start)} to {format_instant(end)}"
        only = " but those of a simulated past" if simulated else ""
        raise InputError(f"the store has no values of {signal.name}{only} from {shown}{_of(chosen)}")
    return [builder.means() for _, builder in sorted(builders.items())]


def file_means(name: str, time: str | None, value: str | None, every: float, say: Callable[[str], None]) -> SeriesMeans:
    """The means of one column of a file; `say` gets which columns were chosen. Raises `InputError`."""
    with input_file(name) as file:
        table = parquet_table(file) if file.is_parquet else csv_table(file)
        choice = choose_columns(table, time, (value,) if value else (), several=False)
        say(choice.words)
        builder, at = MeansBuilder(table.names[choice.values[0]], every), 0
        for chunk in table.chunks(choice.values if choice.time is None else (choice.time, *choice.values)):
            rows = np.arange(at, at + len(chunk), dtype=np.float64)
            t = rows if choice.time is None else choice.format.parse(chunk.columns[0])
            builder.add(t, numbers(chunk.columns[-1], table.decimal_comma).x)
            at += len(chunk)
            check_count([builder])
    return builder.means()


def _by_device(content: Sequence[SeriesColumns], signal: str) -> dict[str, list[SeriesColumns]]:
    found: dict[str, list[SeriesColumns]] = {}
    for columns in content:
        if columns.tags.get("device") and signal in columns.fields:
            found.setdefault(columns.tags["device"], []).append(columns)
    return found


def _in_order(found: Sequence[SeriesColumns], signal: str) -> tuple[Floats, Floats]:
    """Times in seconds and values of one device, which may have been moved."""
    t = np.concatenate([columns.at for columns in found]) / SECOND
    x = np.concatenate([columns.fields[signal] for columns in found])
    order = np.argsort(t, kind="stable")
    return t[order], x[order]


def _of(chosen: Chosen) -> str:
    return f" of {chosen}" if str(chosen) else ""
