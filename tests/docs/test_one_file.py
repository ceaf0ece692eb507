"""Someone new adds a detector, or a codec, as the pages say: one file, and the house knows it.

The code is taken from the pages, and put into a copy of the house: nothing but what a page names is
touched there. `tests/detectors/test_docs.py` puts the page's detector through the contracts and its tapes.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.calling import ADDRESSES
from tests.docs.pages import ROOT, blocks, text

ROOMS = (
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
    "tests/acceptance",
    "tests/kit",
)
DETECTOR, CODEC = ROOT / "docs" / "adding-a-detector.md", ROOT / "docs" / "adding-a-codec.md"
RULE = blocks(DETECTOR, "yaml")[-1]


class House:
    """A copy of the checkout, and commands in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for room in ROOMS:
            shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("settings.yaml"))

    def add(self, path: str, content: str) -> None:
        """A new file; there must be none of that name."""
        target = self.folder / path
        assert not target.exists()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        target = self.folder / path
        before = target.read_text(encoding="utf-8")
        assert before.count(old) == 1
        target.write_text(before.replace(old, new), encoding="utf-8")

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Python in the copy, with nothing of ours in the environment but addresses that lead nowhere."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("WARDWATCH_", "PYTHONPATH"))}
        environ = kept | ADDRESSES | {"PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [sys.executable, *words], cwd=self.folder, env=environ, capture_output=True, text=True, check=False
        )

    def plays(self, script: str) -> list[str]:
        """What a script prints that lets a ward live in this house, in virtual time."""
        told = self.run("-c", f"from pathlib import Path\nfrom tests.acceptance.play import play\n{script}")
        assert told.returncode == 0, told.stdout + told.stderr
        return told.stdout.splitlines()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "house")


@pytest.fixture
def with_detector(house: House) -> House:
    (code,) = blocks(DETECTOR, "python")
    house.add("detectors/runs.py", code)
    for name, tape in re.findall(r"`(tests/tapes/runs/\w+\.yaml)`\n\n```yaml\n(.*?)```", text(DETECTOR), re.DOTALL):
        house.add(name, tape)
    return house


@pytest.fixture
def with_codec(house: House) -> House:
    (code,) = blocks(CODEC, "python")
    (line,) = blocks(CODEC, "yaml")
    house.add("bridge/codecs/pump.py", code)
    house.edit("config/bridge.yaml", "\ntopics:\n", f"\ntopics:\n{line}")
    return house


def test_the_page_promises_what_is_tested_here() -> None:
    assert "detectors/runs.py" in text(DETECTOR)
    assert "bridge/codecs/pump.py" in text(CODEC)


def test_a_new_detector_is_played_on_its_tapes_by_the_command_line(with_detector: House) -> None:
    told = with_detector.run("-m", "app", "rules", "test", "tests/tapes/runs")
    assert told.returncode == 0, told.stdout + told.stderr
    assert re.findall(r"^(\w+) +tests/tapes/runs/(\w+)", told.stdout, re.MULTILINE) == [
        ("ok", "around"),
        ("ok", "eight"),
    ]


def test_config_check_knows_a_new_detector_and_names_what_is_wrong_with_its_rule(with_detector: House) -> None:
    before = with_detector.run("-m", "app", "config", "check")
    rules = with_detector.folder / "config" / "detectors.yaml"
    shipped = rules.read_text(encoding="utf-8")
    rules.write_text(shipped + RULE, encoding="utf-8")
    told = with_detector.run("-m", "app", "config", "check")
    assert told.returncode == 0, told.stdout + told.stderr
    assert counted(told.stdout) == counted(before.stdout) + 1

    rules.write_text(shipped + RULE.replace("middle", "midle").replace("length: 20", "length: many"), encoding="utf-8")
    told = with_detector.run("-m", "app", "config", "check")
    first = len(shipped.splitlines()) + 1
    assert told.returncode == 1
    assert f"config/detectors.yaml:{first + 6}:5: unknown key 'midle'; did you mean 'middle'?" in told.stdout
    assert f"config/detectors.yaml:{first + 7}:13: " in told.stdout


def counted(said: str) -> int:
    """How many rules a config has."""
    found = re.search(r"(\d+) rules", said)
    assert found is not None, said
    return int(found[1])


def test_the_manual_has_a_section_about_a_new_detector(with_detector: House) -> None:
    assert with_detector.run("-m", "app.reference.detectors").returncode == 0
    page = (with_detector.folder / "docs" / "detectors.md").read_text(encoding="utf-8")
    section = page.partition("\n## runs\n")[2].partition("\n## ")[0]
    assert "how many values in a row on one side are too many" in section
    assert "detector: runs" in section


def test_the_ward_of_the_demo_finds_something_with_a_new_detector_and_people_are_told(with_detector: House) -> None:
    rules = with_detector.folder / "config" / "detectors.yaml"
    rules.write_text(rules.read_text(encoding="utf-8") + RULE, "utf-8")
    told = with_detector.plays("""
with play(Path("data")) as ward:
    ward.says("mon-icu-02", "heart_rate", "79x30", at=10)
    ward.wants(29, 32, "heart-one-sided", "mon-icu-02")
    ward.goes_on(60)
    alert = ward.alert("heart-one-sided", "mon-icu-02")
    print(alert.annotations["summary"], "/", alert.ended)
    print(*ward.subjects(), sep="\\n")
""")
    assert told[0] == "ICU bed 2: Heart rate above 74 /min for 20 values / recovered"
    assert told[1] == "HIGH priority, ICU bed 2: Heart rate above 74 /min for 20 values"


def test_a_makers_payload_becomes_readings_and_what_is_none_is_set_aside(with_codec: House) -> None:
    told = with_codec.plays("""
with play(Path("data")) as ward:
    ward.post("pumps/P-4711", b"FLOW=4.25;BATT=81")
    ward.goes_on(2)
    ward.post("pumps/P-4711", b"FLOW=much")
    ward.goes_on(2)
    numbers = ward.house.metrics.numbers()
    for signal in ("flow", "battery"):
        print(signal, [value for _, value in ward.house.store.last("telemetry", signal, {"device": "P-4711"}, 9)])
    print([f"{k} {v:g}" for k, v in numbers.items() if k.startswith("wardwatch_messages_quarantined_total")])
""")
    assert told == [
        "flow [4.25]",
        "battery [81.0]",
        """['wardwatch_messages_quarantined_total{reason="syntax",stage="intake"} 1']""",
    ]


def test_config_check_knows_a_new_codec_and_one_nobody_has(with_codec: House) -> None:
    told = with_codec.run("-m", "app", "config", "check")
    assert told.returncode == 0, told.stdout + told.stderr
    with_codec.edit("config/bridge.yaml", "pumps/+: pump\n", "pumps/+: pumpe\n")
    told = with_codec.run("-m", "app", "config", "check")
    assert told.returncode == 1
    assert re.search(r"^config/bridge\.yaml:\d+:12: .*'pumpe'; did you mean 'pump'\?$", told.stdout, re.MULTILINE)


def test_whatever_comes_the_codec_of_the_page_reads_or_refuses_it(with_codec: House) -> None:
    told = with_codec.run(
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
    assert told.returncode == 0, told.stderr
    assert int(told.stdout) >= 1
