"""Suggestions as a patch of `thresholds.yaml`: an override each, with who, why and until when."""

import difflib
import re
from collections.abc import Iterable, Sequence

from app.suggestions.choice import Suggestion
from app.suggestions.limit_sides import FILE
from ward.clock import format_span

_KEY = "overrides"
_TOP_LEVEL = re.compile(r"[^\s#-]")


def override_lines(suggestion: Suggestion, why: str, by: str, until: str) -> list[str]:
    """The lines of an override for a suggestion; texts are quoted so that YAML reads them as they are."""
    side, settings = suggestion.trial.side, suggestion.candidate.settings
    ((name, (value,)),) = suggestion.trial.subject.where.model_dump(exclude_defaults=True).items()
    changes = ", ".join(f"{key}: {_shown(setting)}" for key, setting in settings.items())
    return [
        f"- where: {{{name}: {_quoted(value)}}}", f"  why: {_quoted(why)}", f"  by: {_quoted(by)}", f"  until: {until}",
        "  set:", f"    {side.signal}:", f"      {side.key}: {{{changes}}}",
    ]  # fmt: skip


def reason(suggestion: Suggestion, seconds: float) -> str:
    """Why an override is there, as people read it with the alert."""
    before, after, kept = suggestion.before, suggestion.after, len(suggestion.after.kept)
    found = f"; what was acknowledged or HIGH is still found ({kept} of {kept})" if kept else ""
    return (
        f"{before.alerts} alerts in {format_span(seconds)}, {after.alerts} with this by a backtest{found}"
    )  # fmt: skip


def with_overrides(text: str, overrides: Iterable[Sequence[str]]) -> str:
    """The file with these overrides after those that it has.

    Raises `ValueError` where its overrides are written on the line of their key.
    """
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if line.split("#")[0].rstrip() == f"{_KEY}:"), None)
    if start is None:
        if any(line.startswith(f"{_KEY}:") for line in lines):
            raise ValueError(f"{FILE}: write the entries of `{_KEY}` on lines of their own below it")
        lines += ["", f"{_KEY}:"]
        start = len(lines) - 1
    end = next((i for i in range(start + 1, len(lines)) if _TOP_LEVEL.match(lines[i])), len(lines))
    while end > start + 1 and not lines[end - 1].split("#")[0].strip():
        end -= 1
    indent = next((m[1] for line in lines[start + 1 : end] if (m := re.match(r"( *)- ", line))), "  ")
    added = [line for one in overrides for line in ["", *(indent + each for each in one)]]
    return "\n".join([*lines[:end], *added, *lines[end:], ""])


def unified_diff(before: str, after: str) -> str:
    """The patch, to be applied in the config folder by `patch -p1`."""
    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"a/{FILE}", f"b/{FILE}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _shown(setting: object) -> str:
    return f"{setting:g}" if isinstance(setting, float) else str(setting)


def _quoted(text: str) -> str:
    """A text as a YAML scalar on one line."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
