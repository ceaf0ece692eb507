"""`wardwatch rules backtest`: stored readings evaluated again."""

import json
import re
from pathlib import Path

import pytest
from click.testing import Result

import app.backtests.stored_history
from app.backtests.stored_history import StoredHistory
from tests.app.calling import SHIPPED, call
from tests.app.past_ward import BEDS, DIP, GONE, LENGTH, SPAN
from tests.app.test_json_output import keys
from tests.config.config_reader import copied
from tests.detectors.builders import at
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import format_instant, parse_instant

MINE = [word for bed in BEDS for word in ("--bed", bed)]


def backtest(kept: str, *words: object, span: tuple[str, ...] = SPAN) -> Result:
    return call("rules", "backtest", *span, "--warm-up", "0s", "--store", kept, *words)


def cells(output: str, head: str) -> list[list[str]]:
    """The rows of the table whose head begins like this."""
    lines = output.splitlines()
    first = next((i for i, line in enumerate(lines) if line.startswith(head)), len(lines))
    rows = []
    for line in lines[first + 1 :]:
        if "  " not in line:
            break
        rows.append(re.split(r"\s{2,}", line))
    return rows


def test_a_backtest_gives_the_alerts_recorded_then(kept: str) -> None:
    found = backtest(kept, *MINE, "--compare")
    assert found.exit_code == 0, found.output
    rows = {(row[1], row[2]): row for row in cells(found.stdout, "raised")}
    assert rows["ICU bed 2", "desaturation"][3:6] == ["HIGH", "82 s", "recovered"]
    assert rows["ICU bed 2", "desaturation"][6] == "SpO2 84 % < 85"
    assert rows["ICU bed 3", "device-silent"][5] == "active"
    assert at(DIP + 15) <= parse_instant(rows["ICU bed 2", "desaturation"][0]) <= at(DIP + 18)
    assert at(GONE + 12) <= parse_instant(rows["ICU bed 3", "device-silent"][0]) <= at(GONE + 15)
    count = len(rows)
    assert f"Recorded then: {count} alerts; {count} of them here too, 0 gone; 0 new." in found.stdout


def test_the_report_has_sums_by_rule(kept: str) -> None:
    found = backtest(kept, *MINE, "--rule", "desaturation")
    assert cells(found.stdout, "rule ") == [["desaturation", "1", "1 HIGH", "10.3", "82 s"]]
    last = found.stdout.splitlines()[-1]
    assert re.fullmatch(
        r"1 alert of \d{4} readings in 0\.10 bed-days: 10\.3 per bed and day; config [0-9a-f]{12}", last
    )


def test_another_config_gives_other_alerts_and_the_difference_is_shown(kept: str, tmp_path: Path) -> None:
    mine = copied(SHIPPED, tmp_path / "config")
    file = mine / "thresholds.yaml"
    text = file.read_text(encoding="utf-8").replace("medium: 88\n      high: 85", "high: 83.5")
    text = text.replace("low: 110\n", "low: 60\n").replace("below: {medium: 86, high: 84, for", "below: {high: 83, for")
    file.write_text(text, encoding="utf-8")
    found = backtest(kept, *MINE, "--config", mine, "--rule", "desaturation", "--rule", "tachycardia", "--compare")
    assert found.exit_code == 0, found.output
    assert re.search(r"Recorded then: 1 alerts; 0 of them here too, 1 gone; [1-9]\d* new\.", found.stdout)
    assert [row[2] for row in cells(found.stdout.partition("Gone")[2], "raised")] == ["desaturation"]
    assert {row[2] for row in cells(found.stdout, "raised")} == {"tachycardia"}


def test_a_device_without_any_reading_is_named_and_raises_nothing(kept: str) -> None:
    found = backtest(kept, "--limit", "1000")
    assert "no value yet" not in found.stdout
    assert {row[1] for row in cells(found.stdout, "raised")} == {"ICU bed 2", "ICU bed 3"}
    assert "119 devices without a reading in this time, not evaluated: " in found.stdout


def test_before_the_first_reading_of_the_store_no_device_is_missing(kept: str) -> None:
    usual = cells(backtest(kept, *MINE).stdout, "raised")
    span = ("--from", format_instant(at(-3 * 86400)), "--to", SPAN[3])
    earlier = backtest(kept, *MINE, span=span)
    assert cells(earlier.stdout, "raised") == usual
    assert "the store has no reading before 2024-10-04T00:00:0" in earlier.stdout
    assert "the store has no reading before" not in backtest(kept, *MINE).stdout


