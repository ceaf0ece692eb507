"""`wardwatch run`: one or more of the programs, on the engines of the settings."""

import sys
from pathlib import Path
from typing import Any

import click

NAMES = ("bridge", "detectors", "alerts", "web", "rollups", "simulators")


@click.command()
@click.argument("programs", nargs=-1, required=True, type=click.Choice(NAMES), metavar="PROGRAM...")
@click.option("--config", type=click.Path(path_type=Path), help="The config directory.")
@click.option("--data", type=click.Path(path_type=Path), help="The folder of the outbox and of other files.")
@click.option("--settings", "file", type=click.Path(path_type=Path), help="The settings file.")
@click.option("--instance", help="A name in the consumer group that stays the same across restarts.")
@click.option("--http-port", type=int, help="The port of the ward screen.")
def run(programs: tuple[str, ...], file: Path | None, **flags: Any) -> None:
    """Run programs: bridge, detectors, alerts, web, rollups, simulators.

    Each in a process of its own, or several in one process. They exchange data only through the log.
    """
    from app.console.cli_errors import exit_on_errors
    from app.runtime.logging_setup import set_up_logging
    from app.runtime.program_parts import PROGRAMS
    from app.runtime.program_runner import ProgramRunner
    from app.runtime.resources import Resources
    from app.runtime.stop_signal import StopSignal
    from app.settings.loader import load_settings

    with exit_on_errors():
        chosen = load_settings(flags, file)
        set_up_logging(chosen.log_level, chosen.log_format)
        resources = Resources(chosen)
        try:
            program = ProgramRunner(resources, {name: PROGRAMS[name](resources) for name in dict.fromkeys(programs)})
        except BaseException:
            resources.close()
            raise
    ending = StopSignal(resources.live.request_reload)
    program.start()
    ending.wait()
    ended = program.stop()
    resources.close()
    sys.exit(0 if ended else 1)
