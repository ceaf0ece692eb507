"""`wardwatch rules suggest`: limits and delays for the noisiest beds, as a patch that a person applies."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st

import app.backtests.episode_collector
import app.suggestions.run
from app.backtests.backtest import Backtest
from app.backtests.episode import Episode
from app.console.cli_context import config_of
from app.suggestions.candidates import Candidate, candidates
from app.suggestions.choice import Suggestion, choose, to_keep
from app.suggestions.limit_sides import LimitSide
from app.suggestions.patch import with_overrides
from app.suggestions.subject import Subject, subject
from app.suggestions.trial import Trial, noisiest
from bridge.store_points.alerts import alert_points
from bridge.store_points.readings import ReadingPoints
from detectors.limits import LimitsParams
from tests.app.calling import SHIPPED, call
from tests.app.test_backtest_command import cells
from tests.app.test_json_output import keys
from tests.config.config_reader import copied
from tests.detectors.builders import T0, at
from tests.detectors.shipped_rules import changed, healthy
from tests.kit.examples import examples
from ward.adapters.sqlite.store import SqliteStore
from ward.alert import Ack, Alert
from ward.clock import SECOND, format_instant
from ward.config.rule import Decision, ResolvedRule
from ward.finding import Kind, Severity
from ward.reading import Reading
from ward.signals import Signal

BEDS = ("icu-01", "icu-02", "icu-03")
LENGTH = 3000.0
# In the second bed SpO2 is 87 % for 20 s every four minutes, and 80 % for a minute at the end.
DIPS, DEEP = range(200, 2600, 240), 2700.0
SPAN = ("--from", format_instant(T0), "--to", format_instant(at(LENGTH)), "--warm-up", "0s")


def _of(bed: str, seed: int, low: float) -> Iterator[Reading]:
    for reading in healthy(f"mon-{bed}", LENGTH, seed):
        t = (reading.at - T0) / SECOND
        if bed == "icu-02" and any(dip <= t < dip + 20 for dip in DIPS):
            yield changed(reading, spo2=low)
        elif bed == "icu-02" and DEEP <= t < DEEP + 60:
            yield changed(reading, spo2=80.0)
        else:
            yield reading


def write(path: Path, low: float = 87.0) -> SqliteStore:
    """A store of three beds in which SpO2 of the second falls to `low` often."""
    config, store = config_of(SHIPPED, T0), SqliteStore(path, durable=False)
    make = ReadingPoints(config)
    readings = sorted((r for i, bed in enumerate(BEDS) for r in _of(bed, i, low)), key=lambda r: r.at)
    store.write([point for reading in readings for point in make.points(reading)])
    return store


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a store in which one bed makes most alerts, each of them short."""
    path = tmp_path_factory.mktemp("noisy") / "store.db"
    store = write(path)
    yield f"sqlite:{path}"
    store.close()


def suggested(kept: str, *words: object, config: Path = SHIPPED) -> Result:
    return call("rules", "suggest", *SPAN, "--store", kept, "--config", config, *words)


def test_a_delay_is_suggested_where_most_alerts_are_short_and_the_long_one_is_still_found(kept: str) -> None:
    found = suggested(kept)
    assert found.exit_code == 0, found.output
    assert "the noisiest tenth of 3 beds makes 100% of the alerts at beds: ICU bed 2\n" in found.stdout
    (row,) = cells(found.stdout, "where")
    assert row[0] == "ICU bed 2"
    assert row[2:4] == ["desaturation", "for 15 s → 30 s"]
    assert row[4] == "11 → 1"
    assert row[6] == "1 of 1"
    assert row[7] == "15 s → 32 s"
    assert "name who is responsible: --by" in found.stdout


def test_the_patch_applies_and_the_config_with_it_has_what_was_promised(kept: str, tmp_path: Path) -> None:
    config, patch = copied(SHIPPED, tmp_path / "config"), tmp_path / "change.patch"
    found = suggested(kept, "--by", 'ward "round"', "--until", "2999-12-31", "--patch", patch, config=config)
    assert found.exit_code == 0, found.output
    assert (config / "thresholds.yaml").read_text() == (SHIPPED / "thresholds.yaml").read_text(), "nothing is applied"
    subprocess.run(["patch", "-p1", "-s", "-i", str(patch)], cwd=config, check=True)
    text = (config / "thresholds.yaml").read_text(encoding="utf-8")
    assert 'by: "ward \\"round\\""' in text
    assert "until: 2999-12-31" in text
    assert (
        'why: "11 alerts in 50 min, 1 with this by a backtest; what was acknowledged or HIGH is still found (1 of 1)"'
        in text
    )
    alerts = call(
        "rules", "backtest", *SPAN, "--store", kept, "--config", config, "--bed", "icu-02", "--rule", "desaturation"
    )
    assert "\n1 alert of " in alerts.stdout


