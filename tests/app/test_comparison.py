"""`wardwatch rules backtest --with`: two configs on the same readings."""

import json
import re
from pathlib import Path

import pytest
from click.testing import Result

import app.backtests.episode_collector
from app.backtests.alarm_time import minutes_in_alarm
from app.backtests.backtest import Backtest
from app.backtests.episode import Episode
from app.backtests.known_episodes import Finder, KnownEpisode
from app.console.cli_context import config_of
from tests.app.calling import SHIPPED, call
from tests.app.past_ward import BEDS, DIP, LENGTH, SPAN
from tests.app.test_backtest_command import MINE, cells
from tests.config.config_reader import copied
from tests.detectors.builders import at
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import SECOND, Micros, format_instant, parse_instant
from ward.finding import Kind, Severity


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config in which SpO2 of 84 % is no alert, and a heart rate of 61 is one."""
    mine = copied(SHIPPED, tmp_path_factory.mktemp("edited") / "config")
    file = mine / "thresholds.yaml"
    text = file.read_text(encoding="utf-8").replace("medium: 88\n      high: 85", "high: 83.5")
    text = text.replace("low: 110\n", "low: 60\n").replace("below: {medium: 86, high: 84, for", "below: {high: 83, for")
    file.write_text(text, encoding="utf-8")
    return mine


def compared(kept: str, edited: Path, *words: object) -> Result:
    return call("rules", "backtest", *SPAN, "--warm-up", "0s", "--store", kept, *MINE, "--with", edited, *words)


def test_a_second_config_gives_the_alerts_that_it_gives_alone(kept: str, edited: Path) -> None:
    """Also those of rules that both have, which are evaluated once."""
    store = SqliteStore(Path(kept.removeprefix("sqlite:")), reading_only=True)
    other = config_of(edited, at(0))
    alone = Backtest(store, other, at(0), at(LENGTH), warm_up=0, beds=BEDS)
    both = Backtest(store, config_of(SHIPPED, at(0)), at(0), at(LENGTH), warm_up=0, beds=BEDS, others=(other,))
    for test in (alone, both):
        for _ in test.run():
            pass
    store.close()
    found, wanted = both.replays[1].episodes, alone.replayed
    assert sorted(map(str, found.listed)) == sorted(map(str, wanted.listed))
    assert found.statistics_by_rule == wanted.statistics_by_rule
    assert {"tachycardia", "device-silent", "saturation-falling"} <= {alert.rule for alert in found.listed}


def test_a_rule_about_beds_finds_what_single_limits_do_not(kept: str, tmp_path: Path) -> None:
    mine = copied(SHIPPED, tmp_path / "config")
    file = mine / "detectors.yaml"
    rule = """
  early-warning-3:
    detector: news2
    label: Early warning score
    kind: physiological
    medium: 3
    high: 12
    single: false
