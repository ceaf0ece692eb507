"""Suggestions in lines and as JSON data."""

from typing import Any

import click

from app.console.table import print_table
from app.suggestions.choice import Outcome, Refusal, Suggestion
from app.suggestions.run import Search
from ward.clock import format_instant, format_span
from ward.config.config import Config
from ward.limit_text import quantity

HEAD = ("where", "patient", "rule", "change", "alerts", "minutes in alarm", "still found", "median delay")


def print_suggestions(search: Search) -> None:
    """Print the noisiest beds, what is suggested for them, and where nothing is."""
    test = search.test
    labels = [test.config.inventory.label(bed) for bed in search.noisy]
    click.echo(f"from {format_instant(test.start)} to {format_instant(test.end)}; config {test.config.hash}")
    if labels:
        click.echo(
            f"the noisiest tenth of {test.beds_with_data} beds makes {search.share:.0%} of the alerts at beds: "
            f"{', '.join(labels)}"
        )
    if search.suggestions:
        click.echo("\nSuggested; nothing is changed until a person does it")
        print_table(HEAD, [_row(one, test.config) for one in search.suggestions])
    else:
        click.echo("\nNothing is suggested.")
    if search.refusals:
        click.echo("\nNot suggested")
        print_table(("where", "rule", "alerts", "why"), [_refusal_row(one, test.config) for one in search.refusals])


def change_text(suggestion: Suggestion, config: Config) -> str:
    """The change in words: `MEDIUM 88 % → 87 %, for 15 s → 30 s`."""
    trial, candidate = suggestion.trial, suggestion.candidate
    signal, params = config.catalogue[trial.side.signal], trial.present.params
    parts = [
        f"{name.upper()} {quantity(signal, getattr(params, name))} → {quantity(signal, limit)}"
        for name, limit in candidate.limits.items()
    ]
    if candidate.delay is not None:
        parts.append(f"for {format_span(trial.present.decision.for_)} → {format_span(candidate.delay)}")
    return ", ".join(parts)


def suggestions_data(search: Search, patch: str) -> dict[str, Any]:
    """The same as JSON data: delays in seconds; `patch` is empty where none was asked for."""
    test = search.test
    return {
        "config": test.config.hash, "from": format_instant(test.start), "to": format_instant(test.end),
        "beds": test.beds_with_data, "noisiest": search.noisy, "share": search.share,
        "suggestions": [_suggestion_data(one, test.config) for one in search.suggestions],
        "refusals": [
            {"bed": one.bed, "rule": one.rule, "alerts": one.alerts, "why": one.why} for one in search.refusals
        ],
        "patch": patch or None,
    }  # fmt: skip


def _row(suggestion: Suggestion, config: Config) -> tuple[object, ...]:
    trial, before, after = suggestion.trial, suggestion.before, suggestion.after
    return (
        config.inventory.label(trial.subject.bed), trial.subject.patient or "-", trial.rule.name,
        change_text(suggestion, config), f"{before.alerts} → {after.alerts}",
        f"{before.minutes:.0f} → {after.minutes:.0f}", f"{len(after.kept)} of {len(after.kept)}",
        f"{_delay(before)} → {_delay(after)}",
    )  # fmt: skip


def _delay(outcome: Outcome) -> str:
    return "-" if outcome.delay is None else format_span(outcome.delay)


def _refusal_row(refusal: Refusal, config: Config) -> tuple[object, ...]:
    return config.inventory.label(refusal.bed), refusal.rule, refusal.alerts, refusal.why


def _suggestion_data(suggestion: Suggestion, config: Config) -> dict[str, Any]:
    trial = suggestion.trial
    return {
        "bed": trial.subject.bed, "patient": trial.subject.patient or None, "rule": trial.rule.name,
        "change": change_text(suggestion, config), "settings": suggestion.candidate.settings,
        "before": _outcome_data(suggestion.before), "after": _outcome_data(suggestion.after),
    }  # fmt: skip


def _outcome_data(outcome: Outcome) -> dict[str, Any]:
    return {
        "alerts": outcome.alerts, "minutes": outcome.minutes, "kept": len(outcome.kept),
        "missed": sum(one.delay is None for one in outcome.kept), "median_delay": outcome.delay,
    }  # fmt: skip
