"""What `rules backtest` prints and writes: the alerts of one config, or the comparison of two."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from app.backtests.backtest import Backtest
from app.backtests.comparison import compare
from app.backtests.comparison_data import comparison_data
from app.backtests.comparison_page import comparison_page
from app.backtests.comparison_report import print_comparison
from app.backtests.episode_files import read_episodes
from app.backtests.known_episodes import KnownEpisode, of_recorded
from app.backtests.report import print_report
from app.backtests.report_data import report_data
from app.backtests.run import check_listed
from app.console.output import print_json
from app.console.output_file import write_text
from ward.ids import printable

# In the place of a file of known episodes.
RECORDED = "recorded"


@dataclass(frozen=True)
class Wanted:
    """The options of `rules backtest` about its result: another config folder, known episodes, a page, differences to
    what was recorded, how many alerts are listed, and `text` or `json`."""

    directory: Path | None
    other: Path | None
    episodes: str | None
    page: Path | None
    compare: bool
    limit: int
    form: str

    def check(self) -> None:
        """Raises `click.UsageError` for options that do not go together."""
        if self.other is None and (self.episodes or self.page):
            raise click.UsageError("--episodes and --html belong to a comparison: name another config by --with")
        if self.other is not None and self.compare:
            raise click.UsageError(
                "--compare and --with exclude each other: --episodes recorded has the alerts of then"
            )

    @property
    def needs_recorded(self) -> bool:
        """Whether the alerts that were recorded then must be read."""
        return self.compare or self.episodes == RECORDED

    def known(self, test: Backtest) -> list[KnownEpisode]:
        """The known episodes of the file, checked before the long work. Raises `click.ClickException`."""
        if self.episodes is None or self.episodes == RECORDED:
            return []
        return read_episodes(Path(self.episodes), test.config.inventory.beds)


def print_result(test: Backtest, known: Sequence[KnownEpisode], wanted: Wanted) -> None:
    """Print the result of a backtest that has run, and write its page. Raises `click.ClickException`."""
    if wanted.other is not None:
        _print_comparison(test, known, wanted)
    elif wanted.form == "json":
        print_json({**report_data(test, wanted.limit, compare=wanted.compare), "comparison": None})
    else:
        print_report(test, wanted.limit, compare=wanted.compare)


def _print_comparison(test: Backtest, known: Sequence[KnownEpisode], wanted: Wanted) -> None:
    check_listed(test)
    if wanted.episodes == RECORDED:
        known = of_recorded(test.recorded.listed, test.replays[0].kinds, test.end)
    found = compare(test, known)
    names = (
        "the config of the settings" if wanted.directory is None else _shown(wanted.directory),
        _shown(wanted.other),
    )
    if wanted.page is not None:
        write_text(wanted.page, comparison_page(test, found, names, wanted.limit))
    if wanted.form == "json":
        data = report_data(test, wanted.limit, compare=False)
        print_json({**data, "comparison": comparison_data(test, found, wanted.limit)})
    else:
        print_comparison(test, found, names, wanted.limit)


def _shown(path: Path | None) -> str:
    return printable(path.as_posix() if path else "", 200)
