"""docs/install.md and .env.example: what they name is what compose file, Makefile and image have."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from app.commands.run import NAMES
from app.reference import metrics
from tests.deploy.files import EXAMPLE, ROOT, composed, defaults, services
from tests.docs.pages import blocks, parse, quoted, shell, text
from tests.docs.test_commands import variables
from tests.engines.absent import absent
from ward.config.known_names import SELF_MONITORING_ALERTS
from ward.config.yaml.libyaml import parse_yaml

PAGE = ROOT / "docs" / "install.md"
TEXT = text(PAGE)
# Settings that one sentence above them explains together.
TOGETHER = re.compile(r"GRAFANA_(SMTP|MAIL)|MEMORY_|WARDWATCH_(LOG|STORE|MQTT)_URL$|\w+_IMAGE$")


def test_each_setting_of_the_example_has_words_of_its_own_or_is_one_of_a_kind() -> None:
    before = ""
    for line in EXAMPLE.splitlines():
        if line and not line.startswith("#") and not before.startswith("#"):
            name, previous = line.partition("=")[0], before.partition("=")[0]
            assert all(map(TOGETHER.match, (name, previous))), f"{name} is not explained"
        before = line


def test_variables_of_the_page_are_those_of_the_example() -> None:
    named = set(re.findall(r"\b([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?==|`)", TEXT)) - {"PUBLISH_"}
    assert len(named) > 10
    assert {name for name in named if not name.endswith("_")} <= set(defaults()) | {"CONFIG_DIR"}


def test_the_table_of_services_has_each_of_them() -> None:
    table = TEXT.partition("| service | purpose |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE)) == set(services())


def test_addresses_of_the_page_are_published() -> None:
    open_ = {port.rpartition(":")[0] for said in services().values() for port in said.get("ports", ())}
    assert set(re.findall(r"(?:http|mqtt)://(127\.0\.0\.1:\d+)", TEXT)) == open_


def test_secrets_and_volumes_of_the_page_are_those_of_the_compose_file() -> None:
    secrets = {name for said in quoted(PAGE) for name in re.findall(r"\bsecrets/(\w+)", said)}
    assert secrets
    assert secrets <= set(composed()["secrets"])
    table = TEXT.partition("| what | volume |")[2].partition("\n\n")[0]
    volumes = set(re.findall(r"`([\w-]+-(?:data|config))`", table))
    assert volumes == {name for name in composed()["volumes"] if "token" not in name} - {"simulators-data"}


def test_commands_of_the_page_name_services_profiles_targets_and_scripts_that_there_are() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    profiles = {name for said in services().values() for name in said.get("profiles", ())}
    for command in shell(PAGE):
        words = command.split()
        if words[0] == "make":
            assert set(words[1:]) <= targets, command
        if words[0] in ("sh", "python3"):
            script = (ROOT / words[1]).read_text(encoding="utf-8")
            assert all(f'"{word}"' in script or f" {word}" in script for word in words if word[:2] == "--"), command
        if words[:2] == ["docker", "compose"]:
            assert "--profile" not in words or words[words.index("--profile") + 1] in profiles, command
            named = re.search(r" (?:run --rm|logs -f|kill -s HUP) ([\w-]+)", command)
            assert named is None or named[1] in services(), command


def tool(name: str) -> str:
    """The path of a program that the tests on engines have."""
    return shutil.which(name) or absent(f"{name} is not here: run python -m tests.engines.install")


def table(first: str) -> list[list[str]]:
    """The rows of the table whose head has this first cell."""
    rows = TEXT.partition(f"\n| {first} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_table_of_ports_is_what_the_compose_file_publishes() -> None:
    rows = {row[0].removesuffix(" TCP"): (row[1].strip("`"), row[2]) for row in table("port")}
    published = {}
    for name, value in defaults().items():
        if name.startswith("PUBLISH_"):
            address, _, port = value.rpartition(":")
            published[port] = (name, address)
    assert {port: row for port, row in rows.items() if row[0] != "nothing"} == published
    inside = {port for port, row in rows.items() if row[0] == "nothing"}
    assert inside == {"9092", "8086"}
    assert all(f":{port}" in "".join(map(str, services().values())) for port in inside)
    assert not any("ports" in services()[name] for name in ("kafka", "influxdb"))


UNIT = text(ROOT / "deploy" / "systemd" / "wardwatch@.service")


def test_the_unit_runs_each_program() -> None:
    started = re.search(r"^systemctl enable --now (.*)$", TEXT, re.MULTILINE)
    assert started is not None
    assert {word.removeprefix("wardwatch@") for word in started[1].split()} == set(NAMES) - {"simulators"}
    assert set(re.findall(r"^Environment=(\w+)=", UNIT, re.MULTILINE)) <= variables()
    for name in set(NAMES) - {"simulators"}:
        parse(["run", name])


@pytest.mark.engines
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    # The program and its settings are where the page installs them, not here.
    here = UNIT.replace("/opt/wardwatch/bin/wardwatch", "/bin/true").replace("EnvironmentFile=", "EnvironmentFile=-")
    (tmp_path / "wardwatch@bridge.service").write_text(here, encoding="utf-8")
    arguments = [tool("systemd-analyze"), "verify", "--man=no", str(tmp_path / "wardwatch@bridge.service")]
    found = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")


def test_the_settings_of_the_unit_are_known() -> None:
    lines = text(ROOT / "deploy" / "systemd" / "wardwatch.env.example").splitlines()
    named = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    assert len(named) >= 8
    assert named <= variables()


def test_the_rules_for_prometheus_are_about_metrics_that_web_serves() -> None:
    folder = ROOT / "deploy" / "prometheus"
    rules = [rule for group in parse_yaml(text(folder / "wardwatch.rules.yml"))["groups"] for rule in group["rules"]]
    named = {name for rule in rules for name in re.findall(r"wardwatch_\w+", rule["expr"])}
    assert named == {"wardwatch_ready", "wardwatch_clock_set_seconds"}
    assert named <= set(metrics.names())
    assert f"has {('no', 'one', 'two', 'three')[len(rules)]} rules" in TEXT


@pytest.mark.engines
def test_prometheus_accepts_its_config_and_rules() -> None:
    command = next(line for line in "\n".join(blocks(PAGE, "text")).splitlines() if line.startswith("promtool "))
    arguments = [tool("promtool"), *shlex.split(command)[1:]]
    found = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("damaged", [False, True])
def test_the_copy_of_a_backup_on_another_machine_is_checked_there(tmp_path: Path, damaged: bool) -> None:
    """The two lines of the page, with a folder in the place of the other machine."""
    lines = [line for block in blocks(PAGE, "text") for line in block.splitlines() if line.startswith(("rsync", "ssh"))]
    assert len(lines) == 2
    (tmp_path / "backups" / "monday").mkdir(parents=True)
    (tmp_path / "backups" / "monday" / "kafka-data.tar").write_bytes(b"x" * 100_000)
    (tmp_path / "srv" / "wardwatch").mkdir(parents=True)
    damage = "printf y >> srv/wardwatch/monday/kafka-data.tar" if damaged else ":"
    script = [
        f"cd {tmp_path}/backups/monday && sha256sum -- * > ../sums && mv ../sums SHA256SUMS; cd {tmp_path}",
        'ssh() { sh -c "$2"; }',
        'rsync() { eval "source=\\${$(($# - 1))}"; cp -R "$source" srv/wardwatch/; }',
        lines[0], damage, lines[1].replace("/srv/", f"{tmp_path}/srv/"),
    ]  # fmt: skip
    found = subprocess.run(["bash", "-c", "\n".join(script)], capture_output=True, text=True, check=False)
    assert ("complete" in found.stdout) is not damaged, found.stderr
    assert ("kafka-data.tar: FAILED" in found.stdout) is damaged


def test_the_acceptance_list_names_commands_services_and_alerts_that_there_are() -> None:
    rows = table("no.")
    assert [row[0] for row in rows] == [str(i + 1) for i in range(len(rows))]
    assert len(rows) >= 12
    commands = [words for row in rows for words in re.findall(r"`(docker compose [^`]+)`", row[1])]
    assert len(commands) >= 6
    for command in commands:
        match shlex.split(command)[2:]:
            case ["run", "--rm", "ops", *rest]:
                parse(rest)
            case ["kill" | "up" | "ps", *rest]:
                assert {word for word in rest if not word.startswith("-")} <= set(services())
            case _:
                pytest.fail(command)
    rules = text(ROOT / "config" / "detectors.yaml")
    for name in ("device-silent", "clock-slow", "clock-fast"):
        assert f"\n  {name}:" in rules
        assert f"`{name}`" in TEXT
    assert {"program-silent", "server-clock-set"} <= SELF_MONITORING_ALERTS
