"""The report of a backtest, in lines."""

from collections.abc import Iterable, Iterator

import click

from app.backtests.backtest import MINUTE, Backtest
from app.backtests.episode import Episode
from app.backtests.episode_collector import EpisodeCollector, only_in
from app.backtests.replay import Replay
from app.console.table import print_table
from ward.clock import Micros, format_instant, format_span
from ward.config.config import Config
from ward.finding import Severity
from ward.ids import printable

_MOST_NAMED = 5
_WORST_FIRST = sorted(Severity, key=lambda severity: -severity.rank)


def print_report(test: Backtest, limit: int, *, compare: bool) -> None:
    """Print the alerts, the sums by rule, and with `compare` the differences to the alerts recorded then."""
    replayed = test.replayed
    click.echo(f"from {format_instant(test.start)} to {format_instant(test.end)}")
    _list(replayed.listed, test, limit)
    for line in notes(test):
        click.echo(line)
    click.echo()
    _sums(replayed, test)
    if compare:
        _differences(test, limit)


def _list(episodes: list[Episode], test: Backtest, limit: int) -> None:
    rows = episode_rows(episodes[:limit], test.config, test.end)
    if rows:
        print_table(("raised", "where", "rule", "severity", "duration", "ended", "text"), rows)
    if len(episodes) > limit:
        click.echo(f"and {len(episodes) - limit} more: --limit")


def episode_rows(episodes: Iterable[Episode], config: Config, end: Micros) -> list[tuple[object, ...]]:
    """A row of cells for each alert."""
    return [_row(episode, config, end) for episode in episodes]


def _row(episode: Episode, config: Config, end: Micros) -> tuple[object, ...]:
    where = config.inventory.label(episode.bed) if episode.bed else f"{episode.ward} {episode.device}".strip()
    return (
        format_instant(episode.raised // 1000 * 1000), where, episode.rule, str(episode.severity).upper(),
        format_span(episode.duration(end)), episode.ended or "active", episode.text,
    )  # fmt: skip


def notes(test: Backtest) -> Iterator[str]:
    """What to know about the result: what it leaves out, and why. What several configs have in common stands once."""
    yield from dict.fromkeys(_notes(test))


def _notes(test: Backtest) -> Iterator[str]:
    replayed = test.replayed
    if test.begins is not None and test.begins >= test.start + MINUTE:
        yield f"the store has no reading before {format_instant(test.begins)}: nothing before it is evaluated"
    if absent := test.without_readings:
        named = ", ".join(absent[:_MOST_NAMED]) + (", …" if len(absent) > _MOST_NAMED else "")
        yield f"{len(absent)} device{'s'[: len(absent) != 1]} without a reading in this time, not evaluated: {named}"
    if replayed.older:
        yield f"{replayed.older} more were already active at the beginning"
    if replayed.unlisted:
        yield f"{replayed.unlisted} more are counted but not listed"
    if replayed.unreadable or test.recorded.unreadable:
        yield f"{replayed.unreadable + test.recorded.unreadable} findings of the store could not be read"
    if test.simulated:
        yield f"{test.simulated} points of the simulated past were ignored"
    for replay in test.replays:
        yield from _notes_of(replay)


def _notes_of(replay: Replay) -> Iterator[str]:
    if replay.out_of_order:
        yield f"{replay.out_of_order} values arrived after newer ones were evaluated, and were ignored"
    if replay.rules_without_data:
        named = ", ".join(replay.rules_without_data)
        yield f"the store has no signals of these rules, so they find nothing: {named}"
    for failure in replay.failures.values():
        yield printable(str(failure), 500)


def _sums(found: EpisodeCollector, test: Backtest) -> None:
    ranked = sorted(found.statistics_by_rule.items(), key=lambda item: (-item[1].count, item[0]))
    rows = [
        (
            rule, of_rule.count, _by_severity(of_rule.severities), _per_day(of_rule.at_beds, test.bed_days),
            format_span(of_rule.median),
        )
        for rule, of_rule in ranked
    ]  # fmt: skip
    if rows:
        print_table(("rule", "alerts", "by severity", "per bed and day", "median duration"), rows)
    total = sum(of_rule.count for of_rule in found.statistics_by_rule.values())
    at_beds = sum(of_rule.at_beds for of_rule in found.statistics_by_rule.values())
    click.echo(
        f"{total} alert{'s'[: total != 1]} of {test.readings} readings in {test.bed_days:.2f} bed-days: "
        f"{_per_day(at_beds, test.bed_days)} per bed and day; config {test.config.hash}"
    )


def _differences(test: Backtest, limit: int) -> None:
    replayed, recorded = test.replayed, test.recorded
    count = sum(of_rule.count for of_rule in recorded.statistics_by_rule.values())
    if replayed.unlisted or recorded.unlisted:
        click.echo("\nToo many alerts to compare one by one: choose --bed, --rule or a shorter time.")
        return
    new, gone = list(only_in(replayed.listed, recorded.listed)), list(only_in(recorded.listed, replayed.listed))
    click.echo(
        f"\nRecorded then: {count} alerts; {count - len(gone)} of them here too, {len(gone)} gone; {len(new)} new."
    )
    for title, episodes in (("New", new), ("Gone", gone)):
        if episodes:
            click.echo(f"\n{title}")
            _list(episodes, test, limit)


def _by_severity(severities: dict[Severity, int]) -> str:
    return ", ".join(f"{severities[s]} {str(s).upper()}" for s in _WORST_FIRST if severities.get(s))


def _per_day(count: int, days: float) -> str:
    return f"{count / days:.1f}" if days and count else "-"
