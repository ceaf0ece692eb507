"""`wardwatch health`: whether the process on this machine is healthy."""

from pathlib import Path

import click


@click.command()
@click.option("--file", type=click.Path(path_type=Path), help="The liveness file, if not the one in WARDWATCH_HEALTH.")
@click.option("--url", metavar="URL", help="Also request this URL; any status but 200 is a problem.")
@click.pass_context
def health(ctx: click.Context, file: Path | None, url: str | None) -> None:
    """Show whether the programs that write the liveness file are healthy.

    Programs write it when the setting `health` (WARDWATCH_HEALTH) names a file. Exits with 1 when the file is missing
    or older than 20 s, or names a problem. The health checks of containers call this.
    """
    from app.console.cli_context import settings_of
    from app.runtime.liveness_file import liveness_problems
    from ward.clock import SystemClock

    file = file or settings_of().health
    if file is None:
        raise click.UsageError("name a file: --file, or WARDWATCH_HEALTH as the program has it")
    problems = liveness_problems(file, SystemClock().now())
    if url and (answer := _http_problem(url)):
        problems.append(answer)
    for problem in problems:
        click.echo(problem, err=True)
    if not problems:
        click.echo("healthy")
    ctx.exit(1 if problems else 0)


def _http_problem(url: str) -> str:
    """The problem of the response from a URL; empty when its status is 200."""
    from urllib.error import URLError
    from urllib.request import urlopen

    from ward.ids import printable

    if not url.startswith(("http://", "https://")):
        raise click.UsageError(f"{printable(url, 200)}: the URL must begin with http:// or https://")
    try:
        with urlopen(url, timeout=4) as answer:  # noqa: S310 - checked above
            return "" if answer.status == 200 else f"{printable(url, 200)} answers {answer.status}"
    except (URLError, OSError, ValueError) as error:
        return f"{printable(url, 200)}: {printable(str(error), 200)}"
