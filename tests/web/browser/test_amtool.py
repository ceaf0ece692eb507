"""Alertmanager's own command line reads our alerts."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.web.browser.stage import Stage
from tests.web.scene import Scene
from ward.finding import Severity

pytestmark = pytest.mark.engines


def test_amtool_queries_alerts_with_its_own_matchers(tmp_path: Path) -> None:
    tool = shutil.which("amtool")
    if tool is None:
        if os.environ.get("CI"):
            pytest.fail("no amtool: apt-get install prometheus-alertmanager")
        pytest.skip("no amtool here: apt-get install prometheus-alertmanager")
    scene = Scene(tmp_path)
    scene.alert("icu-03")
    scene.alert("hdu-02", "fever", "Temperature 38.9", severity=Severity.LOW)
    scene.settle()

    def ask(*words: str) -> str:
        command = [tool, f"--alertmanager.url={stage.url}", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout

    with Stage(scene) as stage:
        everything = ask("alert", "query", "-o", "extended")
        assert "hypoxia" in everything
        assert "fever" in everything
        high = ask("alert", "query", "severity=high")
        assert "hypoxia" in high
        assert "fever" not in high
        assert "fever" in ask("alert", "query", "-o", "json", "ward=~h.*")
        assert ask("silence", "query", "-q").strip() == ""
    scene.close()
