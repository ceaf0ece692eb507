"""A detector or a codec is added as the documentation says: one new file, and all commands know it.

The code is taken from the pages and put into a copy of the checkout; only files that a page names change
there. `tests/detectors/test_docs.py` puts the page's detector through the contracts and its tapes.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings.config_reader import config_reader
from tests.app.calling import ADDRESSES
from tests.docs.pages import ROOT, blocks, shell, text
from tests.kit.shipped import SHIPPED
from ward.clock import parse_instant

FOLDERS = (
    "ward",
    "bridge",
    "detectors",
    "alerts",
    "simulators",
    "web",
    "influx",
    "rollups",
    "app",
    "config",
    "docs",
    "tests/kit",
)
DETECTOR, CODEC = ROOT / "docs" / "adding-a-detector.md", ROOT / "docs" / "adding-a-codec.md"
RULE = blocks(DETECTOR, "yaml")[-1]


class CheckoutCopy:
    """A copy of the checkout, and commands in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in FOLDERS:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("settings.yaml"))

    def add(self, path: str, content: str) -> None:
        """Add a file. It may be there already, where somebody has followed the page in this checkout."""
        target = self.folder / path
        assert not target.exists() or target.read_text(encoding="utf-8") == content, f"{path} is not that of the page"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the only `old` in a file by `new`."""
        target = self.folder / path
        before = target.read_text(encoding="utf-8")
        assert before.count(old) == 1
        target.write_text(before.replace(old, new), encoding="utf-8")

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run Python in the copy; of our variables only addresses of channels are set, and lead nowhere."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("WARDWATCH_", "PYTHONPATH"))
        }
        environ = inherited | ADDRESSES | {"PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [sys.executable, *words], cwd=self.folder, env=environ, capture_output=True, text=True, check=False
        )

    def run_ward(self, script: str) -> list[str]:
        """The lines that a script with a `simulated_ward` prints."""
        result = self.run(
            "-c", f"from pathlib import Path\nfrom tests.kit.simulated_ward import simulated_ward\n{script}"
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout.splitlines()


@pytest.fixture
def checkout(tmp_path: Path) -> CheckoutCopy:
    return CheckoutCopy(tmp_path / "checkout")


@pytest.fixture
def with_detector(checkout: CheckoutCopy) -> CheckoutCopy:
    (code,) = blocks(DETECTOR, "python")
    checkout.add("detectors/runs.py", code)
    for name, tape in re.findall(r"`(tests/tapes/runs/\w+\.yaml)`\n\n```yaml\n(.*?)```", text(DETECTOR), re.DOTALL):
        checkout.add(name, tape)
    return checkout


@pytest.fixture
def with_codec(checkout: CheckoutCopy) -> CheckoutCopy:
    (code,) = blocks(CODEC, "python")
    (line,) = blocks(CODEC, "yaml")
    checkout.add("bridge/codecs/pump.py", code)
    checkout.edit("config/bridge.yaml", "\ntopics:\n", f"\ntopics:\n{line}")
    return checkout


def test_the_pages_add_the_files_that_are_tested_here() -> None:
    assert "detectors/runs.py" in text(DETECTOR)
    assert "bridge/codecs/pump.py" in text(CODEC)


@pytest.mark.parametrize("page", [DETECTOR, CODEC])
def test_a_page_edits_a_copy_of_the_config_for_the_shipped_one_is_tested(page: Path) -> None:
    """A rule that is tried raises alerts on a healthy ward; a topic needs a line in the broker's access list."""
    assert "cp -R config ../ward-config" in shell(page)
    edited = re.findall(r"(?:`topics`|`rules`) of `([^`]+)`", text(page))
    assert edited
    assert all(file.startswith("../ward-config/") for file in edited)


def test_a_rule_and_a_topic_more_in_the_shipped_config_leave_the_examples_of_the_pages_true(
    with_detector: CheckoutCopy,
) -> None:
    """Examples of the pages show the shipped config, and count neither its rules nor its lines."""
    for name in ("tests/app", "tests/docs", "tests/deploy", "tests/config", "tests/tapes", "tests/detectors", "deploy"):
        shutil.copytree(ROOT / name, with_detector.folder / name, dirs_exist_ok=True)
    for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, with_detector.folder / name)
    rules = with_detector.folder / "config" / "detectors.yaml"
    rules.write_text(rules.read_text(encoding="utf-8") + RULE, "utf-8")
    with_detector.edit("config/bridge.yaml", "\ntopics:\n", "\ntopics:\n  others/+: ignore\n")
    result = with_detector.run(
        "-m",
        "pytest",
        "-q",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        "tests/app/test_commands_doc.py",
        "-k",
        "shows_what_is_printed and (config or routes or device)",
    )
    assert result.returncode == 0, result.stdout[-3000:]
    assert re.match(r"\.{5,}", result.stdout)


def test_rules_test_runs_the_tapes_of_a_new_detector(with_detector: CheckoutCopy) -> None:
    result = with_detector.run("-m", "app", "rules", "test", "tests/tapes/runs")
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.findall(r"^(\w+) +tests/tapes/runs/(\w+)", result.stdout, re.MULTILINE) == [
        ("ok", "around"),
        ("ok", "eight"),
    ]


