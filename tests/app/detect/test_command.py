"""`wardwatch detect`: golden files, its outputs, and what it says where something is wrong."""

import csv
import gzip
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.detect import evaluation as evaluation_module
from app.detect.reading import csv_table as csv_table_module
from app.detect.reading.table import Table
from app.detect.rule import build_rule, find_detector
from detectors.base.detector import Detector
from tests.app.calling import call
from tests.app.detect.files import CUSUM, HERE, column, detected, series, stepped, write
from tests.docs.pages import ROOT
from tests.kit.examples import examples

GOLDEN = sorted(path for path in (HERE / "golden").iterdir())


@pytest.mark.parametrize("chunk", [1, 3, 10_000])
@pytest.mark.parametrize("folder", GOLDEN, ids=lambda folder: folder.name)
def test_a_golden_file_comes_to_what_is_expected(
    folder: Path, chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (csv_table_module, evaluation_module):
        monkeypatch.setattr(module, "CHUNK", chunk)
    words = shlex.split((folder / "words.txt").read_text())
    found = call("detect", folder / "input.csv", *words, "--out", tmp_path / "out.csv")
    assert found.exit_code == 0, found.output
    assert (tmp_path / "out.csv").read_text() == (folder / "expected.csv").read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


@pytest.mark.parametrize("rows", [1, 2, 7, 400])
def test_there_is_a_row_for_each_row_with_time_and_value_as_they_stand_there(tmp_path: Path, rows: int) -> None:
    values = stepped(rows, rows // 2)
    path = series(tmp_path / "a.csv", values)
    with path.open(newline="") as file:
        given = list(csv.DictReader(file))
    found = detected(path, *CUSUM)
    assert [(row["time"], row["value"]) for row in found] == [(row["time"], row["value"]) for row in given]
    assert [row["state"] for row in found] == ["warming up"] * int(0.15 * rows) + ["ok"] * (rows - int(0.15 * rows))


def test_a_step_is_an_alert_with_the_highest_scores(tmp_path: Path) -> None:
    found = detected(series(tmp_path / "a.csv", stepped(400, 200)), *CUSUM)
    scores = [float(score or 0) for score in column(found, "score")]
    alerts = [i for i, alert in enumerate(column(found, "alert")) if alert == "1"]
    assert 200 <= alerts[0] <= 202
    assert 200 <= scores.index(max(scores)) < 240
    assert all(0 <= score <= 1 for score in scores)


def test_a_constant_is_evaluated_and_raises_nothing(tmp_path: Path) -> None:
    found = detected(series(tmp_path / "a.csv", [20] * 50), "--detector", "cusum")
    assert set(column(found, "alert")) == {"0"}
    assert set(column(found, "state")) == {"warming up", "ok"}


def test_the_warm_up_is_the_first_share_of_the_rows_and_teaches_the_detector(tmp_path: Path) -> None:
    path = series(tmp_path / "a.csv", stepped(400, 200))
    for share, rows in (("0", 0), ("0.5", 200), ("0.999", 399)):
        states = column(detected(path, "--detector", "cusum", "--warmup", share), "state")
        assert states.count("warming up") == rows
    # Where nobody says how long a baseline is learned, it is learned from the warm-up.
    assert column(detected(path, "--detector", "cusum", "--warmup", "0.1"), "state")[40] == "ok"


@pytest.mark.parametrize(("rows", "learned"), [(0, 40), (10, 20), (30, 30), (60, 40), (90_000, 40)])
def test_auto_learns_what_a_series_is_from_no_more_values_than_the_warm_up(rows: int, learned: int) -> None:
    rule = build_rule(find_detector("auto"), {}, rows)
    assert rule.params.warmup == learned  # type: ignore[attr-defined]
    assert build_rule(find_detector("auto"), {"warmup": 77}, rows).params.warmup == 77  # type: ignore[attr-defined]


def test_a_short_warm_up_lets_auto_score_sooner(tmp_path: Path) -> None:
    path, states = series(tmp_path / "a.csv", stepped(400, 390)), {}
    for share in ("0.05", "0.15"):
        states[share] = column(detected(path, "--warmup", share), "state")
    first_ok = {share: each.index("ok") for share, each in states.items()}
    assert first_ok["0.05"] < 40 < first_ok["0.15"]


def test_values_are_taken_as_rounded_to_the_digits_that_they_have(tmp_path: Path) -> None:
    # The least standard deviation of a z-score is half of the last digit: 0.1/0.05 is 2, and half of the limit.
    path = series(tmp_path / "a.csv", ["20.0"] * 40 + ["20.1"])
    words = ("--detector", "rolling", "--param", "measure=zscore", "--param", "window=1m", "--param", "limit=4")
    assert float(column(detected(path, *words, "--param", "min_fill=0"), "score")[-1]) == pytest.approx(1 / 3)


@pytest.mark.parametrize("share", ["1", "-0.1", "nan"])
def test_a_share_that_is_none_is_refused(tmp_path: Path, share: str) -> None:
    found = call("detect", series(tmp_path / "a.csv", [1, 2]), *CUSUM, "--warmup", share)
    assert found.exit_code == 2
    assert "--warmup: is the share of the rows" in found.stderr


def test_alerts_are_printed_as_a_table_or_as_json(tmp_path: Path) -> None:
    path = series(tmp_path / "a.csv", stepped(400, 200))
    text = call("detect", path, *CUSUM)
    lines = text.stdout.splitlines()
    assert lines[0] == "value: 1 alert in 340 of 400 rows; detector cusum"
    assert re.fullmatch(
        r"2026-01-01 00:03:2\d  2026-01-01 00:0\d:\d\d  0\.\d{3} +2026-01-01 00:\S+  2\d\.\d+", lines[2]
    )
    found = json.loads(call("detect", path, *CUSUM, "-o", "json").stdout)
    assert found.keys() == {"detector", "rows", "series"}
    (one,) = found["series"]
    assert one.keys() == {"name", "states", "alert_count", "alerts"}
    assert one["states"] == {"ok": 340, "warming up": 60}
    assert one["alerts"][0]["from"].startswith("2026-01-01T00:03:2")
    assert one["alerts"][0]["from"].endswith("Z")


def test_standard_input_and_output_and_gzip(tmp_path: Path) -> None:
    path = series(tmp_path / "a.csv", stepped(60, 30))
    detected(path, *CUSUM)
    command = [sys.executable, "-m", "app", "detect", "-", *CUSUM, "--out", "-"]
    found = subprocess.run(command, input=gzip.compress(path.read_bytes()), capture_output=True, cwd=ROOT, check=True)
    assert found.stdout == (tmp_path / "out.csv").read_bytes()
    assert b"time: column 'time' (ISO 8601)" in found.stderr


@pytest.mark.parametrize("chunk", [2, 1000])
def test_rows_that_are_not_evaluated_are_counted_with_the_first_place(
    tmp_path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_table_module, "CHUNK", chunk)
    path = series(tmp_path / "a.csv", [1, "", "high", 4, 5, 6, 7, "low"], ["1", "2", "3", "4", "4", "2", "soon", "9"])
    found = call("detect", path, *CUSUM)
    assert found.stderr.splitlines()[1:] == [
        "rows without a value: 1, the first in line 3",
        "rows whose value is no number: 2, the first in line 4: 'high'",
        "rows without a readable time, not evaluated: 1, the first in line 8: 'soon'",
        "rows earlier than a row before them, not evaluated (--sort evaluates all in order): 1, the first in line 7: "
        "'2'",
        "rows that repeat a time, not evaluated (--time none numbers the rows): 1, the first in line 6: '4'",
    ]


def test_sorting_comes_to_what_a_sorted_file_comes_to(tmp_path: Path) -> None:
    values = stepped(300, 150)
    times = list(range(300))
    mixed = times[::2] + times[1::2]
    in_order = detected(series(tmp_path / "a.csv", values, times), *CUSUM)
    sorted_ = detected(series(tmp_path / "b.csv", [values[i] for i in mixed], mixed), *CUSUM, "--sort")
    assert sorted_ == [in_order[i] for i in mixed]
    assert column(detected(tmp_path / "b.csv", *CUSUM), "state").count("out of order") == 149


def test_several_columns_need_each_and_are_then_series_of_their_own(tmp_path: Path) -> None:
    columns = zip(stepped(200, 90), stepped(200, 140, 2), strict=True)
    text = "time,a,b\n" + "".join(f"{i},{x},{y}\n" for i, (x, y) in enumerate(columns))
    path = write(tmp_path / "a.csv", text)
    found = call("detect", path, *CUSUM, "--value", "a", "--value", "b")
    assert found.exit_code == 1
    assert "2 columns were chosen, and cusum evaluates one: --each evaluates each" in found.stderr
    both = detected(path, *CUSUM, "--each")
    for name in ("a", "b"):
        alone = detected(path, *CUSUM, "--value", name)
        for what in ("value", "score", "state", "alert"):
            assert column(both, f"{name}.{what}") == column(alone, what)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--detector", "cusm"], 2, "--detector: there is no detector 'cusm'; did you mean 'cusum'?"),
        (["--detector", "absent"], 2, "--detector: absent scores no values; those that do are "),
        (["--detector", "cohort"], 2, "--detector: cohort compares devices of a ward, and does not score values by "),
        (["--detector", "zzz"], 2, "there is no detector 'zzz'"),
        (["--param", "lmit=4"], 2, "--param: unknown key 'lmit'; did you mean 'limit'?"),
        (["--param", "limit=many"], 2, "--param: limit must be a number, not 'many'"),
        (["--param", "limit=-1"], 2, "--param: limit must be more than 0"),
        (["--param", "limit=NaN"], 2, "--param: "),
        (["--param", "limit"], 2, "--param: is key=value, such as limit=5, not 'limit'"),
        (["--param", "limit=4", "--param", "limit=5"], 2, "--param: 'limit' is there twice"),
        (["--param", "for=15"], 2, "for: a span needs its unit, such as 15s"),
        (["--detector", "limits"], 2, "--param: 'side' is missing"),
        (["--plot", "a.svg"], 2, "--plot: the name ends with .png or .html, not 'a.svg'"),
        (["--value", "pulse"], 1, "a.csv: --value: there is no column 'pulse'"),
    ],
)  # fmt: skip
def test_a_wrong_option_is_named_with_what_was_probably_meant(
    tmp_path: Path, words: Sequence[str], code: int, said: str
) -> None:
    path = series(tmp_path / "a.csv", [1, 2])
    found = call("detect", path, *(() if "--detector" in words else ("--detector", "cusum")), *words)
    assert found.exit_code == code
    assert said in found.stderr
    assert "Traceback" not in found.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a.csv: is empty"),
        ("time,value\n", "a.csv: has no row of values"),
        ("time,value\n1,5\n2,5,6\n", "a.csv:3:1: 3 fields, and the first row has 2"),
        ('time,value\n1,5\n2,"5\n', "a.csv:3:1: a quote that is not closed"),
    ],
)
def test_a_faulty_file_is_one_line_and_no_output(tmp_path: Path, text: str, said: str) -> None:
    path, out = write(tmp_path / "a.csv", text), tmp_path / "out.csv"
    found = call("detect", path, *CUSUM, "--time", "1", "--value", "2", "--out", out)
    assert found.exit_code == 1
    assert said in found.stderr
    assert not out.exists()
    assert list(tmp_path.iterdir()) == [path]