def test_an_acknowledged_alert_that_every_change_would_miss_is_refused_with_the_reason(tmp_path: Path) -> None:
    store = write(tmp_path / "store.db")
    begin = at(DIPS[3])
    alert = Alert(
        id="a1", severity=Severity.MEDIUM, kind=Kind.PHYSIOLOGICAL, source="limits", starts_at=begin,
        updated_at=begin, ends_at=begin + 20 * SECOND,
        labels={"alertname": "desaturation", "ward": "icu", "bed": "icu-02", "device_id": "mon-icu-02"},
        annotations={}, ack=Ack(by="Nurse Ada", at=begin),
    )  # fmt: skip
    store.write(list(alert_points(alert)))
    found = suggested(f"sqlite:{tmp_path / 'store.db'}")
    store.close()
    assert "Nothing is suggested." in found.stdout
    (row,) = (r for r in cells(found.stdout.partition("Not suggested")[2], "where") if r[1] == "desaturation")
    assert (row[0], row[2]) == ("ICU bed 2", "11")
    assert row[3].startswith("every change that spares alerts would miss one that was acknowledged or reached HIGH")


def test_alerts_that_reach_high_are_never_made_fewer(tmp_path: Path) -> None:
    write(tmp_path / "store.db", low=80.0).close()
    found = suggested(f"sqlite:{tmp_path / 'store.db'}")
    assert "Nothing is suggested." in found.stdout
    assert "would miss one that was acknowledged or reached HIGH" in found.stdout


def test_a_known_episode_that_the_rule_finds_must_still_be_found(kept: str, tmp_path: Path) -> None:
    file = tmp_path / "known.csv"
    begin, end = format_instant(at(DIPS[2])), format_instant(at(DIPS[2] + 20))
    file.write_text(f"bed,begin,end\nicu-02,{begin},{end}\n", encoding="utf-8")
    assert "Nothing is suggested." in suggested(kept, "--episodes", file).stdout


def test_the_document_has_the_numbers_of_the_text(kept: str) -> None:
    found = json.loads(suggested(kept, "-o", "json", "--by", "ward round").stdout)
    assert found.keys() == keys("rules suggest")
    (one,) = found["suggestions"]
    assert (one["bed"], one["rule"], one["settings"]) == ("icu-02", "desaturation", {"for": "30s"})
    assert (one["before"]["alerts"], one["after"]["alerts"], one["after"]["missed"]) == (11, 1, 0)
    assert '+    by: "ward round"' in found["patch"]
    assert json.loads(suggested(kept, "-o", "json").stdout)["patch"] is None


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--patch", "x"), "--patch needs --by"), (("--by", " "), "--by: a role or initials"),
        (("--by", "x", "--until", "2020-01-01"), "--until is not in the future"),
        (("--by", "x", "--until", "soon"), "--until: not a span"), (("--bed", "icu-66"), "did you mean 'icu-06'?"),
    ],
)  # fmt: skip
def test_wrong_options_are_one_sentence(kept: str, words: tuple[str, ...], error: str) -> None:
    found = suggested(kept, *words)
    assert (found.exit_code, error in found.stderr) == (2, True), found.output


def test_a_patch_that_cannot_be_written_is_an_error_with_its_name(kept: str, tmp_path: Path) -> None:
    found = suggested(kept, "--by", "ward round", "--patch", tmp_path / "none" / "x.patch")
    assert found.exit_code == 1
    assert "none/x.patch: cannot be written: No such file or directory" in found.stderr


