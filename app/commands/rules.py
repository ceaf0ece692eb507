"""`wardwatch rules`: what the rules of a config do, on tapes and on the past."""

from pathlib import Path

import click

from app.given import CONFIG


@click.group()
def rules() -> None:
    """Try the rules of a config on tapes and on the past."""


@rules.command()
@click.argument("tapes", metavar="[TAPE]...", nargs=-1, type=click.Path(path_type=Path))
@CONFIG
@click.pass_context
def test(ctx: click.Context, tapes: tuple[Path, ...], directory: Path | None) -> None:
    """Play tapes and tell what differs from what they expect.

    A TAPE is a file or a folder of them; without any, all of config/tapes/. Exits with 1 when one fails.
    """
    from app.given import config_of, settings_of
    from app.tape_files import tape_files
    from app.trial import tried
    from ward.clock import SystemClock

    files = tape_files(tapes, settings_of(config=directory).config)
    now = SystemClock().now()
    config = config_of(directory, now)
    failed = 0
    for file in files:
        trial = tried(file, config, now)
        failed += not trial.passed
        for line in trial.lines():
            click.echo(line)
    click.echo(f"{len(files)} tape{'s'[: len(files) != 1]}, {failed or 'none'} failed; config {config.hash}")
    ctx.exit(1 if failed else 0)
