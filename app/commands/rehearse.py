"""`wardwatch rehearse`: which alerts a config gives for everything that can be simulated."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.console.output import FORMAT, print_json

if TYPE_CHECKING:
    from app.rule_tests.rehearsal import RehearsedAlert, SimulatedEvent
    from ward.config.config import Config

# Virtual seconds of the healthy ward, of short and of long scenarios, and of the faults; days of the drift.
HEALTHY, ILL, ILL_LONG, BROKEN, DRIFT_DAYS = 3600.0, 9000.0, 9 * 3600.0, 5400.0, 21.0
# An address for each channel, so that alerts are routed as with real ones. Nothing is sent in a rehearsal.
ADDRESSES = {f"WARDWATCH_{name}_URL": "json://rehearsal.invalid" for name in ("MAIL", "CHAT", "SMS")}


@click.command()
@click.option("--config", "directory", type=click.Path(path_type=Path), help="The config to rehearse (config/).")
@click.option("--seed", default=20, show_default=True, help="The seed of the simulators' random numbers.")
@FORMAT
def rehearse(directory: Path | None, seed: int, form: str) -> None:
    """Run a simulated healthy hour, every scenario and every fault against a config, in virtual time.

    Prints a table of the alerts; those in brackets are on the screen alone, as no message was sent about them. Exits
    with 1 when the healthy ward raised one, or when a scenario or a fault raised none.
    """
    from app.console.cli_errors import exit_on_errors
    from app.settings.config_reader import config_reader
    from app.settings.loader import load_settings
    from simulators.faults import fault_names, load_fault
    from simulators.scenarios import load_scenario, scenario_names
    from ward.clock import ManualClock

    now = ManualClock().now()
    with exit_on_errors():
        chosen = load_settings({"config": directory})
        config = config_reader(chosen.config, ADDRESSES)(now)
    from app.rule_tests.rehearsal import simulated_events

    scenarios = {name: load_scenario(name) for name in scenario_names() if name != "healthy"}
    brief = [name for name, scenario in scenarios.items() if scenario.lasts < ILL]
    long = [name for name in scenarios if name not in brief]
    broken = [name for name in fault_names() if name != "slow_drift"]
    scenes = [
        (simulated_events(config, brief, [scenarios[name].label for name in brief], False, now), ILL),
        (simulated_events(config, long, [scenarios[name].label for name in long], False, now), ILL_LONG),
        (simulated_events(config, broken, [load_fault(name).label for name in broken], True, now), BROKEN),
    ]
    output = _Output(form)
    _healthy(config, seed, output)
    for events, seconds in scenes:
        _rehearse(config, events, seconds, seed, output)
    drift = simulated_events(config, ["slow_drift"], ["Slow drift"], True, now)
    for event in drift[:1]:
        _drift(config, event, seed, output)
    if form == "json":
        print_json({"config": config.hash, "passed": output.passed, "events": output.events})
    sys.exit(0 if output.passed else 1)


class _Output:
    """A row of the table for each event at once; `events` are the same as JSON data."""

    def __init__(self, form: str) -> None:
        self._text = form == "text"
        self.passed = True
        self.events: list[dict[str, Any]] = []
        if self._text:
            click.echo("| what happens | alerts, and how long after it began |")
            click.echo("|---|---|")

    def show(self, name: str, label: str, found: list["RehearsedAlert"], *, passed: bool) -> None:
        self.passed &= passed
        if self._text:
            click.echo(f"| {label} | {_line(found) or 'none'} |")
        alerts = [
            {"rule": a.rule, "device": a.device, "severity": a.severity, "after": a.after, "sent": a.sent}
            for a in found
        ]
        self.events.append({"event": name, "label": label, "passed": passed, "alerts": alerts})


def _healthy(config: "Config", seed: int, output: _Output) -> None:
    from app.console.progress import progress
    from app.rule_tests.rehearsal import rehearse

    with progress("healthy", round(HEALTHY)) as show:
        found = rehearse(config, [], HEALTHY, seed, show)
    beds, devices = len(config.inventory.beds), len(config.inventory.devices)
    output.show("healthy", f"a healthy hour of {beds} beds, {devices} devices", found, passed=not found)


def _rehearse(config: "Config", events: list["SimulatedEvent"], seconds: float, seed: int, output: _Output) -> None:
    from app.console.progress import progress
    from app.rule_tests.rehearsal import rehearse

    with progress(" and ".join(sorted({"faults" if s.fault else "scenarios" for s in events})), round(seconds)) as show:
        found = rehearse(config, events, seconds, seed, show)
    for event in events:
        own = [t for t in found if t.device == event.monitor.device or (not t.device and t.bed == event.monitor.bed)]
        output.show(event.name, event.label, own, passed=bool(own))


def _drift(config: "Config", event: "SimulatedEvent", seed: int, output: _Output) -> None:
    from app.console.progress import progress
    from app.rule_tests.rehearsed_weeks import PERIOD, rehearse_weeks

    with progress("drift", round((DRIFT_DAYS + 7) * 86_400 / PERIOD)) as show:
        found = rehearse_weeks(config, event, DRIFT_DAYS, seed, show)
    own = [alert for alert in found if alert.device == event.monitor.device]
    output.show(event.name, f"{event.label} (0.3 °C in 21 days)", own, passed=bool(own) and own == found)


def _line(found: list["RehearsedAlert"]) -> str:
    """The alerts in order: each rule once, with its first start and its highest severity; in brackets where no message
    was sent about it."""
    from ward.clock import format_span

    texts: dict[str, str] = {}
    rank = {"high": 0, "medium": 1, "low": 2}
    for rule in dict.fromkeys(t.rule for t in sorted(found, key=lambda t: t.after)):
        own = [t for t in found if t.rule == rule]
        worst = min((t.severity for t in own), key=lambda s: rank[s])
        times = f" ×{len(own)}" if len(own) > 1 else ""
        shown = f"{rule} ({worst.upper()}, {format_span(float(round(min(t.after for t in own))))}){times}"
        texts[rule] = shown if any(t.sent for t in own) else f"[{shown}]"
    return ", ".join(texts.values())
