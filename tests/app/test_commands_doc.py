"""docs/commands.md: every command is there, and its examples can be called and show what is printed."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from app.cli import COMMANDS, main
from tests.app.calling import call
from tests.app.test_help_command import paths

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
# These need nothing but the checkout.
CALLED = (
    "config check",
    "config show",
    "rules test",
    "routes test",
    "routes show",
    "version",
    "device try",
    "detect tests/",
)


def examples() -> Iterator[tuple[str, list[str]]]:
    """Each command of the page's consoles, with the lines it is said to print."""
    for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL):
        for part in re.split(r"^\$ wardwatch ", block, flags=re.MULTILINE)[1:]:
            command, *output = part.rstrip("\n").split("\n")
            yield command, output


def plain(line: str) -> str:
    """A line without what an edit of the shipped config changes: its hash, its counts, and places in its files."""
    line = re.sub(r'config("?:?) "?[0-9a-f]{12}\b"?', r"config\1", line)
    line = re.sub(r"\b\d+ (wards|beds|devices|rules|tapes)\b", r"n \1", line)
    return re.sub(r"\bconfig/(\w+\.yaml):\d+:\d+", r"config/\1", line).rstrip()


def test_every_command_and_subcommand_has_an_example() -> None:
    shown = [shlex.split(command) for command, _ in examples()]
    named = {f"`{name}`" for name in COMMANDS if f"[`{name}`](#" in TEXT}
    assert named == {f"`{name}`" for name in COMMANDS}
    groups = {path[0] for path in paths() if len(path) > 1}
    assert [path for path in paths() if path and path not in {(g,) for g in groups}
            and not any(words[: len(path)] == list(path) for words in shown)] == []  # fmt: skip


@pytest.mark.parametrize("command", [command for command, _ in examples()])
def test_an_example_can_be_called(command: str) -> None:
    found: click.Command = main
    context, words = click.Context(main, info_name="wardwatch"), shlex.split(command)
    while isinstance(found, click.Group):
        name, sub, words = found.resolve_command(context, words)
        assert sub is not None
        assert name is not None
        found, context = sub, click.Context(sub, info_name=name, parent=context)
    found.make_context(found.name, words, parent=context.parent)


@pytest.mark.parametrize(
    ("command", "output"),
    [
        example
        for example in examples()
        if example[0].startswith(CALLED) and not {"--live", "--listen"} & set(example[0].split())
    ],
)
def test_an_example_shows_what_is_printed(command: str, output: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = call(*shlex.split(command), WARDWATCH_CONFIG=None)
    printed = iter(map(plain, found.output.splitlines()))
    missing = [line for line in output if line != "…" and plain(line) not in printed]
    assert missing == [], found.output
