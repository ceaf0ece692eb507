"""What `wardwatch models train` does, from its options to its files."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import click

from app.backtests.run import open_store_read_only
from app.config_tools.device_lookup import did_you_mean
from app.console.cli_context import config_of, settings_of
from app.console.durations import duration_seconds
from app.console.output import print_json
from app.console.progress import progress
from app.console.time_range import time_range
from app.detect.scorer import unknown_signal
from app.training import report
from app.training.model_trainer import Asked, TrainedModel, train
from app.training.model_writer import write_model
from app.training.series_means import SeriesMeans
from app.training.sources import Chosen, file_means, stored_means
from ward.clock import SECOND, Micros, SystemClock
from ward.config.config import Config
from ward.config.model_file import FEWEST_LAGS, FEWEST_WINDOWS, FOLDER, MOST_LAGS, MOST_WINDOWS, SUFFIX
from ward.errors import InputError, QueryRefused, StoreUnavailable
from ward.ids import is_id, printable
from ward.signals import Signal

LONGEST_NAME = 40
# Six windows of 6 h, and as much that is held out.
USUAL_SPAN = "42h"
QUANTILE = 0.99
SHORTEST = 0.001


@dataclass(frozen=True)
class Request:
    """The options of the command, as they were given."""

    name: str
    file: str | None
    signal: str | None
    device_kinds: Sequence[str]
    devices: Sequence[str]
    each: bool
    every: str
    windows: int
    lags: int
    most: float | None
    begin: str | None
    end: str | None
    time: str | None
    value: str | None
    out: Path | None
    store_url: str | None
    directory: Path | None
    form: str

    @cached_property
    def seconds(self) -> float:
        """The length of the means. Raises `click.UsageError`."""
        found = duration_seconds(self.every, "--every")
        if found < SHORTEST:
            raise click.UsageError("--every: is the length of the means, such as 1m")
        return found

    @cached_property
    def now(self) -> Micros:
        """When the command was called."""
        return SystemClock().now()

    @cached_property
    def config(self) -> Config:
        """The config. Prints its faults, and then ends the command with 1."""
        return config_of(self.directory, self.now)

    @cached_property
    def folder(self) -> Path:
        """Where models are written."""
        return self.out or settings_of(config=self.directory).config / FOLDER

    def check(self) -> None:
        """Raises `click.UsageError` for options that do not fit together."""
        if not is_id(self.name) or len(self.name) > LONGEST_NAME:
            raise click.UsageError(
                f"NAME: letters, digits, '_', '.' and '-', at most {LONGEST_NAME}, not '{printable(self.name, 60)}'"
            )
        bounds = (("windows", self.windows, FEWEST_WINDOWS, MOST_WINDOWS), ("lags", self.lags, FEWEST_LAGS, MOST_LAGS))
        for option, number, least, most in bounds:
            if not least <= number <= most:
                raise click.UsageError(f"--{option}: is {least} to {most}, not {number}")
        if self.most is not None and not (self.most >= 0 and self.windows > FEWEST_WINDOWS):
            needed = f"{FEWEST_WINDOWS + 1} windows, as each is evaluated by the others"
            raise click.UsageError(f"--false-alerts: is 0 or more, and needs at least {needed}")
        stored = (self.begin, self.end, self.device_kinds, self.devices, self.each, self.store_url)
        if self.file and any(stored):
            raise click.UsageError("--from, --to, --device-kind, --device, --each and --store: a FILE is read whole")
        if not self.file and (self.time or self.value):
            raise click.UsageError("--time and --value are columns of a FILE")
        if not self.file and not self.signal:
            raise click.UsageError("--signal: say which signal of the store the model is of")

    def signal_of(self, column: str) -> Signal:
        """The signal of the model: of the catalogue, or that of a column of a file. Raises `click.UsageError`."""
        if self.signal is None:
            return unknown_signal(column or "value", 2)
        found = self.config.catalogue.get(self.signal)
        if found is None:
            raise click.UsageError(f"there is no signal {did_you_mean(self.signal, list(self.config.catalogue))}")
        return found


class Past(NamedTuple):
    """The means of some series in [start, end), in seconds since 1970."""

    signal: Signal
    series: Sequence[SeriesMeans]
    start: float
    end: float


def run_command(request: Request) -> None:
    """Train, write and print. Ends the command with 1 or 2 where it cannot; then the model before is not changed."""
    request.check()
    try:
        past = _of_file(request, request.file) if request.file else _of_store(request)
    except InputError as error:
        raise click.ClickException(_lines(error)) from None
    asked = Asked(
        past.signal, request.seconds, request.windows, request.lags, QUANTILE, f"wardwatch {version('wardwatch')}",
        request.now, request.most,
    )  # fmt: skip
    made: dict[str, tuple[Path, TrainedModel]] = {}
    failures = []
    for name, series in _groups(request, past):
        try:
            trained, file = train(series, past.start, past.end, asked), request.folder / f"{name}{SUFFIX}"
            write_model(file, trained.content)
            made[name] = file, trained
        except InputError as error:
            failures.append(f"{name} is not trained, and what was there is not changed:\n{_lines(error)}")
    _print(request, made)
    if failures:
        raise click.ClickException("\n".join(failures))


def _of_file(request: Request, file: str) -> Past:
    means = file_means(file, request.time, request.value, request.seconds, lambda words: click.echo(words, err=True))
    if not len(means.t):
        raise InputError(f"{file}: has no two successive means of {request.every}: give a shorter --every")
    start, end = float(means.t[0]) - request.seconds, float(means.t[-1])
    return Past(request.signal_of(means.name), [means], start, end)


def _of_store(request: Request) -> Past:
    start, end = time_range(request.begin or USUAL_SPAN, request.end or "now", request.now)
    signal, chosen = request.signal_of(""), Chosen(request.device_kinds, request.devices)
    _check_devices(request)
    settings = settings_of(config=request.directory, store_url=request.store_url)
    try:
        store = open_store_read_only(settings, SystemClock())
        with closing(store), progress("reading", (end - start) // SECOND) as show:
            series = stored_means(store, signal, chosen, request.seconds, start, end, show)
    except (StoreUnavailable, QueryRefused) as error:
        raise click.ClickException(f"the store does not answer: {printable(str(error), 500)}") from None
    return Past(signal, series, start / SECOND, end / SECOND)


def _check_devices(request: Request) -> None:
    """Whether the inventory knows the devices and kinds that were given. Raises `click.UsageError`."""
    inventory = request.config.inventory
    asked = (
        ("device kind", request.device_kinds, inventory.device_kinds),
        ("device", request.devices, inventory.devices),
    )
    for what, names, known in asked:
        for name in names:
            if name not in known:
                raise click.UsageError(f"there is no {what} {did_you_mean(name, list(known))}")


def _groups(request: Request, past: Past) -> Iterator[tuple[str, Sequence[SeriesMeans]]]:
    """The name of each model, and what it is trained on."""
    if not request.each:
        yield request.name, past.series
        return
    for one in past.series:
        yield f"{request.name}-{one.name}", [one]


def _print(request: Request, made: dict[str, tuple[Path, TrainedModel]]) -> None:
    if request.form == "json":
        print_json([report.data(name, file.as_posix(), trained) for name, (file, trained) in made.items()])
        return
    for name, (file, trained) in made.items():
        for line in report.lines(name, file.as_posix(), trained):
            click.echo(printable(line, 500))
    for line in report.rule_lines(request.name, {n: t for n, (_, t) in made.items()}, each=request.each):
        click.echo(printable(line, 200))


def _lines(error: InputError) -> str:
    return "\n".join(printable(line, 500) for line in str(error).splitlines())
