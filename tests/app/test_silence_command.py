"""`wardwatch silence`, and what it does to `routes test --live`, against a real screen and a real pipeline."""

import json
import re

import pytest

from tests.app.calling import call
from tests.app.live_ward import LiveWard
from ward.clock import SECOND, parse_instant

# Silences are set over HTTP by what is in this module.


def add(running: LiveWard, *words: str, duration: str = "2h") -> str:
    """Add a silence. Returns its id."""
    given = ("--duration", duration, "--by", "Nurse Ada", "--comment", "probe off for washing")
    found = call("silence", "add", *words, *given, "--url", running.url)
    assert found.exit_code == 0, found.output
    running.settle()
    said = re.fullmatch(r"silence (\S+) until (\S+)\n", found.stdout)
    assert said is not None
    return said[1]


def test_a_silence_suppresses_an_alert_for_its_duration_and_is_listed(running: LiveWard) -> None:
    id_ = add(running, "bed=icu-2", 'severity=~"low|medium"')
    running.finds("spo2_low", "icu-2")
    (silence,) = json.loads(call("silence", "query", "--format", "json", "--url", running.url).stdout)
    assert (silence["id"], silence["createdBy"], silence["comment"]) == (id_, "Nurse Ada", "probe off for washing")
    assert parse_instant(silence["endsAt"]) - parse_instant(silence["startsAt"]) == 7200 * SECOND
    row = call("silence", "query", "--url", running.url).stdout.splitlines()[1]
    assert re.fullmatch(rf'{id_}  bed="icu-2", severity=~"low\|medium"  for \S+ \S+.* more  Nurse Ada  probe .*', row)
    assert "silenced" in call("alert", "query", "--url", running.url).stdout


def test_silences_are_found_by_their_matchers(running: LiveWard) -> None:
    id_ = add(running, "bed=icu-2")
    add(running, "ward=hdu")
    found = call("silence", "query", "bed=icu-2", "--format", "json", "--url", running.url)
    assert [silence["id"] for silence in json.loads(found.stdout)] == [id_]
    assert call("silence", "query", "bed=icu-3", "--url", running.url).stdout == "no silence\n"


def test_an_ended_silence_is_listed_only_on_request(running: LiveWard) -> None:
    id_ = add(running, "bed=icu-2")
    found = call("silence", "expire", id_, "--by", "Nurse Bo", "--url", running.url)
    assert (found.exit_code, found.stdout) == (0, f"silence {id_} has ended\n")
    running.clock.advance(5)
    running.settle()
    assert call("silence", "query", "--url", running.url).stdout == "no silence\n"
    assert f"{id_}  " in call("silence", "query", "--expired", "--url", running.url).stdout


def test_expiring_an_unknown_silence_is_reported(running: LiveWard) -> None:
    found = call("silence", "expire", "../nothing", "--url", running.url)
    assert found.exit_code == 1
    assert found.stderr.startswith(f"Error: refused by {running.url}: There is no")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["bed=icu-2", "--duration", "2"], "--duration: not a span such as"),
        (["bed=icu-2", "--duration", "0s"], "--duration: must be more than 0 and at most 30 d"),
        (["bed=icu-2", "--duration", "400d"], "--duration: must be more than 0 and at most 30 d"),
        (['bed=~".*"', "--duration", "2h"], "or it would silence everything"),
        (['bed=~"(?=a)"', "--duration", "2h"], "not a regular expression"),
        (["--duration", "2h"], "Missing argument"),
    ],
)
def test_a_silence_of_everything_or_without_end_exits_with_2(words: list[str], why: str) -> None:
    found = call("silence", "add", *words, "--by", "Ada", "--comment", "x")
    assert found.exit_code == 2
    assert why in found.stderr


def test_author_and_comment_are_required() -> None:
    assert "'--by'" in call("silence", "add", "bed=icu-2", "--duration", "2h", "--comment", "x").stderr
    assert "'--comment'" in call("silence", "add", "bed=icu-2", "--duration", "2h", "--by", "Ada").stderr


def test_routes_test_shows_the_silence_that_suppresses_an_alert(running: LiveWard) -> None:
    ask = ("routes", "test", "alertname=desaturation", "bed=icu-07", "severity=high", "--live", "--url", running.url)
    before = call(*ask)
    assert before.exit_code == 0
    assert "suppressed no: no silence and no other alert matches" in before.stdout
    id_ = add(running, "bed=icu-07")
    after = call(*ask)
    assert after.exit_code == 1
    assert f"suppressed silenced by {id_} (Nurse Ada: probe off for washing)" in after.stdout
    assert after.stdout.splitlines()[-1] == "result     nobody would be notified now"


def test_a_silence_of_a_bed_that_does_not_exist_is_set_with_a_warning(running: LiveWard) -> None:
    given = ("--duration", "10m", "--by", "Nurse Ada", "--comment", "typing error")
    found = call("silence", "add", "bed=icu-99", *given, "--url", running.url)

    assert found.exit_code == 0
    assert found.stderr.startswith("warning: bed=\"icu-99\": there is no bed 'icu-99'")