def test_config_check_accepts_a_new_detector_and_names_the_faults_of_its_rule(with_detector: CheckoutCopy) -> None:
    rules = with_detector.folder / "config" / "detectors.yaml"
    shipped = rules.read_text(encoding="utf-8")
    shipped_rules = config_reader(SHIPPED, ADDRESSES)(parse_instant("2026-01-01T00:00:00Z")).rules
    rules.write_text(shipped + RULE, encoding="utf-8")
    result = with_detector.run("-m", "app", "config", "check")
    assert result.returncode == 0, result.stdout + result.stderr
    assert rule_count(result.stdout) == len(shipped_rules) + 1

    rules.write_text(shipped + RULE.replace("middle", "midle").replace("length: 20", "length: many"), encoding="utf-8")
    result = with_detector.run("-m", "app", "config", "check")
    first = len(shipped.splitlines()) + 1
    assert result.returncode == 1
    assert f"config/detectors.yaml:{first + 6}:5: unknown key 'midle'; did you mean 'middle'?" in result.stdout
    assert f"config/detectors.yaml:{first + 7}:13: " in result.stdout


def rule_count(output: str) -> int:
    """The number of rules that `config check` prints."""
    found = re.search(r"(\d+) rules", output)
    assert found is not None, output
    return int(found[1])


def test_the_manual_has_a_section_about_a_new_detector(with_detector: CheckoutCopy) -> None:
    assert with_detector.run("-m", "app.reference.detectors").returncode == 0
    page = (with_detector.folder / "docs" / "detectors.md").read_text(encoding="utf-8")
    section = page.partition("\n## runs\n")[2].partition("\n## ")[0]
    assert "how many values in a row on one side are too many" in section
    assert "detector: runs" in section


def test_an_alert_of_a_new_detector_is_notified(with_detector: CheckoutCopy) -> None:
    rules = with_detector.folder / "config" / "detectors.yaml"
    rules.write_text(rules.read_text(encoding="utf-8") + RULE, "utf-8")
    result = with_detector.run_ward("""
with simulated_ward(Path("data")) as ward:
    ward.set_signal("mon-icu-02", "heart_rate", "79x30", at=10)
    ward.expect_alert(29, 32, "heart-one-sided", "mon-icu-02")
    ward.run(60)
    alert = ward.alert("heart-one-sided", "mon-icu-02")
    print(alert.annotations["summary"], "/", alert.ended)
    print(*ward.subjects(), sep="\\n")
""")
    assert result[0] == "ICU bed 2: Heart rate above 74 /min for 30 values / recovered"
    assert result[1] == "HIGH priority, ICU bed 2: Heart rate above 74 /min for 20 values"


def test_a_vendors_payload_becomes_readings_and_a_wrong_one_is_quarantined(with_codec: CheckoutCopy) -> None:
    result = with_codec.run_ward("""
with simulated_ward(Path("data")) as ward:
    ward.publish("pumps/P-4711", b"FLOW=4.25;BATT=81")
    ward.run(2)
    ward.publish("pumps/P-4711", b"FLOW=much;BATT=nan")
    ward.run(2)
    numbers = ward.resources.metrics.samples()
    for signal in ("flow", "battery"):
        print(signal, [value for _, value in ward.resources.store.last("telemetry", signal, {"device": "P-4711"}, 9)])
    print([f"{k} {v:g}" for k, v in numbers.items() if k.startswith("wardwatch_messages_quarantined_total")])
""")
    assert result == [
        "flow [4.25]",
        "battery [81.0]",
        """['wardwatch_messages_quarantined_total{reason="schema",stage="intake"} 1']""",
    ]


def test_config_check_accepts_a_new_codec_and_refuses_an_unknown_one(with_codec: CheckoutCopy) -> None:
    result = with_codec.run("-m", "app", "config", "check")
    assert result.returncode == 0, result.stdout + result.stderr
    with_codec.edit("config/bridge.yaml", "pumps/+: pump\n", "pumps/+: pumpe\n")
    result = with_codec.run("-m", "app", "config", "check")
    assert result.returncode == 1
    assert re.search(r"^config/bridge\.yaml:\d+:12: .*'pumpe'; did you mean 'pump'\?$", result.stdout, re.MULTILINE)


def test_the_codec_of_the_page_decodes_or_refuses_any_bytes(with_codec: CheckoutCopy) -> None:
    result = with_codec.run(
        "-c",
        """
import random
from bridge.codecs import Codec
from bridge.refusal import Refused
codec, chance, read = Codec.registry["pump"](), random.Random(1), 0
whole = b"FLOW=4.25;BATT=81;T=1764000000"
odd = [b"", b";", b"=", b"T=nan", b"T=1e400", b"FLOW=1;T=-1", b"FLOW=1;T=9e99", b"FLOW=1e999", b"FLOW=\\xff", b"T=1"]
bytes_ = whole + b"\\x00\\xff-e+n "
noise = [bytes(chance.choices(bytes_, k=chance.randrange(40))) for _ in range(5000)]
for payload in [whole, *odd, *noise]:
    try:
        read += len(codec.decode(["pumps", "P-4711"], payload))
    except Refused:
        pass
print(read)
""",
    )
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) >= 1
