"""`-o json`: the same option at every command that prints a result, and the documented keys on standard output."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest

from app.cli import main
from app.commands import rehearse as rehearse_command
from app.rule_tests import rehearsal, rehearsed_weeks
from app.rule_tests.rehearsal import RehearsedAlert
from tests.app.calling import SHIPPED, call
from tests.app.live_ward import LiveWard
from tests.docs.pages import ROOT

TABLE = dict(
    re.findall(
        r"^\| `([a-z ]+)` \| (.*) \|$",
        (ROOT / "docs" / "commands.md").read_text(encoding="utf-8").partition("\n## JSON for programs\n")[2]
        .partition("\n## ")[0],
        re.MULTILINE,
    )
)  # fmt: skip
PAYLOAD = str(ROOT / "tests" / "app" / "payloads" / "native.json")
# Commands that need nothing running, with the exit code.
CALLS = {
    "config check": ("", 0),
    "config show": ("icu-06", 0),
    "oncall": ("", 0),
    "detect": ("tests/app/detect/golden/states/input.csv --detector limits --param side=high --param medium=50", 0),
    "device try": (f"--topic ward/icu/mon-icu-01/readings {PAYLOAD}", 0),
    "routes show": ("", 0),
    "routes test": ("alertname=fever bed=med-02 severity=medium", 0),
    "rules test": ("", 0),
}


def keys(command: str) -> set[str]:
    """The first keys of a document, as the page lists them."""
    return set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", TABLE[command])))


def document(command: str, *words: str) -> Any:
    found = call(*shlex.split(command), *words, "-o", "json")
    assert found.stdout.startswith(("{", "[")), found.output
    return json.loads(found.stdout)


def with_results() -> list[str]:
    """Every command that has the option."""
    found = []
    for name in main.list_commands(click.Context(main)):
        command = main.get_command(click.Context(main), name)
        assert command is not None
        subs = command.commands if isinstance(command, click.Group) else {"": command}
        found += [
            f"{name} {sub}".strip() for sub, each in subs.items()
            if any("--format" in parameter.opts and "-o" in parameter.opts for parameter in each.params)
        ]  # fmt: skip
    return found


def test_the_page_lists_every_command_with_the_option() -> None:
    assert sorted(TABLE) == sorted(with_results())
    assert len(TABLE) >= 11


@pytest.mark.guarantee("Results of commands are also JSON with documented keys, alone on standard output.")
@pytest.mark.parametrize("command", CALLS)
def test_the_document_has_the_keys_of_the_page(command: str) -> None:
    words, code = CALLS[command]
    found = call(*command.split(), *shlex.split(words), "-o", "json")
    assert found.exit_code == code
    assert json.loads(found.stdout).keys() == keys(command)


@pytest.mark.parametrize("command", CALLS)
def test_text_and_json_exit_alike_and_errors_go_to_standard_error(command: str, tmp_path: Path) -> None:
    words = shlex.split(CALLS[command][0])
    missing = tmp_path / "none"
    config = [str(missing)] if command == "config check" else ["--config", str(missing)]
    if command == "detect":  # it reads a file, and no config
        words, config = [str(missing), *words[1:]], []
    text, data = (call(*command.split(), *words, *config, "-o", form) for form in ("text", "json"))
    assert text.exit_code == data.exit_code == 1
    if command == "config check":
        assert json.loads(data.stdout)["valid"] is False
    else:
        assert data.stdout == ""
        assert data.stderr == text.stderr != ""


def test_a_refusal_has_its_reason_and_what_to_do() -> None:
    found = call("device", "try", "--topic", "pumps/P-4711", PAYLOAD, "-o", "json")
    assert found.exit_code == 1
    (message,) = json.loads(found.stdout)["messages"]
    assert message["accepted"] is False
    assert message["refused"].keys() == {"reason", "detail", "to_do"}
    assert message["refused"]["reason"] == "topic"


def test_config_show_has_the_settings_that_hold_and_their_overrides() -> None:
    (device,) = document("config show", "icu-06")["devices"]
    (rule,) = [rule for rule in device["rules"] if rule["rule"] == "desaturation"]
    assert (rule["settings"]["medium"], rule["settings"]["high"], rule["settings"]["for"]) == (86.0, 84.0, 20.0)
    assert rule["overrides"][0]["where"] == {"patient": ["P-RCG9X"]}


def test_a_failed_tape_has_what_was_expected_and_found(tmp_path: Path) -> None:
    tape = tmp_path / "low.yaml"
    tape.write_text('rule: desaturation\ntape: "97x40"\nexpect: ["25s raised high"]\n', encoding="utf-8")
    found = call("rules", "test", tape, "-o", "json")
    assert found.exit_code == 1
    (result,) = json.loads(found.stdout)["tapes"]
    assert (result["passed"], result["expected"], result["found"]) == (False, ["25s raised high"], [])


def test_an_edit_that_waits_is_a_document(tmp_path: Path) -> None:
    with LiveWard(tmp_path) as running:
        found = call("config", "waiting", "-o", "json", "--url", running.url)
        assert found.exit_code == 0
        assert json.loads(found.stdout).keys() == keys("config waiting")


def test_a_rehearsal_is_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    def some(config: object, events: list[Any], *_: object) -> list[RehearsedAlert]:
        return [RehearsedAlert("fever", event.monitor.device, "medium", 61.0) for event in events]

    monkeypatch.setattr(rehearsal, "rehearse", some)
    monkeypatch.setattr(rehearsed_weeks, "rehearse_weeks", lambda config, event, *rest: some(config, [event]))
    found = call("rehearse", "--config", SHIPPED, "-o", "json")
    assert found.exit_code == 0, found.output
    document = json.loads(found.stdout)
    assert document.keys() == keys("rehearse")
    assert document["events"][0]["event"] == "healthy"
    assert document["events"][1]["alerts"][0]["severity"] == "medium"
    assert rehearse_command.__doc__
