"""amtool, Alertmanager's command line, on our API: it reads our alerts and writes silences."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.engines.absent import absent
from tests.web.browser.stage import Stage
from tests.web.scene import Scene
from tests.web.test_alertmanager_input import findings
from ward.clock import SECOND, SystemClock
from ward.finding import Severity

pytestmark = pytest.mark.engines

Amtool = Callable[..., str]


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Scene]:
    """Three alerts, one of them silenced. The clock of the scene is just ahead of the machine's clock, which amtool
    uses: so a silence that amtool starts now has started."""
    scene = Scene(tmp_path)
    scene.clock.step((SystemClock().now() - scene.clock.now()) / SECOND + 30)
    scene.alert("icu-03")
    scene.alert("hdu-02", "fever", "Temperature 38.9", severity=Severity.LOW)
    scene.send(replace(scene.alert("icu-07", "tachycardia", "Heart rate 160"), silenced_by=("s1",)))
    scene.settle()
    yield scene
    scene.close()


@pytest.fixture
def amtool(ward: Scene) -> Iterator[Amtool]:
    """Run amtool and return its output; with `fails` it must exit with an error."""
    tool = shutil.which("amtool")
    if tool is None:
        absent("no amtool here: apt-get install prometheus-alertmanager")

    def ask(*words: str, fails: bool = False) -> str:
        command = [tool, f"--alertmanager.url={stage.url}", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        assert (done.returncode != 0) is fails, done.stderr
        return (done.stderr if fails else done.stdout).strip()

    with Stage(ward) as stage:
        yield ask


def listed(amtool: Amtool, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(amtool(*words, "-o", "json"))
    return found


def test_amtool_queries_alerts_with_matchers_and_flags(amtool: Amtool) -> None:
    assert "tachycardia" not in amtool("alert", "query", "-o", "extended")
    assert [alert["labels"]["alertname"] for alert in listed(amtool, "alert", "query", "--silenced")] == ["tachycardia"]
    assert [alert["labels"]["bed"] for alert in listed(amtool, "alert", "query", "severity=high")] == ["icu-03"]
    assert [alert["labels"]["bed"] for alert in listed(amtool, "alert", "query", "ward=~h.*")] == ["hdu-02"]
    assert len(listed(amtool, "alert", "query", "--receiver=nurses")) == 2
    assert listed(amtool, "alert", "query", "--receiver=nobody") == []


def test_amtool_shows_our_error_for_an_invalid_matcher(amtool: Amtool) -> None:
    assert "not a regular expression" in amtool("alert", "query", "--receiver=(", fails=True)
    assert "silence everything" in amtool("silence", "add", "-c", "x", "-d", "5m", "x=~.*", fails=True)


def test_amtool_adds_queries_changes_and_expires_silences(amtool: Amtool, ward: Scene) -> None:
    id_ = amtool("silence", "add", "alertname=hypoxia", "bed=~icu-.*", "-d", "10m", "-a", "Ada", "-c", "washing")
    (silence,) = listed(amtool, "silence", "query")
    assert (silence["id"], silence["status"]["state"], silence["createdBy"]) == (id_, "active", "Ada")
    assert silence["comment"] == "washing"
    assert len(listed(amtool, "silence", "query", "alertname=hypoxia")) == 1
    assert listed(amtool, "silence", "query", "alertname=fever") == []
    (changed,) = listed(amtool, "silence", "update", "-d", "2h", id_)
    assert changed["endsAt"] > silence["endsAt"]
    amtool("silence", "expire", id_)
    (over,) = listed(amtool, "silence", "query") + listed(amtool, "silence", "query", "--expired")
    assert (over["id"], over["status"]["state"]) == (id_, "expired")
    known = ward.model.silences.get(id_)
    assert known is not None
    assert known.mutes({"alertname": "hypoxia", "bed": "icu-03"})
    assert not known.mutes({"alertname": "hypoxia", "bed": "hdu-03"})
    amtool("silence", "expire", "nonsense", fails=True)


def test_amtool_posts_an_alert_and_reads_the_routes(amtool: Amtool, ward: Scene) -> None:
    amtool("alert", "add", "alertname=DiskFull", "severity=critical", "--annotation=summary=97 %")
    ((_, finding),) = findings(ward)
    assert (finding.rule, finding.severity, finding.text) == ("DiskFull", Severity.HIGH, "97 %")
    assert amtool("config", "routes", "test", "ward=icu") == "nurses"
    assert "disabled" in amtool("cluster", "show")
