"""`wardwatch config waiting` and `config confirm`, against a real screen."""

from tests.app.calling import call
from tests.app.live_ward import LiveWard
from ward.config.edit_guard import WaitingEdit

EDIT = WaitingEdit("ab12cd34ef56", ("bed icu-2 (ICU bed 2) is removed",), frozenset({("mon-icu-2", "spo2_low")}))


def waits(running: LiveWard) -> None:
    running.live.waiting, running.live.faults = EDIT, tuple(EDIT.lines())
    running.settle()


def test_without_an_edit_that_waits_the_config_in_force_is_printed(running: LiveWard) -> None:
    found = call("config", "waiting", "--url", running.url)
    assert (found.exit_code, found.stdout) == (0, f"no edit waits: config {running.live.config.hash} is in force\n")


def test_an_edit_that_waits_is_printed_with_its_reasons_and_the_alerts_that_it_would_end(running: LiveWard) -> None:
    running.finds("spo2_low", "icu-2")
    waits(running)
    found = call("config", "waiting", "--url", running.url)
    assert found.exit_code == 1
    *lines, closes = found.stdout.splitlines()
    assert lines == EDIT.lines()
    assert closes.startswith("it would close: ")
    assert "priority, ICU bed 2: SpO2" in closes


def test_an_edit_is_confirmed_by_its_hash_only(running: LiveWard) -> None:
    waits(running)
    wrong = call("config", "confirm", "ab12", "--by", "Ada", "--url", running.url)
    assert wrong.exit_code == 1
    assert "does not wait for a confirmation; edit ab12cd34ef56 does" in wrong.stderr
    right = call("config", "confirm", EDIT.hash, "--by", "Ada", "--url", running.url)
    effect = "is confirmed by Ada: programs take it within seconds, and a banner says which one refuses it.\n"
    assert (right.exit_code, right.stdout) == (0, f"Edit ab12cd34ef56 {effect}")
    assert "'--by'" in call("config", "confirm", EDIT.hash).stderr
