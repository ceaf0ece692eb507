"""`--help` of every command is fast: it loads no large library."""

import subprocess
import sys

import click
import pytest

from app.cli import COMMANDS, main
from tests.app.calling import call

LARGE = (
    "numpy", "pandas", "statsmodels", "scipy", "fastapi", "uvicorn", "pydantic", "apprise", "confluent_kafka", "paho",
    "influxdb_client", "grafana_foundation_sdk", "prometheus_client", "rich",
)  # fmt: skip


def paths() -> list[tuple[str, ...]]:
    """Every command and subcommand, by the words that call it."""
    found: list[tuple[str, ...]] = [()]
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, sub) for sub in command.list_commands(click.Context(command))]
    return found


@pytest.mark.parametrize("path", paths(), ids=" ".join)
def test_each_command_has_a_help_text(path: tuple[str, ...]) -> None:
    found = call(*path, "--help")
    assert found.exit_code == 0
    assert found.stdout.startswith(f"Usage: main {' '.join(path)}".rstrip())


def test_help_loads_no_large_library() -> None:
    asked = [[*path, "--help"] for path in paths()]
    script = f"""
import contextlib, io, sys
from app.cli import main
for words in {asked!r}:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        main(words)
    print(*words, *({set(LARGE)!r} & sys.modules.keys()), sep=",")
"""
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert output.splitlines() == [",".join(words) for words in asked]


def test_an_unknown_command_exits_with_2() -> None:
    assert call("alrt").exit_code == 2
