"""`wardwatch demo`: a whole ward in one process."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from app.runtime.standalone import StandaloneSystem
    from app.runtime.stop_signal import StopSignal
    from app.settings.settings import Settings

MAX_WAIT = 20.0  # seconds at the end until the readings that were sent are processed


@click.command()
@click.option("--http-port", type=int, help="The port of the ward screen (8080).")
@click.option("--mqtt-port", type=int, help="The port of the MQTT broker (1883).")
@click.option("--data", type=click.Path(path_type=Path), help="The folder of all data (data/).")
@click.option("--config", type=click.Path(path_type=Path), help="The config to use (config/).")
@click.option(
    "--script", type=click.Path(path_type=Path), help="The file that says what happens on the simulated ward."
)
@click.option("--no-past", is_flag=True, help="Start with an empty store, without a simulated week before now.")
@click.option("--seconds", type=click.FloatRange(min=1), help="End after this many seconds, and print the counts.")
def demo(seconds: float | None, no_past: bool, **flags: Any) -> None:
    """A live ward in one process: nothing else is needed.

    The very first start also writes a simulated past of a week, marked as such, in the background.
    """
    from app.console.cli_errors import exit_on_errors
    from app.runtime.logging_setup import set_up_logging
    from app.runtime.standalone import StandaloneSystem
    from app.runtime.stop_signal import StopSignal

    with exit_on_errors():
        chosen = _embedded(flags)
        chosen.data.mkdir(parents=True, exist_ok=True)
        set_up_logging(chosen.log_level, chosen.log_format, chosen.data / "demo.log")
        stack = StandaloneSystem(chosen, {}, past=not no_past)
    ending = StopSignal(stack.resources.live.request_reload)
    stack.start()
    click.echo(_start_line(stack))
    ending.wait(seconds)
    complete = _print_counts(stack, ending) if seconds else True
    sys.exit(0 if stack.stop() and complete else 1)


def _embedded(flags: dict[str, Any]) -> "Settings":
    """The settings, with all engines in this process. Raises `SettingsError` when a setting names another engine."""
    from app.settings.loader import load_settings, variable_name
    from ward.errors import SettingsError

    found = load_settings(flags)
    embedded = {
        "log_url": f"sqlite:{found.data}/log.db", "store_url": f"sqlite:{found.data}/store.db",
        "mqtt_url": f"mqtt://127.0.0.1:{found.mqtt_port}",
    }  # fmt: skip
    others = [variable_name(name) for name, url in embedded.items() if getattr(found, name) != url]
    if others:
        raise SettingsError(
            f"{', '.join(others)}: a demo has its own broker, log and store; unset this, or use `wardwatch run` for a "
            "ward on engines"
        )
    return found


def _start_line(stack: "StandaloneSystem") -> str:
    """One line: the URL of the ward screen, and the first scenario of the script."""
    inventory, script = stack.resources.live.config.inventory, stack.simulated.script
    first = min(script.scenarios, key=lambda scenario: scenario.at, default=None)
    shown = f"{len(inventory.beds)} beds, live"
    if first is not None:
        beds = list(inventory.beds)
        bed = beds[first.bed - 1] if isinstance(first.bed, int) else first.bed
        shown += f"; {inventory.label(bed)} deteriorates in {first.at:.0f} s, and the mail about it is under /mail"
    if stack.writes_past:
        shown += "; a simulated past of 7 days is being written"
    settings = stack.resources.settings
    return f"Wardwatch: http://{settings.http_host}:{settings.http_port}/ ({shown}; Ctrl-C ends it)"


def _print_counts(stack: "StandaloneSystem", ending: "StopSignal") -> bool:
    """Wait until everything is processed, and print the counts. False when they do not add up."""
    from app.runtime.latency_summary import latency_lines

    stack.stop_measuring()
    for _ in range(int(MAX_WAIT / 0.2)):
        if stack.all_processed() or ending.wait(0.2):
            break
    counts = stack.reconciliation()
    for line in (*counts.lines(), *latency_lines(stack.resources.metrics)):
        click.echo(line)
    for fault in counts.faults():
        click.echo(f"does not add up: {fault}", err=True)
    return not counts.faults()
