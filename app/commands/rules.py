"""`wardwatch rules`: tests the rules of a config on tapes and on stored readings."""

from pathlib import Path

import click

from app.console.cli_context import CONFIG
from app.console.output import FORMAT, print_json

# Options of the commands that evaluate stored readings.
_TO = click.option("--to", "end", default="now", show_default=True, metavar="TIME", help="The same; of a day its end.")
_WARM_UP = click.option(
    "--warm-up", default="1h", show_default=True, metavar="SPAN", help="Time before --from in which detectors learn."
)
_STORE = click.option("--store", "store_url", metavar="URL", help="The store, if not that of the settings.")


@click.group()
def rules() -> None:
    """Test the rules of a config on tapes and on stored readings."""


@rules.command()
@click.argument("tapes", metavar="[TAPE]...", nargs=-1, type=click.Path(path_type=Path))
@CONFIG
@FORMAT
@click.pass_context
def test(ctx: click.Context, tapes: tuple[Path, ...], directory: Path | None, form: str) -> None:
    """Run tapes and show where the findings differ from the expected ones.

    A TAPE is a file or a folder of them; without any, all of config/tapes/. Exits with 1 when one fails.
    """
    from app.console.cli_context import config_of, settings_of
    from app.rule_tests.tape_files import tape_files
    from app.rule_tests.tape_run import run_tape
    from ward.clock import SystemClock

    files = tape_files(tapes, settings_of(config=directory).config)
    now = SystemClock().now()
    config = config_of(directory, now)
    results = []
    for file in files:
        results.append(result := run_tape(file, config, now))
        for line in result.lines() if form == "text" else ():
            click.echo(line)
    failed = sum(not result.passed for result in results)
    if form == "json":
        print_json({"config": config.hash, "failed": failed, "tapes": [result.data() for result in results]})
    else:
        click.echo(f"{len(files)} tape{'s'[: len(files) != 1]}, {failed or 'none'} failed; config {config.hash}")
    ctx.exit(1 if failed else 0)


@rules.command()
@click.option("--from", "begin", default="24h", show_default=True, metavar="TIME", help="An instant, a day or 24h ago.")
@_TO
@click.option("--bed", "beds", multiple=True, help="Only this bed; may be given several times.")
@click.option("--rule", "chosen", multiple=True, help="Only this rule; may be given several times.")
@click.option("--compare", is_flag=True, help="Also show the differences to the alerts recorded then.")
@click.option(
    "--with", "other", metavar="DIR", type=click.Path(path_type=Path),
    help="Another config folder: show what it would change.",
)  # fmt: skip
@click.option(
    "--episodes",
    metavar="FILE",
    help="With --with: YAML or CSV of what is known to have happened, or `recorded` for the alerts of then.",
)
@click.option(
    "--html", "page", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
    help="With --with: also write the comparison as a page.",
)  # fmt: skip
@_WARM_UP
@click.option("--limit", default=200, show_default=True, type=click.IntRange(0), help="List at most this many alerts.")
@_STORE
@CONFIG
@FORMAT
def backtest(
    begin: str, end: str, beds: tuple[str, ...], chosen: tuple[str, ...], compare: bool, other: Path | None,
    episodes: str | None, page: Path | None, warm_up: str, limit: int, store_url: str | None, directory: Path | None,
    form: str,
) -> None:  # fmt: skip
    """Evaluate stored readings with a config, and list the alerts that it would have raised.

    With --with it is compared with another config on the same readings. Nothing is changed and nobody is notified; a
    running Wardwatch is not affected.
    """
    from app.backtests.output import Wanted, print_result
    from app.backtests.run import open_backtest, run_backtest

    wanted = Wanted(directory, other, episodes, page, compare, limit, form)
    wanted.check()
    test, store = open_backtest(begin, end, warm_up, beds, chosen, store_url, directory, other)
    try:
        known = wanted.known(test)
        run_backtest(test, compare=wanted.needs_recorded)
    finally:
        store.close()
    print_result(test, known, wanted)


@rules.command()
@click.option("--from", "begin", default="7d", show_default=True, metavar="TIME", help="An instant, a day or 24h ago.")
@_TO
@click.option("--bed", "beds", multiple=True, help="Only among these beds; may be given several times.")
@click.option(
    "--episodes", metavar="FILE", type=click.Path(path_type=Path),
    help="YAML or CSV of what is known to have happened: it must still be found.",
)  # fmt: skip
@click.option("--by", metavar="NAME", help="Make a patch: who is responsible for its overrides, a role or initials.")
@click.option(
    "--until", default="30d", show_default=True, metavar="TIME", help="How long its overrides hold, or a day."
)
@click.option(
    "--patch", "file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
    help="Write the patch there instead of printing it.",
)  # fmt: skip
@_WARM_UP
@_STORE
@CONFIG
@FORMAT
def suggest(
    begin: str, end: str, beds: tuple[str, ...], episodes: Path | None, by: str | None, until: str, file: Path | None,
    warm_up: str, store_url: str | None, directory: Path | None, form: str,
) -> None:  # fmt: skip
    """Suggest limits or delays for the tenth of the beds with the most alerts, by a backtest of their own readings.

    Nothing is changed: a person reads the suggestions and applies the patch.
    """
    from app.backtests.run import open_backtest
    from app.suggestions.command import SuggestOptions, suggest_changes

    test, store = open_backtest(begin, end, warm_up, beds, (), store_url, directory)
    try:
        suggest_changes(test, SuggestOptions(directory, episodes, by, until, file, form))
    finally:
        store.close()
