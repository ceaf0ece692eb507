"""What `wardwatch detect` does, from its options to its output."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click

from app.console.detector_failure import detector_failure
from app.console.progress import progress
from app.detect.curve import Curve
from app.detect.evaluation import Evaluation, SeriesResult
from app.detect.output_file import STANDARD_OUTPUT, output_file
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
from app.detect.scorer import Scorer, unknown_signal
from app.detect.series import Series
from app.runtime.part_runner import tune_gc
from ward.errors import InputError, SettingsError
from ward.signals import Signal

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
    choice = choose_columns(table, request.time, request.values, each=request.each)
    click.echo(choice.words, err=True)
    results = series_results(request, table, choice, rows)
    evaluation = Evaluation(table, choice, results)
    with ExitStack() as stack:
        # Opened before the work, so that a name that cannot be written is reported at once.
        writer = RowsWriter(stack.enter_context(output_file(request.out)), _names(results)) if request.out else None
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
    """A result for each series. A detector of vectors would make one of several columns here."""
    if len(choice.values) > 1 and not request.each:
        raise InputError(
            f"{table.name}: {len(choice.values)} columns were named, and {request.detector} evaluates one: --each "
            "evaluates each of them as a series of its own"
        )
    detector, warm_rows = find_detector(request.detector), warm_up_rows(rows, request.warmup)
    rule = build_rule(detector, parse_params(request.params), warm_rows)
    names = [table.names[i] for i in choice.values]
    unique = [
        name if names.count(name) == 1 else f"{name} ({i + 1})" for name, i in zip(names, choice.values, strict=True)
    ]
    curves = [Curve(name, rows) if request.plot else None for name in unique]
    return [
        SeriesResult(name, Series(Scorer(detector(), rule, _signal(table, i, name)), warm_rows), curve)
        for i, name, curve in zip(choice.values, unique, curves, strict=True)
    ]


def _signal(table: Table, i: int, name: str) -> Signal:
    """A column as a signal: its values are rounded to as many digits as they have."""
    return unknown_signal(name, digits(table.sample[i], table.decimal_comma))


def _names(results: Sequence[SeriesResult]) -> list[str]:
    return [result.name for result in results]


def _check_outputs(request: Request) -> None:
    """What would be found only after the work. Raises `SettingsError`."""
    warm_up_rows(1, request.warmup)
    build_rule(find_detector(request.detector), parse_params(request.params), 2)
    for option, name in (("--out", request.out), ("--plot", request.plot)):
        if name and name != STANDARD_OUTPUT and Path(name).resolve() == Path(request.file).resolve():
            raise SettingsError(f"{option}: is the file that is read")
    if request.plot and request.plot == request.out:
        raise SettingsError("--plot: is the file of --out")
