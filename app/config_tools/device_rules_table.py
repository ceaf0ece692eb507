"""The rules of one device as a table, followed by every override and every source."""

import click

from app.config_tools.effective_rules import EffectiveRule, effective_rules, override_reason, override_scope
from app.console.table import print_table
from ward.clock import Micros
from ward.config.config import Config
from ward.ids import printable


def print_device_rules(config: Config, device: str, now: Micros, *, every: bool) -> None:
    """Print the table, the overrides and the sources. With `every` also rules of signals that it does not send."""
    found = list(effective_rules(config, device, now, every=every))
    rows = [
        (
            s.rule.name,
            s.signals_text,
            s.condition(config.catalogue),
            s.delay,
            s.end_condition(config.catalogue),
            _override_text(s),
        )
        for s in found
    ]
    click.echo(printable(_title(config, device, now), 300))
    print_table(("rule", "signal", "raised when", "after", "ends after", "override"), rows)
    overrides = [
        f"{s.rule.name}: {s.changes(o)}, for {override_scope(o)}: {override_reason(o)}"
        for s in found
        for o in s.overrides
    ]
    _print_list("Overrides", overrides)
    _print_list("Sources", [f"{s.rule.name}: {s.rule.source}" for s in found if s.rule.source])


def _title(config: Config, device: str, now: Micros) -> str:
    place = config.inventory.place(device, now)
    where = config.inventory.label(place.bed) if place.bed else f"ward {place.ward or 'unknown'}"
    parts = (place.attached and f"at {place.attached}", place.patient and f"patient {place.patient}")
    who = "".join(f", {part}" for part in parts if part)
    return f"{where}: {device} ({place.device_kind}){who}; config {config.hash}"


def _override_text(rule: EffectiveRule) -> str:
    return override_scope(rule.deciding_override) if rule.deciding_override else ""


def _print_list(title: str, lines: list[str]) -> None:
    if lines:
        click.echo(f"\n{title}")
    for line in lines:
        click.echo(f"  {printable(line, 500)}")
