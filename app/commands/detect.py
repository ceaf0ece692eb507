"""`wardwatch detect`: evaluates a file of values with a detector."""

import click

from app.console.output import FORMAT


@click.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--detector", default="auto", show_default=True, metavar="NAME", help="The detector; see docs/detectors.md."
)
@click.option(
    "--param", "params", multiple=True, metavar="KEY=VALUE", help="A parameter of it; may be given several times."
)
@click.option("--time", metavar="COLUMN", help="The column of times, by name or number; none: number the rows.")
@click.option(
    "--value", "values", multiple=True, metavar="COLUMN", help="The column of values; may be given several times."
)
@click.option("--each", is_flag=True, help="Evaluate several columns each as a series of its own.")
@click.option(
    "--warmup",
    default=0.15,
    show_default=True,
    metavar="SHARE",
    help="The first share of the rows only teaches the detector.",
)
@click.option("--sort", is_flag=True, help="Evaluate rows in the order of their times; takes memory for each row.")
@click.option("--out", metavar="FILE.csv", help="Write score, state and alert of each row; - for standard output.")
@click.option("--plot", metavar="FILE.png|html", help="Draw values, scores and alerts.")
@FORMAT
def detect(
    file: str, detector: str, params: tuple[str, ...], time: str | None, values: tuple[str, ...], each: bool,
    warmup: float, sort: bool, out: str | None, plot: str | None, form: str,
) -> None:  # fmt: skip
    """Find what is strange in a series: a CSV or Parquet file, compressed with gzip or not; - for standard input.

    Prints when alerts began and ended.
    """
    from app.detect.command import Request, run_command

    run_command(Request(file, detector, params, time, values, each, warmup, sort, out, plot, form))