@pytest.mark.parametrize("trying", [False, True])
def test_nothing_is_suggested_by_a_part_of_the_alerts(kept: str, trying: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether there are too many with the present settings, or with all that is tried."""

    def again(*words: Any) -> Backtest:
        monkeypatch.setattr(app.backtests.episode_collector, "MOST", 5)
        return Backtest(*words)

    if trying:
        monkeypatch.setattr(app.suggestions.run, "Backtest", again)
    else:
        monkeypatch.setattr(app.backtests.episode_collector, "MOST", 5)
    found = suggested(kept)
    assert (found.exit_code, found.stdout) == (1, "")
    assert "alerts are too many to compare one by one: choose --bed or a shorter time" in found.stderr
    assert ("trying" in found.stderr) is trying


def test_a_quiet_ward_gets_no_suggestion(kept: str) -> None:
    found = suggested(kept, "--bed", "icu-01", "--by", "ward round")
    assert found.exit_code == 0
    assert "Nothing is suggested." in found.stdout
    assert "+++" not in found.stdout


def episode(bed: str) -> Episode:
    return Episode("fever", "m", "t", "icu", bed, Severity.LOW, 0, 0, "")


def test_the_noisiest_tenth_is_rounded_up_and_has_no_bed_without_alerts() -> None:
    alerts = [episode(bed) for bed, n in (("a", 3), ("b", 9), ("c", 1), ("", 50)) for _ in range(n)]
    assert noisiest(alerts, 10) == ["b"]
    assert noisiest(alerts, 11) == ["b", "a"]
    assert noisiest(alerts, 50) == ["b", "a", "c"]
    assert noisiest([], 20) == []


SPO2 = Signal(
    name="spo2", label="SpO2", unit="%", display="%", precision=0, low=30, high=100, longest_delay={"high": 60.0}
)


def present(delay: float = 15.0, **limits: object) -> ResolvedRule:
    return ResolvedRule(Decision.model_validate({"for": f"{delay}s"}), LimitsParams.model_validate(limits))


def test_limits_move_within_that_of_the_next_severity_and_delays_within_the_longest() -> None:
    found = candidates(present(side="low", low=92, medium=88, high=84), SPO2, None)
    assert {c.delay for c in found} == {None, 30.0, 45.0, 60.0}
    assert {tuple(c.limits.items()) for c in found} == {
        (), (("low", 91), ("medium", 87)), (("low", 90), ("medium", 86)), (("low", 89), ("medium", 85)),
    }  # fmt: skip
    assert [c.size for c in found] == sorted(c.size for c in found)
    assert candidates(present(40, side="low", high=84), SPO2, None) == []


@settings(max_examples=examples(60, 1000))
@given(
    st.floats(50, 99), st.floats(0.2, 10), st.floats(0.2, 10), st.booleans(), st.integers(0, 2),
    st.integers(0, 70), st.none() | st.floats(0, 12),
)  # fmt: skip
def test_no_candidate_reaches_the_limit_of_the_next_severity_or_moves_that_of_high(
    first: float, step: float, more: float, upper: bool, precision: int, delay: float, room: float | None
) -> None:
    sign = 1.0 if upper else -1.0
    limits = {"low": first, "medium": first + sign * step, "high": first + sign * (step + more)}
    loosest = None if room is None else first + sign * room
    signal = Signal(
        name="x", label="x", unit="1", display="", precision=precision, low=-99, high=999, longest_delay={"high": 60.0}
    )
    for candidate in candidates(present(delay, side="high" if upper else "low", **limits), signal, loosest):
        assert "high" not in candidate.limits
        moved = {**limits, **candidate.limits}
        for name, following in (("low", "medium"), ("medium", "high")):
            assert sign * limits[name] <= sign * moved[name] < sign * limits[following]
            assert name not in candidate.limits or loosest is None or sign * moved[name] <= sign * loosest
        assert candidate.delay is None or delay < candidate.delay <= 60
        assert candidate.settings


def test_a_suggestion_is_about_the_patient_in_the_bed_and_the_time_since_the_admission() -> None:
    config = config_of(SHIPPED, T0)
    (stay,) = (s for s in config.inventory.stays if s.patient == "P-MJ6FL")
    assert stay.span.since is not None
    about = subject(config, stay.bed, stay.span.since - 5 * SECOND, at(0) * 2)
    assert (about.patient, about.since) == ("P-MJ6FL", stay.span.since)
    assert about.where.patient == ("P-MJ6FL",)


def at_bed(begin: float, raised: float, end: float, severity: Severity = Severity.MEDIUM) -> Episode:
    times = (at(begin), at(raised))
    return Episode("desaturation", "mon-icu-02", "spo2", "icu", "icu-02", severity, *times, "", at(end))


@pytest.mark.parametrize(("raised", "chosen"), [(75, True), (76, False), (4560, False)])
def test_a_change_that_finds_an_episode_much_later_is_not_suggested(raised: float, chosen: bool) -> None:
    """A slow deterioration that reaches HIGH in the end: with the present settings it is found after 15 s."""
    (rule,) = (rule for rule in config_of(SHIPPED, T0).rules if rule.name == "desaturation")
    side, about = LimitSide("spo2", "below", None), Subject("icu-02", "", at(0))
    short = [at_bed(n, n + 15, n + 20) for n in range(8000, 9000, 100)]
    trial = Trial(
        about, rule, present(side="low", medium=88, high=85), side, [Candidate(30.0, {}, 1.0)],
        [[at_bed(0, 15, 7200, Severity.HIGH), *short], [at_bed(raised - 15, raised, 7200, Severity.HIGH)]],
    )  # fmt: skip
    found = choose(trial, to_keep(trial, [], [], at(9999)), at(0), at(9999))
    assert isinstance(found, Suggestion) is chosen
    assert isinstance(found, Suggestion) or "more than 60 s later" in found.why


OVERRIDES = "limits: {}\n\noverrides:\n  - where: {bed: a}\n    why: x\n"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (OVERRIDES, OVERRIDES + "\n  - new\n"),
        (OVERRIDES + "\ndefaults: {}\n", OVERRIDES + "\n  - new\n\ndefaults: {}\n"),
        ("overrides:\n- where: {}\n# end\n", "overrides:\n- where: {}\n\n- new\n# end\n"),
        ("limits: {}\n", "limits: {}\n\noverrides:\n\n  - new\n"),
        ("overrides: # none\n", "overrides: # none\n\n  - new\n"),
    ],
)
def test_an_override_is_added_after_the_others(text: str, wanted: str) -> None:
    assert with_overrides(text, [["- new"]]) == wanted


def test_overrides_on_one_line_are_refused() -> None:
    with pytest.raises(ValueError, match="on lines of their own"):
        with_overrides("overrides: []\n", [["- new"]])
