"""`wardwatch rules suggest`: runs the search with progress, prints what it finds, and makes the patch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from app.backtests.backtest import Backtest
from app.backtests.episode_files import read_episodes
from app.backtests.run import evaluation, run_steps
from app.console.cli_context import settings_of
from app.console.output import print_json
from app.console.output_file import write_text
from app.settings.config_reader import present_contents
from app.suggestions.limit_sides import FILE
from app.suggestions.output import Patch
from app.suggestions.report import print_suggestions, suggestions_data
from app.suggestions.run import Search
from ward.clock import SystemClock


@dataclass(frozen=True)
class SuggestOptions:
    """The options of `rules suggest` about its result: a config folder, a file of known episodes, who is responsible
    for the overrides and until when, the file of the patch, and `text` or `json`."""

    directory: Path | None
    episodes: Path | None
    by: str | None
    until: str
    patch: Path | None
    form: str

    def overrides(self) -> Patch | None:
        """The patch that is asked for. Raises `click.UsageError`."""
        if self.by is None:
            if self.patch is not None:
                raise click.UsageError("--patch needs --by: who is responsible for the overrides")
            return None
        return Patch.checked(self.by, self.until, SystemClock().now())


def suggest_changes(test: Backtest, options: SuggestOptions) -> None:
    """Search and print; with `by` also make the patch. Raises click's exceptions."""
    settings, overrides = settings_of(config=options.directory), options.overrides()
    known = read_episodes(options.episodes, test.config.inventory.beds) if options.episodes else []
    thresholds: dict[str, Any] = present_contents(settings.config).get(FILE, {})
    search = Search(test, thresholds, known)
    run_steps(test, ("evaluating", evaluation(test)), ("trying", search.run()))
    patch = overrides.text(search, settings, SystemClock().now()) if overrides else ""
    if options.patch is not None:
        write_text(options.patch, patch)
    if options.form == "json":
        print_json(suggestions_data(search, patch))
    else:
        print_suggestions(search)
        _print_patch(search, patch, options)


def _print_patch(search: Search, patch: str, options: SuggestOptions) -> None:
    if not search.suggestions:
        return
    if not patch:
        click.echo("\nFor a patch with an override for each, name who is responsible: --by 'ward round'")
        return
    if options.patch is None:
        click.echo(f"\n{patch}", nl=False)
    name = options.patch or "FILE"
    click.echo(f"\nRead the patch, then apply it in the config folder: patch -p1 < {name}")
