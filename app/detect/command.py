"""What `wardwatch detect` does, from its options to its output."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click

from app.console.detector_failure import detector_failure
from app.console.output_file import STANDARD_OUTPUT, output_file
from app.console.progress import progress
from app.detect.curve import Curve
from app.detect.evaluation import Evaluation, SeriesResult
from app.detect.plots.plot import Plot
from app.detect.plots.writers import plot_writer
from app.detect.reading.columns import ChosenColumns, choose_columns
from app.detect.reading.csv_table import csv_table
from app.detect.reading.input_file import input_file
from app.detect.reading.numbers import digits
from app.detect.reading.parquet_table import parquet_table
from app.detect.reading.table import Table
from app.detect.report import print_report
from app.detect.rows_writer import RowsWriter
from app.detect.rule import build_rule, find_detector, parse_params, warm_up_rows
from app.detect.scorer import unknown_signal
from app.detect.series import Series
from app.detect.vector_scorer import make_scorer
from app.runtime.part_runner import tune_gc
from ward.errors import InputError, SettingsError

LONG = 200_000  # rows, from which progress is shown


@dataclass(frozen=True, slots=True)
class Request:
    """The options of the command, as they were given."""

    file: str
    detector: str
    params: Sequence[str]
    time: str | None
    values: Sequence[str]
    each: bool
    warmup: float
    sort: bool
    out: str | None
    plot: str | None
    form: str


def run_command(request: Request) -> None:
    """Evaluate a file, write what was asked for, and print the alerts. Ends the command with 1 or 2 where it cannot."""
    try:
        find_detector(request.detector)
        _check_outputs(request)
        with input_file(request.file) as file:
            _run(request, parquet_table(file) if file.is_parquet else csv_table(file))
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    except InputError as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from None


def _run(request: Request, table: Table) -> None:
    rows = table.count()
    if not rows:
        raise InputError(f"{table.name}: has no row of values")
    parts = find_detector(request.detector).params.parts
    values = request.values or [name for name in parts or () if name in table.names]
    choice = choose_columns(table, request.time, values, several=request.each or parts is not None)
    click.echo(choice.words, err=True)
    results = series_results(request, table, choice, rows)
    evaluation = Evaluation(table, choice, results)
    with ExitStack() as stack:
        # Opened before the work, so that a name that cannot be written is reported at once.
        writer = (
            RowsWriter(stack.enter_context(output_file(request.out)), [r.names for r in results])
            if request.out
            else None
        )
        draw = plot_writer(request.plot) if request.plot else None
        _evaluate(request, evaluation, writer, rows)
        if draw is not None and request.plot is not None:
            draw(Plot(Path(table.name).name, request.detector, choice.format, results), request.plot)
    for result in results:
        for line in result.problems.lines():
            click.echo(f"{result.name}: {line}" if len(results) > 1 else line, err=True)
    if request.out != STANDARD_OUTPUT:
        print_report(request.detector, rows, choice.format, results, request.form)


def _evaluate(request: Request, evaluation: Evaluation, writer: RowsWriter | None, rows: int) -> None:
    tune_gc()
    with ExitStack() as stack:
        show = stack.enter_context(progress(evaluation.table.name, rows)) if rows >= LONG else _nothing
        try:
            if request.sort:
                evaluation.run_sorted(writer, rows, show)
            else:
                evaluation.run(writer, show)
        except (InputError, OSError):
            raise
        except Exception as error:
            raise InputError(str(detector_failure(error, request.detector))) from error


def _nothing(done: int) -> None:
    """For a file that is short."""


def series_results(request: Request, table: Table, choice: ChosenColumns, rows: int) -> list[SeriesResult]:
    """A result for each series: for each column with `--each`, else for all of them together. Raises `InputError`."""
    detector, warm_rows = find_detector(request.detector), warm_up_rows(rows, request.warmup)
    rule = build_rule(detector, parse_params(request.params), warm_rows)
    names = _unique([table.names[i] for i in choice.values], choice.values)
    columns = range(len(names))
    signals = [
        unknown_signal(n, digits(table.sample[i], table.decimal_comma))
        for n, i in zip(names, choice.values, strict=True)
    ]
    results = []
    for group in [(i,) for i in columns] if request.each else [tuple(columns)]:
        series = Series(make_scorer(detector, rule, [signals[i] for i in group]), warm_rows)
        found = SeriesResult([names[i] for i in group], group, series)
        found.curve = Curve(found.name, rows) if request.plot else None
        results.append(found)
    return results


def _unique(names: Sequence[str], numbers: Sequence[int]) -> list[str]:
    """Names of columns; one that is there twice with the number of its column."""
    return [name if names.count(name) == 1 else f"{name} ({i + 1})" for name, i in zip(names, numbers, strict=True)]


def _check_outputs(request: Request) -> None:
    """What would be found only after the work. Raises `SettingsError`."""
    warm_up_rows(1, request.warmup)
    build_rule(find_detector(request.detector), parse_params(request.params), 2)
    for option, name in (("--out", request.out), ("--plot", request.plot)):
        if name and name != STANDARD_OUTPUT and Path(name).resolve() == Path(request.file).resolve():
            raise SettingsError(f"{option}: is the file that is read")
    if request.plot and request.plot == request.out:
        raise SettingsError("--plot: is the file of --out")