def test_the_output_is_not_the_input(tmp_path: Path) -> None:
    path = series(tmp_path / "a.csv", [1, 2])
    before = path.read_bytes()
    for option in ("--out", "--plot"):
        found = call("detect", path, *CUSUM, option, tmp_path / "." / "a.csv")
        assert found.exit_code == 2
        assert f"{option}: is the file that is read" in found.stderr
    assert path.read_bytes() == before


def test_a_fault_in_a_later_row_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table_module, "CHUNK", 10)
    out = write(tmp_path / "out.csv", "of yesterday")
    found = call("detect", write(tmp_path / "a.csv", "time,value\n" + "1,5\n" * 90 + "2,3,4\n"), *CUSUM, "--out", out)
    assert found.exit_code == 1
    assert "a.csv:92:1: " in found.stderr
    assert out.read_text() == "of yesterday"


def test_a_detector_that_fails_is_named_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("nothing")

    monkeypatch.setattr(Detector.registry["cusum"], "update_many", broken)
    found = call("detect", series(tmp_path / "a.csv", [1, 2, 3]), *CUSUM)
    assert found.exit_code == 1
    assert re.search(r"cusum\.py:\d+:1: the detector cusum failed: ZeroDivisionError: nothing", found.stderr)


PIECES = st.sampled_from(
    [
        "time", "value", ",", ";", "\t", "\n", "\r\n", '"', "2026-01-01", "T12:00:00Z", "1", "-2.5", "1e400", "nan",
        "\0", "é", "1,5", " ",
    ]
)  # fmt: skip
FILES = st.one_of(
    st.lists(PIECES, max_size=40).map(lambda pieces: "".join(pieces).encode()),
    st.binary(max_size=60),
    st.sampled_from([b"\x1f\x8b", b"PAR1", b"\xff\xfe", b"\xef\xbb\xbf"]).flatmap(
        lambda head: st.binary(max_size=40).map(lambda rest: head + rest)
    ),
)


