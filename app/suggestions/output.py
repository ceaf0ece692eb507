"""Makes the patch of `rules suggest`, and checks that the config with it is a good one."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from app.console.cli_context import config_environment
from app.console.durations import duration_seconds
from app.settings.config_reader import contents_reader, present_contents
from app.settings.settings import Settings
from app.suggestions.limit_sides import FILE
from app.suggestions.patch import override_lines, reason, unified_diff, with_overrides
from app.suggestions.run import Search
from ward.clock import SECOND, Micros, format_instant
from ward.config.base_model import day_or_instant
from ward.config.yaml.reader import read_document
from ward.errors import ConfigError
from ward.ids import printable


@dataclass(frozen=True)
class Patch:
    """Who is responsible for the overrides of a patch, and until when they hold, as the config has it."""

    by: str
    until: str

    @classmethod
    def checked(cls, by: str, until: str, now: Micros) -> "Patch":
        """With `until` as a day, an instant or a span from `now`. Raises `click.UsageError`."""
        if not by.strip() or printable(by) != by or len(by) > 80:
            raise click.UsageError("--by: a role or initials of at most 80 characters, such as 'ward round'")
        try:
            end = (
                day_or_instant(until) if until[4:5] == "-" else now + round(duration_seconds(until, "--until") * SECOND)
            )
        except (ValueError, OverflowError) as error:
            raise click.UsageError(f"--until: {error}") from None
        if end <= now:
            raise click.UsageError("--until is not in the future: an override needs an end that is still to come")
        return cls(by, until if until[4:5] == "-" else format_instant(end)[:10])

    def text(self, search: Search, settings: Settings, now: Micros) -> str:
        """The patch; empty without a suggestion. Raises `click.ClickException` where it would break the config."""
        if not search.suggestions:
            return ""
        file = settings.config / FILE
        seconds = (search.test.end - search.test.start) / SECOND
        overrides = [override_lines(one, reason(one, seconds), self.by, self.until) for one in search.suggestions]
        try:
            before = file.read_text(encoding="utf-8")
            after = with_overrides(before, overrides)
            self._read(after, settings, now)
        except (OSError, ValueError, ConfigError) as error:
            raise click.ClickException(f"no patch can be made: {printable(str(error), 1000)}") from None
        return unified_diff(before, after)

    def _read(self, after: str, settings: Settings, now: Micros) -> None:
        """Read the config as it would be with the patch. Raises `ConfigError`."""
        with TemporaryDirectory() as folder:
            file = Path(folder) / FILE
            file.write_text(after, encoding="utf-8")
            document, faults = read_document(file, FILE)
        if document is None:
            raise ConfigError(faults)
        contents = {**present_contents(settings.config), FILE: document.data()}
        contents_reader(settings.config, config_environment(settings))(contents, now)
