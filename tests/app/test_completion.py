"""Completion in the shell, as docs/commands.md sets it up."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import COMMANDS
from tests.docs.pages import ROOT
from tests.engines.absent import absent

PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
LINES = {found[1]: found[0] for found in re.findall(r"^(.*_WARDWATCH_COMPLETE=(\w+)_source .*)$", PAGE, re.MULTILINE)}
SCRIPTS = {
    "bash": '''{line}
COMP_WORDS=(wardwatch ro); COMP_CWORD=1; _wardwatch_completion wardwatch; echo "${{COMPREPLY[@]}}"''',
    "fish": '''{line}
complete -C "wardwatch ro"''',
    "zsh": """autoload -Uz compinit && compinit -u -D
{line}
[ "$_comps[wardwatch]" = _wardwatch_completion ] || exit 1
COMP_WORDS="wardwatch ro" COMP_CWORD=1 _WARDWATCH_COMPLETE=zsh_complete wardwatch""",
}


@pytest.mark.parametrize(
    "shell", ["bash", *(pytest.param(name, marks=pytest.mark.engines) for name in ("fish", "zsh"))]
)
def test_the_line_of_the_page_completes_a_command(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        absent(f"{shell} is not here: run python -m tests.engines.install")
    wardwatch = tmp_path / "wardwatch"
    wardwatch.write_text(f'#!/bin/sh\nexec {sys.executable} -m app "$@"\n', encoding="utf-8")
    wardwatch.chmod(0o755)
    environ = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    script = SCRIPTS[shell].format(line=LINES[shell])
    found = subprocess.run(
        [program, *(["-f"] if shell == "zsh" else []), "-c", script], cwd=ROOT, env=environ, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert "routes" in found.stdout, found.stderr
    assert "rules" not in found.stdout
    assert "routes" in COMMANDS
