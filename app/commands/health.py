"""`wardwatch health`: is the process that runs here well?"""

from pathlib import Path

import click


@click.command()
@click.option("--file", type=click.Path(path_type=Path), help="The sign of life, if not WARDWATCH_HEALTH.")
@click.option("--url", metavar="URL", help="Ask this address too; anything but 200 is no health.")
@click.pass_context
def health(ctx: click.Context, file: Path | None, url: str | None) -> None:
    """Tell whether the programs that write a sign of life here are well.

    They do when the setting `health` (WARDWATCH_HEALTH) names a file. Exits with 1 when the sign is old or missing,
    and when it tells of problem. Containers ask this.
    """
    from app.console.cli_context import settings_of
    from app.runtime.liveness_file import liveness_problems
    from ward.clock import SystemClock

    file = file or settings_of().health
    if file is None:
        raise click.UsageError("name a file: --file, or WARDWATCH_HEALTH as for the program")
    wrong = liveness_problems(file, SystemClock().now())
    if url and (answer := _asked(url)):
        wrong.append(answer)
    for words in wrong:
        click.echo(words, err=True)
    if not wrong:
        click.echo("well")
    ctx.exit(1 if wrong else 0)


def _asked(url: str) -> str:
    """What is wrong with what an address answers; nothing when it is 200."""
    from urllib.error import URLError
    from urllib.request import urlopen

    from ward.ids import printable

    if not url.startswith(("http://", "https://")):
        raise click.UsageError(f"{printable(url, 200)}: an address that begins with http:// or https:// is wanted")
    try:
        with urlopen(url, timeout=4) as answer:  # noqa: S310 - checked above
            return "" if answer.status == 200 else f"{printable(url, 200)} answers {answer.status}"
    except (URLError, OSError, ValueError) as error:
        return f"{printable(url, 200)}: {printable(str(error), 200)}"
