"""Every command that a page shows can be called as it stands."""

import re
import shlex
import subprocess

import pytest

from app.settings.settings import PREFIX, Settings
from bridge.codec_routing import CodecRouting
from tests.app.calling import ADDRESSES, SHIPPED
from tests.deploy.files import services
from tests.docs.pages import PAGES, ROOT, parse, quoted, resolved, shell, text
from ward.clock import ManualClock

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
ASSIGNMENT = re.compile(r"([A-Z_]+)=(.*)", re.DOTALL)
SHOWN = [(page, command) for page in PAGES for command in shell(page)]
INLINE = sorted({words for page in PAGES for words in quoted(page) if words.startswith(("wardwatch ", "make "))})


def targets() -> set[str]:
    """What can be made."""
    return set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def variables() -> set[str]:
    """Every variable that means something: of settings, and those that `config/` asks for."""
    settings = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    wanted = "".join(path.read_text(encoding="utf-8") for path in SHIPPED.glob("*.yaml"))
    return settings | {f"{name}_FILE" for name in settings} | set(re.findall(r"\$\{(\w+)", wanted))


@pytest.mark.parametrize("command", [command for _, command in SHOWN])
def test_a_command_in_a_page_can_be_called(command: str) -> None:
    words = shlex.split(command)
    while (assigned := ASSIGNMENT.fullmatch(words[0] if words[0] != "export" else words.pop(1))) is not None:
        assert assigned[1] in variables(), f"nobody reads {assigned[1]}"
        words = words[1:]
        if not words:
            return
    match words:
        case ["make", target, *more]:
            assert {target, *more} <= targets()
        case ["wardwatch", *rest] | ["python", "-m", "app", *rest]:
            parse(rest)
        case ["mosquitto_pub", "-t", topic, "-q", "1", "-m", payload]:
            readable(topic, payload)
        case [".", ".venv/bin/activate"]:
            pass
        case ["docker", "compose", *rest]:
            composed(rest)
        case ["sh" | "python3", script, *_] if (ROOT / script).is_file():
            pass
        case ["eval", "$(_WARDWATCH_COMPLETE=bash_source wardwatch)"]:
            pass
        case ["cp", "-R", source, _] if (ROOT / source).is_dir():
            pass
        case ["git", "pull"]:
            pass
        case _:
            pytest.fail(f"is this a command? {command}")


def composed(words: list[str]) -> None:
    """The services and profiles that a call of compose names are in the compose file, and so is a command of ours."""
    profiles = {profile for service in services().values() for profile in service.get("profiles", ())}
    if words[0] == "--profile":
        assert words[1] in profiles
        words = words[2:]
    match words:
        case ["run", "--rm", "ops", *rest]:
            parse(rest)
        case ["exec", service, "wardwatch", *rest]:
            assert service in services()
            parse(rest)
        case ["up" | "ps" | "down" | "logs" | "kill", *rest]:
            named = [word for word in rest if not word.startswith("-") and word != "HUP"]
            assert set(named) <= set(services())
        case _:
            pytest.fail(f"is this a call of compose? {words}")


def readable(topic: str, payload: str) -> None:
    """The shipped config has a codec for it that reads it; pages about codecs bring their own."""
    from app.settings.config_reader import config_reader

    if topic.startswith(("pumps/", "northgate/")):
        return
    codec, levels = CodecRouting(config_reader(SHIPPED, ADDRESSES)(ManualClock().now()).codecs).codec(topic)
    assert codec.decode(levels, payload.encode())


def test_the_readme_shows_commands_of_each_kind() -> None:
    first = {shlex.split(command)[0] for page, command in SHOWN if page.name == "README.md"}
    assert first >= {"make", "wardwatch", "mosquitto_pub", "export"}
    assert [*shell(PAGES[0])][:2] == ["make demo", "make test"]


@pytest.mark.parametrize("command", INLINE)
def test_a_command_in_a_sentence_exists_with_its_options(command: str) -> None:
    program, *words = shlex.split(command)
    if program == "make":
        assert words[0] in targets()
        return
    found, _, rest = resolved(words)
    known = {option for parameter in found.params for option in parameter.opts} | {"--help"}
    assert {word for word in rest if word.startswith("--")} <= known


def test_make_help_lists_everything_that_can_be_made() -> None:
    printed = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = dict(line.split(maxsplit=1) for line in printed.splitlines())
    assert {"demo", "test", "test-engines", "check", "bench"} <= targets()
    assert listed.keys() == targets()


def test_no_file_can_stand_in_the_way_of_what_is_made() -> None:
    declared = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert declared is not None
    assert set(declared[1].split()) == targets()


def test_the_readme_warns_early_that_it_is_never_the_only_alarm() -> None:
    assert "never the only alarm" in "".join(text(PAGES[0]).splitlines()[:12])
