"""Recordings from files: their content, and the errors of invalid ones."""

from pathlib import Path

import pytest

from simulators.definition_files import HERE
from simulators.recordings.recording import Recording, read_recording
from ward.clock import parse_instant
from ward.errors import SettingsError

LONG = HERE / "recordings" / "s00001-2896-10-10-00-31n.csv"
WORSE = HERE / "recordings" / "s25047-2704-05-04-10-44n.csv"


def written(path: Path, text: str) -> Recording:
    file = path / "bed.txt"
    file.write_text(text, encoding="utf-8")
    return read_recording(file)


def test_a_mimic_recording_has_our_signals_and_zero_is_missing() -> None:
    worse = read_recording(WORSE)
    assert (len(worse.samples), worse.lasts, worse.begun) == (72, 71 * 60, None)
    assert dict(worse.samples[0].values) == {"heart_rate": 101.3, "respiratory_rate": 16.5}
    assert dict(worse.samples[2].values) == {
        "heart_rate": 89.5, "respiratory_rate": 21.2, "spo2": 95.7, "systolic_bp": 87.0, "diastolic_bp": 46.0,
    }  # fmt: skip
    assert dict(worse.samples[66].values) == {}, "a minute in which the monitor had nothing is still a minute"


def test_the_long_recording_has_its_gaps_its_artefact_and_its_arterial_line() -> None:
    long = read_recording(LONG)
    assert (len(long.samples), long.lasts) == (1936, 1935 * 60)
    count = {name: sum(name in s.values for s in long.samples) for name in ("heart_rate", "spo2", "respiratory_rate")}
    assert count == {"heart_rate": 1890, "spo2": 1573, "respiratory_rate": 1891}
    assert min(s.values["heart_rate"] for s in long.samples if "heart_rate" in s.values) == 11.5
    assert long.samples[14].values["systolic_bp"] == 120, "from the cuff"
    assert long.samples[1924].values["systolic_bp"] == 129.3, "from the line, where there is one"
    assert sum("systolic_bp" in s.values for s in long.samples) == 159


def test_a_csv_has_seconds_or_times(tmp_path: Path) -> None:
    by_seconds = written(tmp_path, "t_seconds,heart_rate,spo2\n5,70,\n7.5,,97\n\n10,71,98\n")
    assert [(s.t, dict(s.values)) for s in by_seconds.samples] == [
        (0, {"heart_rate": 70}), (2.5, {"spo2": 97}), (5, {"heart_rate": 71, "spo2": 98}),
    ]  # fmt: skip
    by_instants = written(tmp_path, '\ufeffat,heart_rate\r\n2026-11-21T15:00:00Z,70\r\n"2026-11-21T15:00:02.5Z",71\r\n')
    assert [s.t for s in by_instants.samples] == [0, 2.5]
    assert by_instants.begun == parse_instant("2026-11-21T15:00:00Z")


def test_json_lines_and_captured_native_payloads_are_read(tmp_path: Path) -> None:
    lines = '{"t": 1, "values": {"spo2": 97}}\n\n{"t": 3, "values": {"spo2": null, "heart_rate": 70}}\n'
    assert [(s.t, dict(s.values)) for s in written(tmp_path, lines).samples] == [
        (0, {"spo2": 97}), (2, {"heart_rate": 70}),
    ]  # fmt: skip
    native = '{"v": 1, "boot": "k3f9", "seq": 1, "at": "2026-11-21T15:00:00.250Z", "values": {"heart_rate": 72.0}}'
    assert written(tmp_path, native).begun == parse_instant("2026-11-21T15:00:00.25Z")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"bed\.txt:1: the first line must name a column"),
        ("heart_rate\n70\n", r":1: the first line must name a column"),
        ("t_seconds,heart_rate\n", "holds no sample"),
        ("t_seconds,heart rate\n1,2\n", r":1: 'heart rate' is not the name"),
        ("t_seconds,spo2\n1,97\n2,97,4\n", r":3: 3 cells under 2 names"),
        ("t_seconds,spo2\n1,97\n2,high\n", r":3: 'high' is not a number"),
        ("t_seconds,spo2\n1,97\n\n0,97\n", r":4: times must not go back"),
        ("t_seconds,spo2\nnan,97\n", r":2: times must not go back"),
        ("t_seconds,spo2\n1,nan\n", r":2: 'nan' is not finite"),
        ("t_seconds,spo2\nx,97\n", r":2: could not convert"),
        ("at,spo2\n2026-13-01T00:00:00Z,97\n", r":2: month must be in"),
        ("at,spo2\nyesterday,97\n", r":2: not an RFC 3339 time"),
        ('{"t": 1}', r":1: each line must be an object with `values`"),
        ('{"values": {}}', r":1: a line needs `at`"),
        ('{"t": 1, "values": {"spo2": 97}}\n{"t": 2, "values": {"spo2": true}}', r":2: True is not a number"),
        ('{"t": 1, "values": {"spo2": 97}}\n[]', r":2: each line must be an object"),
        ('{"t": 1, "values": {"<b>": 97}}', r":1: '<b>' is not the name"),
        ('{"t": 1, "values": {"spo2": NaN}}', r":1: nan is not finite"),
        ('{"t": "1h", "values": {}}', r":1: '1h' is not a number"),
        ('{"t": 1, "values": {"spo2": 97}', r":1: Expecting"),
        ('{"t": 1, "values": ' + "[" * 100_000, r":1: "),
    ],
)
def test_an_invalid_recording_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        written(tmp_path, text)


def test_a_missing_or_binary_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.csv: cannot be read"):
        read_recording(tmp_path / "absent.csv")
    (tmp_path / "bytes.csv").write_bytes(b"t_seconds,spo2\n1,\xff\xfe\n")
    with pytest.raises(SettingsError, match=r"bytes\.csv:1: 'utf-8' codec"):
        read_recording(tmp_path / "bytes.csv")