"""
    file.write_text(file.read_text(encoding="utf-8") + rule, encoding="utf-8")
    signals, known = mine / "signals.yaml", (mine / "signals.yaml").read_text(encoding="utf-8")
    for name in ("oxygen", "consciousness", "spo2_scale"):
        known += "" if f"\n{name}:" in known else f'\n{name}:\n  label: {name}\n  unit: "1"\n'
    signals.write_text(known, encoding="utf-8")
    found = compared(kept, mine)
    assert found.exit_code == 0, found.output
    new = cells(found.stdout.partition("\nNew\n")[2], "raised")
    assert {row[2] for row in new} == {"early-warning-3"}
    (of_the_dip,) = (row for row in new if at(DIP) <= parse_instant(row[0]) <= at(DIP + 60))
    assert of_the_dip[1] == "ICU bed 2"
    assert "3 for SpO2" in of_the_dip[-1]


def known_file(folder: Path, *rows: tuple[str, float, float, str]) -> Path:
    """A CSV file of known episodes: bed, begin, end and label."""
    lines = [f"{bed},{format_instant(at(begin))},{format_instant(at(end))},{label}" for bed, begin, end, label in rows]
    file = folder / "known.csv"
    file.write_text("\n".join(["bed,begin,end,label", *lines]), encoding="utf-8")
    return file


def test_what_is_gone_and_what_is_new_is_counted_by_rule_and_listed(kept: str, edited: Path) -> None:
    found = compared(kept, edited)
    assert found.exit_code == 0, found.output
    rules = {row[0]: row[1:] for row in cells(found.stdout, "rule ")}
    assert rules.keys() == {"desaturation", "tachycardia"}
    assert rules["desaturation"][:3] == ["1", "0", "−1"]
    count = int(rules["tachycardia"][1])
    assert (rules["tachycardia"][0], rules["tachycardia"][2]) == ("0", f"+{count}")
    assert count > 1
    assert re.search(rf"alerts at beds +4 +{3 + count} +\+{count} −1\n", found.stdout)
    gone = found.stdout.partition("\nGone\n")[2]
    assert [row[1:4] for row in cells(gone, "raised")] == [["ICU bed 2", "desaturation", "HIGH"]]
    new = found.stdout.partition("\nNew\n")[2].partition("\nGone\n")[0]
    assert {row[2] for row in cells(new, "raised")} == {"tachycardia"}


def test_the_same_config_twice_changes_nothing(kept: str) -> None:
    found = compared(kept, SHIPPED, "--episodes", "recorded")
    assert found.exit_code == 0, found.output
    assert re.search(r"alerts at beds +4 +4 +=\n", found.stdout)
    assert re.search(r"known episodes missed, of 2 +0 +0 +=\n", found.stdout)
    assert "\nNew\n" not in found.stdout
    assert "\nGone\n" not in found.stdout


def test_known_episodes_are_found_with_their_delay_or_missed(kept: str, edited: Path, tmp_path: Path) -> None:
    file = known_file(
        tmp_path, ("icu-02", DIP, DIP + 60, "desaturation"), ("icu-01", 100, 110, "desaturation"),
        ("icu-02", 5000, 5010, ""),
    )  # fmt: skip
    found = compared(kept, edited, "--episodes", file)
    assert "1 known episodes began outside of this time, and are left out" in found.stdout
    assert re.search(r"known episodes missed, of 2 +1 +2 +\+1\n", found.stdout)
    rows = cells(found.stdout.partition("\nKnown episodes\n")[2], "began")
    assert [row[1:] for row in rows] == [
        ["ICU bed 2", "desaturation", "15 s", "missed"], ["ICU bed 1", "desaturation", "missed", "missed"],
    ]  # fmt: skip


def test_an_episode_without_label_is_found_by_any_alert_about_the_patient(
    kept: str, edited: Path, tmp_path: Path
) -> None:
    """In the third bed only the monitor is gone: that is an alert about equipment."""
    file = known_file(tmp_path, ("icu-02", DIP, DIP + 60, ""), ("icu-03", 2500, 2900, ""))
    rows = cells(compared(kept, SHIPPED, "--episodes", file).stdout.partition("\nKnown episodes\n")[2], "began")
    assert [row[1:] for row in rows] == [
        ["ICU bed 3", "no label", "missed", "missed"], ["ICU bed 2", "no label", "15 s", "15 s"],
    ]  # fmt: skip


def test_recorded_alerts_are_known_episodes_that_any_rule_about_the_signal_finds(kept: str, edited: Path) -> None:
    """Desaturation is no alert there, but falling saturation is one about the same signal."""
    found = compared(kept, edited, "--episodes", "recorded")
    rows = cells(found.stdout.partition("\nKnown episodes\n")[2], "began")
    assert {row[2] for row in rows} == {"recorded: desaturation", "recorded: saturation-falling"}
    assert "missed" not in {cell for row in rows for cell in row}


def test_the_document_has_the_numbers_of_the_text(kept: str, edited: Path, tmp_path: Path) -> None:
    file = known_file(tmp_path, ("icu-02", DIP, DIP + 60, "desaturation"))
    found = json.loads(compared(kept, edited, "--episodes", file, "-o", "json").stdout)
    comparison = found["comparison"]
    assert (comparison["gone"], comparison["new"]) == (1, len(comparison["new_alerts"]))
    assert [alert["rule"] for alert in comparison["gone_alerts"]] == ["desaturation"]
    assert comparison["known"]["missed"] == {"before": 0, "after": 1}
    assert comparison["known"]["median_delay"]["before"] == pytest.approx(15, abs=3)
    per_day = comparison["alerts_per_bed_day"]
    assert per_day["before"] == pytest.approx(4 / found["bed_days"])
    assert per_day["after"] == pytest.approx((3 + comparison["new"]) / found["bed_days"])


def test_the_page_has_the_numbers_and_needs_nothing_else(kept: str, edited: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    named = copied(edited, tmp_path / "<b>new</b>")
    found = call("rules", "backtest", *SPAN, "--warm-up", "0s", "--store", kept, *MINE, "--with", named, "--html", page)
    assert found.exit_code == 0, found.output
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"https?:|<script|src=|<link|url\(|@import", text) == []
    assert "<b>new</b>" not in text
    assert "&lt;b&gt;new&lt;/b&gt;" in text
    assert "SpO2 84 % &lt; 85" in text
    assert ">−1<" in text
    assert {path.name for path in tmp_path.iterdir()} == {"<b>new<", "page.html"}


def test_a_page_that_cannot_be_written_is_an_error_with_its_name(kept: str, edited: Path, tmp_path: Path) -> None:
    found = compared(kept, edited, "--html", tmp_path / "none" / "page.html")
    assert found.exit_code == 1
    assert "none/page.html: cannot be written: No such file or directory" in found.stderr


def test_more_alerts_than_are_listed_are_not_compared(kept: str, edited: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of the first ones alone would be wrong."""
    monkeypatch.setattr(app.backtests.episode_collector, "MOST", 3)
    found = compared(kept, edited)
    assert found.exit_code == 1
    assert "alerts are too many to compare one by one: choose --bed or a shorter time" in found.stderr


