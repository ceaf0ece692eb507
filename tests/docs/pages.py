"""The pages of the project, and what stands in them."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from app.cli import main

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [
    README, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").glob("**/*.md")),
]  # fmt: skip
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCED.sub("", text(page))


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return [block for named, block in _FENCED.findall(text(page)) if named == language]


def shell(page: Path) -> Iterator[str]:
    """Each command of the page's `sh` blocks, without comments."""
    for block in blocks(page, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            if words := shlex.split(line, comments=True):
                yield shlex.join(words)


def quoted(page: Path) -> list[str]:
    """What stands between single backticks in the prose."""
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", prose(page))


def slug(heading: str) -> str:
    """The anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def resolved(words: list[str]) -> tuple[click.Command, click.Context, list[str]]:
    """The command that these words call, its context's parent, and the words that are left."""
    found: click.Command = main
    context = click.Context(main, info_name="wardwatch")
    while isinstance(found, click.Group) and words and not words[0].startswith("-"):
        name, sub, words = found.resolve_command(context, words)
        assert sub is not None
        found, context = sub, click.Context(sub, info_name=name, parent=context)
    return found, context, words


def parse(words: list[str]) -> None:
    """Have click take these words, and do nothing. Raises `click.UsageError`."""
    found, context, rest = resolved(words)
    if "--help" in rest:
        return
    found.make_context(found.name, rest, parent=context.parent)


@cache
def tracked() -> dict[str, str]:
    """All text that is checked in, by path, without vendored files."""
    asked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if asked.returncode:
        pytest.skip("no checkout of git")
    found = {}
    for name in filter(None, asked.stdout.split("\0")):
        path = ROOT / name
        if "vendor" not in Path(name).parts and path.is_file():
            found[name] = path.read_bytes()
    return {name: data.decode("utf-8", "replace") for name, data in found.items() if b"\0" not in data}
