"""`wardwatch rehearse`: what the config in force makes of everything that can be simulated."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.rule_tests.rehearsal import RehearsedAlert, SimulatedEvent
    from ward.config.config import Config

HEALTHY, ILL, BROKEN, DRIFT = 3600.0, 9 * 3600.0, 5400.0, 21.0


@click.command()
@click.option("--config", type=click.Path(path_type=Path), help="The config to rehearse (config/).")
@click.option("--drift", is_flag=True, help="Also three weeks of a slow drift: takes minutes.")
@click.option("--seed", default=20, show_default=True, help="Where the simulators' chance begins.")
def rehearse(config: Path | None, drift: bool, seed: int) -> None:
    """Rehearse a healthy hour, every scenario and every fault, in virtual time.

    Prints a table of the alerts there were. Exit code 1 when the healthy ward raised one, or when
    a scenario or a fault raised none.
    """
    from app.console.cli_errors import exit_on_errors
    from app.settings.config_reader import config_reader
    from app.settings.loader import load_settings
    from simulators.faults import fault_names, load_fault
    from simulators.scenarios import load_scenario, scenario_names
    from ward.clock import ManualClock

    now = ManualClock().now()
    with exit_on_errors():
        chosen = load_settings({"config": config})
        house = config_reader(chosen.config, {f"WARDWATCH_{name}_URL": "" for name in ("MAIL", "CHAT", "SMS")})(now)
    from app.rule_tests.rehearsal import simulated_events

    ill = [name for name in scenario_names() if name != "healthy"]
    broken = [name for name in fault_names() if name != "slow_drift"]
    acts = [
        (simulated_events(house, ill, [load_scenario(name).label for name in ill], False, now), ILL),
        (simulated_events(house, broken, [load_fault(name).label for name in broken], True, now), BROKEN),
    ]
    sound = _healthy(house, seed)
    for happening, seconds in acts:
        sound &= _act(house, happening, seconds, seed)
    if drift:
        sound &= _drift(house, simulated_events(house, ["slow_drift"], ["Slow drift"], True, now)[0], seed)
    sys.exit(0 if sound else 1)


def _healthy(config: "Config", seed: int) -> bool:
    from app.console.progress import progress
    from app.rule_tests.rehearsal import rehearse

    with progress("healthy", round(HEALTHY)) as tell:
        found = rehearse(config, [], HEALTHY, seed, tell)
    click.echo("| what happens | alerts, and how long after it began |")
    click.echo("|---|---|")
    beds, devices = len(config.inventory.beds), len(config.inventory.devices)
    click.echo(f"| a healthy hour of {beds} beds, {devices} devices | {_line(found) or 'none'} |")
    return not found


def _act(config: "Config", happening: list["SimulatedEvent"], seconds: float, seed: int) -> bool:
    from app.console.progress import progress
    from app.rule_tests.rehearsal import rehearse

    with progress(
        " and ".join(sorted({"faults" if s.fault else "scenarios" for s in happening})), round(seconds)
    ) as tell:
        found = rehearse(config, happening, seconds, seed, tell)
    sound = True
    for scene in happening:
        own = [t for t in found if t.device == scene.stand.device]
        click.echo(f"| {scene.label} | {_line(own) or 'none'} |")
        sound &= bool(own)
    return sound


def _drift(config: "Config", scene: "SimulatedEvent", seed: int) -> bool:
    from app.console.progress import progress
    from app.rule_tests.rehearsal import rehearse_days

    with progress("drift", round((DRIFT + 7) * 86_400 / 2.5)) as tell:
        found = rehearse_days(config, scene, DRIFT, seed, tell)
    click.echo(f"| {scene.label} (0.3 °C in 21 days) | {_line(found) or 'none'} |")
    return bool(found)


def _line(found: list["RehearsedAlert"]) -> str:
    """The alerts in order, each rule once, with when it began first and how grave it was at worst."""
    from ward.clock import format_span

    words: dict[str, str] = {}
    rank = {"high": 0, "medium": 1, "low": 2}
    for rule in dict.fromkeys(t.rule for t in sorted(found, key=lambda t: t.after)):
        own = [t for t in found if t.rule == rule]
        worst = min((t.severity for t in own), key=lambda s: rank[s])
        times = f" ×{len(own)}" if len(own) > 1 else ""
        words[rule] = f"{rule} ({worst}, {format_span(float(round(min(t.after for t in own))))}){times}"
    return ", ".join(words.values())