@pytest.mark.parametrize("words", [("--episodes", "recorded"), ("--html", "page.html")])
def test_options_of_a_comparison_need_another_config(kept: str, words: tuple[str, ...]) -> None:
    found = call("rules", "backtest", *SPAN, "--store", kept, *words)
    assert (found.exit_code, "name another config by --with" in found.stderr) == (2, True)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("k.csv", "bed,begin\n", "k.csv:1:1: the first line must name the columns bed, begin, end"),
        ("k.csv", "bed,begin,end\nicu-01,2026-01-01T00:00:00Z\n", "k.csv:2:1: 2 cells below 3 columns"),
        ("k.csv", "bed,begin,end\nicu-66,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z\n",
         "k.csv:2:1: there is no bed 'icu-66'; did you mean 'icu-06'?"),
        ("k.csv", "bed,begin,end\nicu-01,yesterday,2026-01-01T00:00:00Z\n", "k.csv:2:8: "),
        ("k.csv", "bed,begin,end\nicu-01,2026-01-02T00:00:00Z,2026-01-01T00:00:00Z\n",
         "k.csv:2:29: is before its begin"),
        ("k.csv", "bed,begin,end\n", "k.csv: holds no episode"),
        ("k.csv", "\xff\xfe", "k.csv:1:1: "),
        ("k.yaml", "episodes:\n  - {bed: icu-01, begin: 2026-01-01T00:00:00Z}\n", "k.yaml:2:5: "),
        ("k.yaml", "episodes:\n  - {bed: icu-01, begin: x, end: 2026-01-01T00:00:00Z}\n", "k.yaml:2:26: "),
        ("k.yaml", "episode: []\n", "k.yaml:1:1: unknown key 'episode'; did you mean 'episodes'?"),
        ("none.yaml", None, "none.yaml:1:1: is missing"),
    ],
)  # fmt: skip
def test_a_fault_in_a_file_of_known_episodes_has_its_place(
    kept: str, tmp_path: Path, name: str, content: str | None, words: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content.encode("latin-1" if "\xff" in content else "utf-8"))
    found = compared(kept, SHIPPED, "--episodes", file)
    assert found.exit_code == 1
    assert words in found.stderr


def test_yaml_and_csv_say_the_same(kept: str, edited: Path, tmp_path: Path) -> None:
    table = known_file(tmp_path, ("icu-02", DIP, DIP + 60, "desaturation"))
    begin, end = format_instant(at(DIP)), format_instant(at(DIP + 60))
    file = tmp_path / "known.yaml"
    file.write_text(f"episodes:\n  - {{bed: icu-02, begin: {begin}, end: {end}, label: desaturation}}\n", "utf-8")
    assert compared(kept, edited, "--episodes", file).stdout == compared(kept, edited, "--episodes", table).stdout


def alert(raised: float, ended: float | None, bed: str = "icu-01", rule: str = "fever", signal: str = "t") -> Episode:
    over = None if ended is None else _at(ended)
    return Episode(rule, "m1", signal, "icu", bed, Severity.LOW, _at(raised) - 5 * SECOND, _at(raised), "", over)


def _at(second: float) -> Micros:
    return round(second * SECOND)


def test_minutes_in_alarm_are_those_with_any_alert_of_the_bed_within_the_time() -> None:
    alerts = [alert(-60, 60), alert(30, 90), alert(40, 50), alert(300, None, "icu-02"), alert(0, 600, bed="")]
    assert minutes_in_alarm(alerts, 0, _at(600)) == {"icu-01": 1.5, "icu-02": 5.0}


@pytest.mark.parametrize(
    ("known", "delay"),
    [
        (KnownEpisode("icu-01", _at(100), _at(200)), 20.0), (KnownEpisode("icu-01", _at(130), _at(200)), 0.0),
        (KnownEpisode("icu-01", _at(100), _at(119)), None), (KnownEpisode("icu-01", _at(181), _at(199)), None),
        (KnownEpisode("icu-01", _at(181), _at(250), "silent"), 19.0),
        (KnownEpisode("icu-02", _at(100), _at(900)), None),
        (KnownEpisode("icu-01", _at(100), _at(250), "some words", "x"), 100.0),
        (KnownEpisode("icu-01", _at(100), _at(250), "some words"), 20.0),
    ],
)  # fmt: skip
def test_the_first_alert_that_fits_and_is_active_within_the_episode_finds_it(
    known: KnownEpisode, delay: float | None
) -> None:
    alerts = [alert(200, 210, rule="silent", signal="x"), alert(120, 180)]
    kinds = {"fever": Kind.PHYSIOLOGICAL, "silent": Kind.TECHNICAL}
    (found,) = Finder(alerts, kinds).detections([known], frozenset(kinds))
    assert found.delay == delay