@settings(max_examples=examples(60, 3000), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=FILES)
def test_any_file_ends_in_rows_or_in_a_line_and_never_in_a_traceback(data: bytes, tmp_path: Path) -> None:
    path, out = write(tmp_path / "a.csv", data), tmp_path / "out.csv"
    out.unlink(missing_ok=True)
    found = call("detect", path, *CUSUM, "--warmup", "0", "--out", out)  # raises what nobody expected
    assert found.exit_code in (0, 1)
    assert out.exists() == (found.exit_code == 0)
    assert found.exit_code == 0 or found.stderr.startswith(str(path))


def test_a_long_file_shows_its_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.detect.command.LONG", 100)
    monkeypatch.setattr(csv_table_module, "CHUNK", 10)
    found = call("detect", series(tmp_path / "a.csv", [1] * 100), *CUSUM)
    assert "a.csv: 19 of 100" in found.stderr
    assert "a.csv: 100 of 100" in found.stderr
    both = call("detect", tmp_path / "a.csv", *CUSUM, "--sort")
    assert [f"{n} of 100" in both.stderr for n in (14, 50, 100)] == [True] * 3  # reading is half of it


def test_not_more_than_a_chunk_of_rows_is_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tracemalloc

    monkeypatch.setattr(csv_table_module, "CHUNK", 100)

    def peak(rows: int) -> int:
        path = series(tmp_path / f"{rows}.csv", [f"20.{i}" for i in range(rows)], range(rows))
        tracemalloc.start()
        call("detect", path, *CUSUM, "--out", tmp_path / "out.csv")
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(500)  # what is imported and compiled once
    assert peak(8000) < 1.3 * peak(1000)


def test_the_table_protocol_is_kept() -> None:
    kept: type[Table] = csv_table_module.CsvTable
    assert kept
