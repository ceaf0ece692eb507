"""docs/install.md and .env.example: what they name is what compose file, Makefile and image have."""

import re

from tests.deploy.files import EXAMPLE, ROOT, composed, defaults, services
from tests.docs.pages import quoted, shell, text

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
