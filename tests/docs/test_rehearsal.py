"""README's table of alerts is what the command prints."""

import subprocess
import sys

import pytest

from tests.docs.pages import ROOT

pytestmark = pytest.mark.engines  # it takes no engine, but minutes


def test_the_table_in_readme_is_what_a_rehearsal_prints() -> None:
    readme = (ROOT / "README.md").read_text()
    table = readme.split("<!-- rehearsal -->")[1].split("<!-- /rehearsal -->")[0].strip().splitlines()
    run = subprocess.run([sys.executable, "-m", "app", "rehearse"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == table
