"""The report of a comparison of two configs, in lines."""

from collections.abc import Iterator, Sequence

import click

from app.backtests.backtest import Backtest
from app.backtests.comparison import Change, Comparison, Pair, median_delay
from app.backtests.report import episode_rows, notes
from app.console.table import print_table
from ward.clock import format_instant, format_span
from ward.config.config import Config

HEAD = ("raised", "where", "rule", "severity", "duration", "ended", "text")


def print_comparison(test: Backtest, found: Comparison, names: tuple[str, str], limit: int) -> None:
    """Print what changes: sums, rules, beds, known episodes, and at most `limit` examples of each kind."""
    click.echo(f"from {format_instant(test.start)} to {format_instant(test.end)}")
    for sign, name, replay in zip("−+", names, test.replays, strict=False):
        click.echo(f"{sign} {name}, config {replay.config.hash}")
    for line in (*notes(test), *comparison_notes(found)):
        click.echo(line)
    click.echo()
    print_table(("", "before", "after", "change"), list(sum_rows(found)))
    for title, changes in (("rule", found.rules), ("bed", found.beds)):
        rows = [change_row(change, test.config, bed=title == "bed") for change in changes if change.gone or change.new]
        if rows:
            click.echo()
            print_table((title, "before", "after", "alerts", "minutes in alarm"), rows[:limit])
    _print_known(test, found, limit)
    for title, episodes in (("New", found.new), ("Gone", found.gone)):
        if episodes:
            click.echo(f"\n{title}")
            print_table(HEAD, episode_rows(episodes[:limit], test.config, test.end))
            if len(episodes) > limit:
                click.echo(f"and {len(episodes) - limit} more: --limit")


def comparison_notes(found: Comparison) -> Iterator[str]:
    """What the comparison leaves out."""
    if found.outside:
        yield f"{found.outside} known episodes began outside of this time, and are left out"


def sum_rows(found: Comparison) -> Iterator[tuple[str, str, str, str]]:
    """Alerts and minutes for each bed and day, and what became of known episodes: before, after and the change."""
    total = found.total
    yield (
        "alerts at beds", str(total.before), str(total.after), signed(total.new, total.gone)
    )  # fmt: skip
    for what, before, after in (
        ("alerts a bed and day", total.before, total.after),
        ("minutes in alarm a bed and day", total.minutes_before, total.minutes_after),
    ):
        old, new = found.per_bed_day(before), found.per_bed_day(after)
        yield what, _number(old), _number(new), "" if old is None or new is None else f"{_plus(new - old)}"
    if found.known:
        yield from _known_sums(found)


def _known_sums(found: Comparison) -> Iterator[tuple[str, str, str, str]]:
    sides = [pair.before for pair in found.known], [pair.after for pair in found.known]
    missed = [sum(one.delay is None for one in side) for side in sides]
    newly = signed(len(found.newly_missed), len(found.newly_found))
    yield f"known episodes missed, of {len(found.known)}", str(missed[0]), str(missed[1]), newly
    delays = [median_delay(side) for side in sides]
    change = "" if None in delays else _span_change(delays)
    yield "median delay", *(_span(delay) for delay in delays), change  # type: ignore[misc]


def signed(new: int, gone: int) -> str:
    """`+3 −41`: what is new and what is gone."""
    return " ".join(part for part in (f"+{new}" if new else "", f"−{gone}" if gone else "") if part) or "="


def change_row(change: Change, config: Config, *, bed: bool) -> tuple[str, ...]:
    """A row of a rule or a bed."""
    name = config.inventory.label(change.name) if bed else change.name
    minutes = f"{change.minutes_before:.0f} → {change.minutes_after:.0f}"
    return name, str(change.before), str(change.after), signed(change.new, change.gone), minutes


def known_row(pair: Pair, config: Config) -> tuple[str, ...]:
    """A row of a known episode."""
    known = pair.known
    delays = (_span(one.delay) if one.delay is not None else "missed" for one in (pair.before, pair.after))
    begin = format_instant(known.begin // 1000 * 1000)
    return begin, config.inventory.label(known.bed), known.label or "no label", *delays


def known_in_order(found: Comparison) -> list[Pair]:
    """All known episodes: what one config misses first, then what both miss, then by change of delay."""
    return sorted(found.known, key=_importance)


def _importance(pair: Pair) -> tuple[int, float]:
    before, after = pair.before.delay, pair.after.delay
    if before is None or after is None:
        return 2 if before is after else int(after is not None), 0.0
    return 3, -abs(after - before)


def _print_known(test: Backtest, found: Comparison, limit: int) -> None:
    if found.known:
        click.echo("\nKnown episodes")
        rows = [known_row(pair, test.config) for pair in known_in_order(found)[:limit]]
        print_table(("began", "where", "label", "before", "after"), rows)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _plus(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def _span(seconds: float | None) -> str:
    return "-" if seconds is None else format_span(round(seconds))


def _span_change(delays: Sequence[float | None]) -> str:
    seconds = round((delays[1] or 0.0) - (delays[0] or 0.0))
    return "=" if not seconds else f"{'+' if seconds > 0 else '−'}{format_span(abs(seconds))}"
