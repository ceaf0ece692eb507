"""`wardwatch models`: trains models for the detector `learned`."""

from pathlib import Path

import click

from app.console.cli_context import CONFIG
from app.console.output import FORMAT


@click.group()
def models() -> None:
    """Train models of the past for the detector `learned`."""


@models.command()
@click.argument("name", metavar="NAME")
@click.argument("file", metavar="[FILE]", required=False)
@click.option("--signal", metavar="SIGNAL", help="The signal in signals.yaml that it is of; of a FILE its column.")
@click.option("--device-kind", "device_kinds", multiple=True, metavar="KIND", help="Only devices of this kind.")
@click.option("--device", "devices", multiple=True, metavar="DEVICE", help="Only this device.")
@click.option("--each", is_flag=True, help="A model of its own for each device, NAME-DEVICE.")
@click.option(
    "--every", default="1m", show_default=True, metavar="SPAN", help="Learn from means of this length, as the rule."
)
@click.option(
    "--windows",
    default=6,
    show_default=True,
    type=int,
    help="How many windows.",
)
@click.option("--lags", default=6, show_default=True, type=int, help="How many changes make a course.")
@click.option(
    "--false-alerts", "most", type=float, metavar="NUMBER",
    help="Choose the share of the rule: at most so many a device a day in the windows, each by the others.",
)  # fmt: skip
@click.option("--from", "begin", metavar="TIME", help="An instant, a day or how long ago; 42h unless given.")
@click.option("--to", "end", metavar="TIME", help="The same; of a day its end.")
@click.option("--time", metavar="COLUMN", help="The column of times of FILE; none: number the rows.")
@click.option("--value", metavar="COLUMN", help="The column of values of FILE.")
@click.option(
    "--out", metavar="DIR", type=click.Path(path_type=Path, file_okay=False),
    help="The folder of the model, if not models/ in the config folder.",
)  # fmt: skip
@click.option("--store", "store_url", metavar="URL", help="The store, if not that of the settings.")
@CONFIG
@FORMAT
def train(
    name: str, file: str | None, signal: str | None, device_kinds: tuple[str, ...], devices: tuple[str, ...],
    each: bool, every: str, windows: int, lags: int, most: float | None, begin: str | None, end: str | None,
    time: str | None, value: str | None, out: Path | None, store_url: str | None, directory: Path | None, form: str,
) -> None:  # fmt: skip
    """Train the model NAME on stored readings, or on a FILE of values (CSV or Parquet), and print its false alerts.

    The time is cut into equal parts: one for each window, and a last one that is held out. All of it should be healthy.
    """
    from app.training.command import Request, run_command

    run_command(
        Request(
            name, file, signal, device_kinds, devices, each, every, windows, lags, most, begin, end, time, value, out,
            store_url, directory, form,
        )
    )  # fmt: skip