def test_alerts_that_were_already_active_are_counted_separately(kept: str) -> None:
    span = ("--from", format_instant(at(GONE + 300)), "--to", format_instant(at(LENGTH)))
    found = call(
        "rules", "backtest", *span, "--warm-up", "10m", "--store", kept, *MINE, "--rule", "device-silent", "--compare"
    )
    assert "1 more were already active at the beginning" in found.stdout
    assert "0 alerts of" in found.stdout
    assert "Recorded then: 0 alerts; 0 of them here too, 0 gone; 0 new." in found.stdout


def test_smaller_windows_give_the_same_result(kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = backtest(kept, *MINE, "--compare").stdout
    for most in ("MOST", "MOST_IN_COLUMNS"):  # of recorded findings, and of readings
        monkeypatch.setattr(app.backtests.stored_history, most, 90)
    assert backtest(kept, *MINE, "--compare").stdout == whole
    store = SqliteStore(Path(kept.removeprefix("sqlite:")), reading_only=True)
    windows = list(StoredHistory(store, ("vitals",), BEDS).windows(at(0), at(LENGTH)))
    store.close()
    assert max(len(window.content) for window in windows) <= 90
    assert sum(len(window.content) for window in windows) == sum(1200 for _ in BEDS) - 240
    assert [w.start for w in windows[1:]] == [w.end for w in windows[:-1]]


def test_a_list_is_limited_and_the_rest_is_counted(kept: str) -> None:
    every = len(cells(backtest(kept).stdout, "raised"))
    found = backtest(kept, "--limit", "2")
    assert len(cells(found.stdout, "raised")) == 2 < every
    assert f"and {every - 2} more: --limit" in found.stdout


def test_progress_goes_to_stderr_and_the_result_to_stdout(kept: str) -> None:
    found = backtest(kept, *MINE, "--rule", "desaturation")
    assert re.search(r"evaluating: \d+ of 3000, \d{4}-", found.stderr)
    assert "judging" not in found.stdout


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (("--from", "yesterday"), "--from: not an instant such as"),
        (("--from", "2026-11-20T08:00:00"), "--from: not an instant such as"),
        (("--from", "2026-02-31"), "--from: not an instant such as"),
        (("--from", "1h", "--to", "2h"), "is not before --to"),
        (("--from", "2999-01-01"), "is not before --to"),
        (("--from", "1000-01-01"), "at most 400 d"),
        (("--from", "9" * 400 + "d"), "--from: not an instant such as"),
        (("--from", "\x1b[2J"), r"how long ago, such as 24h: \x1b[2J"),
    ],
)
def test_an_invalid_time_range_exits_with_2(kept: str, span: tuple[str, ...], words: str) -> None:
    found = backtest(kept, span=span)
    assert found.exit_code == 2
    assert words in found.stderr
    assert "\x1b" not in found.output


def test_a_day_means_the_whole_day(kept: str) -> None:
    day = format_instant(at(0))[:10]
    found = backtest(kept, *MINE, "--rule", "desaturation", span=("--from", day, "--to", day))
    assert found.stdout.startswith(f"from {day}T00:00:00.000Z to {format_instant(at(86400))}\n")


def test_unknown_names_exit_with_2(kept: str) -> None:
    assert "there is no bed 'icu-66'; did you mean 'icu-06'?" in backtest(kept, "--bed", "icu-66").stderr
    assert "there is no rule 'desat'" in backtest(kept, "--rule", "desat").stderr


def test_a_time_without_readings_is_reported(kept: str) -> None:
    found = backtest(kept, span=("--from", "2020-01-01", "--to", "2020-01-01"))
    assert (found.exit_code, found.stdout) == (1, "")
    assert "the store has no reading from 2020-01-01T00:00:00.000Z to 2020-01-02" in found.stderr


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:{}/none.db", "there is no store yet"),
        ("influx://127.0.0.1:1?org=o&bucket=b", "does not answer"),
        ("memory:", "--store-url: the address must begin with"),
        ("http://x", "--store-url: the address must begin with"),
    ],
)
def test_an_unavailable_store_is_reported(tmp_path: Path, url: str, words: str) -> None:
    found = backtest(url.format(tmp_path))
    assert found.exit_code == 1
    assert words in found.stderr


def test_the_report_as_json_has_the_same_numbers(kept: str) -> None:
    text = backtest(kept, *MINE, "--compare").stdout
    found = backtest(kept, *MINE, "--compare", "-o", "json")
    report = json.loads(found.stdout)
    assert report.keys() == keys("rules backtest")
    assert [alert["rule"] for alert in report["alerts"]] == [row[2] for row in cells(text, "raised")]
    assert (report["compared"]["recorded"], report["compared"]["new"]) == (len(report["alerts"]), 0)
    assert json.loads(backtest(kept, "--rule", "fever", "-o", "json").stdout)["compared"] is None
