"""Every command answers `--help` at once: nothing heavy is imported for it."""

import importlib.util
import subprocess
import sys

import click
import pytest

from app.cli import COMMANDS, main
from tests.app.calling import call

HEAVY = ("numpy", "pandas", "fastapi", "uvicorn", "apprise", "pydantic", "statsmodels", "confluent_kafka", "rich")
WHOLE = [name for name, (where, _) in COMMANDS.items() if importlib.util.find_spec(where.partition(":")[0])]


def paths() -> list[tuple[str, ...]]:
    """Every command and subcommand, by the words that call it."""
    found: list[tuple[str, ...]] = [()]
    for name in WHOLE:
        command = main.get_command(click.Context(main), name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, sub) for sub in command.list_commands(click.Context(command))]
    return found


@pytest.mark.parametrize("path", paths(), ids=" ".join)
def test_each_command_says_what_it_is_for_and_what_each_option_is(path: tuple[str, ...]) -> None:
    found = call(*path, "--help")
    assert found.exit_code == 0
    assert found.stdout.startswith(f"Usage: main {' '.join(path)}".rstrip())


def test_nothing_heavy_is_imported_for_help() -> None:
    asked = [[*path, "--help"] for path in paths()]
    script = f"""
import contextlib, io, sys
from app.cli import main
for words in {asked!r}:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        main(words)
    print(*words, *({set(HEAVY)!r} & sys.modules.keys()), sep=",")
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60).stdout
    assert told.splitlines() == [",".join(words) for words in asked]


def test_a_command_nobody_has_is_a_wrong_use() -> None:
    assert call("alrt").exit_code == 2
