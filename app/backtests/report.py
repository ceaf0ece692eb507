"""What a backtest has to tell, in lines."""

from collections.abc import Iterator

import click

from app.backtests.backtest import Backtest
from app.backtests.episode import Episode
from app.backtests.episode_collector import EpisodeCollector, only_in
from app.console.table import print_table
from ward.clock import Micros, format_instant, format_span
from ward.config.config import Config
from ward.finding import Severity
from ward.ids import printable

_WORST_FIRST = sorted(Severity, key=lambda severity: -severity.rank)


def print_report(test: Backtest, limit: int, *, compare: bool) -> None:
    """Print the alerts, the sums by rule, and with `compare` what was different then."""
    would_be = test.would_be
    _list(would_be.listed, test, limit)
    for line in _notes(test):
        click.echo(line)
    click.echo()
    _sums(would_be, test)
    if compare:
        _differences(test, limit)


def _list(episodes: list[Episode], test: Backtest, limit: int) -> None:
    rows = [_row(episode, test.config, test.end) for episode in episodes[:limit]]
    if rows:
        print_table(("raised", "where", "rule", "severity", "lasted", "ended", "what"), rows)
    if len(episodes) > limit:
        click.echo(f"and {len(episodes) - limit} more: --limit")


def _row(episode: Episode, config: Config, end: Micros) -> tuple[object, ...]:
    where = config.inventory.label(episode.bed) if episode.bed else f"{episode.ward} {episode.device}".strip()
    return (
        format_instant(episode.raised // 1000 * 1000), where, episode.rule, str(episode.severity).upper(),
        format_span(episode.lasted(end)), episode.ended or "goes on", episode.text,
    )  # fmt: skip


def _notes(test: Backtest) -> Iterator[str]:
    would_be = test.would_be
    if would_be.older:
        yield f"{would_be.older} more went on already when the time asked for began"
    if would_be.left_out:
        yield f"{would_be.left_out} more are counted, but not listed"
    if would_be.unreadable or test.really.unreadable:
        yield f"{would_be.unreadable + test.really.unreadable} findings of the store could not be read"
    if test.simulated:
        yield f"{test.simulated} points of the simulated past were left out"
    if test.late:
        yield f"{test.late} values were older than what had been judged before them, and were left out"
    if test.blind:
        yield f"the store does not remember what these rules look at, so they find nothing: {', '.join(test.blind)}"
    for kind, failure in test.failures.items():
        yield printable(f"the detector {kind} failed: {failure!r}", 300)


def _sums(found: EpisodeCollector, test: Backtest) -> None:
    ranked = sorted(found.tallies.items(), key=lambda item: (-item[1].count, item[0]))
    rows = [
        (
            rule, tally.count, _grave(tally.severities), _per_day(tally.at_beds, test.bed_days),
            format_span(tally.median),
        )
        for rule, tally in ranked
    ]  # fmt: skip
    if rows:
        print_table(("rule", "alerts", "of them", "a bed and day", "median"), rows)
    total = sum(tally.count for tally in found.tallies.values())
    at_beds = sum(tally.at_beds for tally in found.tallies.values())
    click.echo(
        f"{total} alert{'s'[: total != 1]} of {test.readings} readings in {test.bed_days:.2f} bed-days: "
        f"{_per_day(at_beds, test.bed_days)} a bed and day; config {test.config.hash}"
    )


def _differences(test: Backtest, limit: int) -> None:
    would_be, really = test.would_be, test.really
    count = sum(tally.count for tally in really.tallies.values())
    if would_be.left_out or really.left_out:
        click.echo("\nToo many alerts to be compared one by one: choose --bed, --rule or less time.")
        return
    new, gone = list(only_in(would_be.listed, really.listed)), list(only_in(really.listed, would_be.listed))
    click.echo(f"\nIn fact there were {count}: {count - len(gone)} of them here too, {len(gone)} not; {len(new)} new.")
    for title, episodes in (("New", new), ("Not any more", gone)):
        if episodes:
            click.echo(f"\n{title}")
            _list(episodes, test, limit)


def _grave(severities: dict[Severity, int]) -> str:
    return ", ".join(f"{severities[s]} {str(s).upper()}" for s in _WORST_FIRST if severities.get(s))


def _per_day(count: int, days: float) -> str:
    return f"{count / days:.1f}" if days and count else "-"
