"""`wardwatch models train`: files and stores in, model files out, or a named error and the model before."""

import errno
import json
from pathlib import Path

import numpy as np
import pytest

from detectors.base.columns import Floats
from tests.app.calling import SHIPPED, call
from tests.app.training.past import HOUR, MONITORS, SPAN, heart_rates, train, write_csv, write_store
from tests.config.config_reader import copied
from ward.config.model_file import ModelFile

RULE = "\n".join(["the rule in detectors.yaml:", "  hearts:", "    detector: learned"])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_store(tmp_path_factory.mktemp("past") / "store.db")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty hours of one series."""
    return write_csv(tmp_path_factory.mktemp("file") / "hearts.csv", heart_rates(1, 20 * HOUR))


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return copied(SHIPPED, tmp_path / "config")


def odd() -> Floats:
    """Two hours, in the second of which the heart rate jumps between two usual values for half an hour."""
    x = heart_rates(3, 2 * HOUR)
    x[200:290] = 78 + 4 * np.sign(np.sin(np.arange(90) / 3))
    return x


def model_at(path: Path) -> ModelFile:
    return ModelFile.model_validate(json.loads(path.read_text(encoding="utf-8")))


def test_a_model_of_a_fleet_is_written_beside_the_config_and_a_rule_with_it_is_valid(store: str, mine: Path) -> None:
    found = train("--store", store, "--config", mine, "--device-kind", "bedside_monitor", "--false-alerts", 9, *SPAN)
    assert found.exit_code == 0, found.output
    model = model_at(mine / "models" / "hearts.json")
    assert (model.signal, model.unit, model.every, len(model.windows)) == ("heart_rate", "/min", 60.0, 6)
    assert all(MONITORS[i] in model.trained_on for i in range(3))
    rule = "\n".join(line for line in found.stdout[found.stdout.index(RULE) :].splitlines()[1:] if line)
    assert rule.splitlines()[-1] == "    share: 0.4"
    rules = mine / "detectors.yaml"
    rules.write_text(f"{rules.read_text(encoding='utf-8').rstrip()}\n{rule}\n", encoding="utf-8")
    checked = call("config", "check", mine)
    assert checked.exit_code == 0, checked.output
    shown = call("config", "show", MONITORS[0], "--config", mine)
    assert "learned (model hearts, share 0.4)" in " ".join(shown.stdout.split()), shown.stdout


def test_each_device_gets_a_model_of_its_own_and_one_with_too_little_keeps_what_it_had(store: str, mine: Path) -> None:
    old = mine / "models" / "hearts-mon-icu-03.json"
    old.parent.mkdir()
    old.write_text("before", encoding="utf-8")
    found = train("--store", store, "--config", mine, "--each", "--windows", 2, *SPAN)
    assert found.exit_code == 1
    assert "hearts-mon-icu-03 is not trained, and what was there is not changed:\nwindow 1, " in found.stderr
    assert old.read_text(encoding="utf-8") == "before"
    hashes = {model_at(old.with_name(f"hearts-{name}.json")).data_hash for name in MONITORS[:2]}
    assert len(hashes) == 2
    assert "where: {device: [mon-icu-01, mon-icu-02]}" in found.stdout
    assert "set: {model: hearts-mon-icu-02}" in found.stdout


def test_what_is_trained_on_a_file_finds_what_is_planted_in_another(file: Path, tmp_path: Path) -> None:
    assert train(file, "--out", tmp_path).exit_code == 0
    other = write_csv(tmp_path / "other.csv", odd())
    model = tmp_path / "hearts.json"
    found = call("detect", other, "--detector", "learned", "--param", f"model={model}", "--warmup", 0, "-o", "json")
    (alert,) = json.loads(found.stdout)["series"][0]["alerts"]
    assert "2024-10-04T01:06:40" <= alert["from"] < "2024-10-04T01:37"
    healthy = call("detect", file, "--detector", "learned", "--param", f"model={model}", "-o", "json")
    assert json.loads(healthy.stdout)["series"][0]["alerts"] == []


def test_the_same_data_give_the_same_model(file: Path, tmp_path: Path) -> None:
    texts = []
    for _ in range(2):
        assert train(file, "--out", tmp_path).exit_code == 0
        content = json.loads((tmp_path / "hearts.json").read_text(encoding="utf-8"))
        texts.append({key: value for key, value in content.items() if key not in ("trained_at", "hash")})
    assert texts[0] == texts[1]


def test_the_result_is_json_too(file: Path, tmp_path: Path) -> None:
    (found,) = json.loads(train(file, "--out", tmp_path, "-o", "json").stdout)
    assert found["hash"] == model_at(tmp_path / "hearts.json").hash
    assert found["held_out"]["alerts_a_day_from"] == 0.0
    assert found["held_out"]["device_days"] == pytest.approx(20 / 7 / 24, rel=0.02)


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (
            heart_rates(1, 2 * HOUR),
            "window 1, 2024-10-04T00:01:00.000Z to 2024-10-04T00:18:00.000Z: 9 courses of 9 means",
        ),
        (
            [80.0] * 5000,
            "48:00.000Z: the values hardly ever change, so that any change would be unusual: use the detector flatline",
        ),
        ([80.0 + i / 4 for i in range(5000)], "the values hardly ever change"),
        (["nan"] * 50 + ["x"] * 50, "no column of numbers"),
        ([80.0], "has no two successive means of 1m: give a shorter --every"),
        ([], "no column of numbers"),
    ],
)
def test_too_little_and_constants_are_errors_and_the_model_before_stays(
    tmp_path: Path, x: list[object], words: str
) -> None:
    old = tmp_path / "hearts.json"
    old.write_text("before", encoding="utf-8")
    found = train(write_csv(tmp_path / "values.csv", x), "--out", tmp_path)
    assert found.exit_code == 1
    assert words in found.stderr
    assert old.read_text(encoding="utf-8") == "before"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x1f\x8b\x08\x00broken", "values.csv"),
        (b"PAR1 and no more", "is no whole Parquet file"),
        (b"\x00" * 500, "values.csv"),
        (b"", "values.csv"),
    ],
)
def test_a_broken_file_is_an_error_that_names_it_and_the_model_before_stays(
    tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "hearts.json").write_text("before", encoding="utf-8")
    broken = tmp_path / "values.csv"
    broken.write_bytes(content)
    found = train(broken, "--out", tmp_path)
    assert found.exit_code == 1
    assert words in found.stderr
    assert (tmp_path / "hearts.json").read_text(encoding="utf-8") == "before"


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("--signal", "heartrate"), "there is no signal 'heartrate'; did you mean 'heart_rate'?"),
        (("--device", "mon-icu-99"), "there is no device 'mon-icu-99'; did you mean"),
        (("--device-kind", "monitor"), "there is no device kind 'monitor'; did you mean 'bedside_monitor'?"),
        (("--every", "60"), "--every: not a span such as 15s"),
        (("--every", "0s"), "--every: is the length of the means"),
        (("--windows", "1"), "--windows: is 2 to 12, not 1"),
        (("--lags", "17"), "--lags: is 2 to 16, not 17"),
        (("--false-alerts", "-1"), "--false-alerts: is 0 or more, and needs at least 3 windows"),
        (("--false-alerts", "nan"), "--false-alerts: is 0 or more, and needs at least 3 windows"),
        (("--false-alerts", "1", "--windows", "2"), "--false-alerts: is 0 or more, and needs at least 3 windows"),
        (("--value", "heart"), "--time and --value are columns of a FILE"),
        (("--from", "1h"), "the store has no values of heart_rate from"),
        (("--from", "tomorrow"), "--from: not an instant"),
    ],
)
def test_options_that_cannot_be_are_refused(store: str, tmp_path: Path, words: tuple[str, ...], fault: str) -> None:
    found = train("--store", store, "--out", tmp_path, *words)
    assert found.exit_code in (1, 2)
    assert fault in found.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("models", "train", "a/b", "x.csv"), "NAME: letters, digits"),
        (("models", "train", "a" * 41, "x.csv"), "NAME: letters, digits, '_', '.' and '-', at most 40"),
        (("models", "train", "a"), "--signal: say which signal of the store"),
        (("models", "train", "a", "x.csv", "--each"), "a FILE is read whole"),
        (("models", "train", "a", "none.csv"), "none.csv: "),
    ],
)
def test_words_that_cannot_be_are_refused(words: tuple[str, ...], fault: str) -> None:
    found = call(*words)
    assert found.exit_code in (1, 2)
    assert fault in found.stderr


def test_a_folder_that_cannot_be_written_is_an_error(file: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    found = train(file, "--out", tmp_path / "taken" / "models")
    assert found.exit_code == 1
    assert "cannot be made" in found.stderr


def test_the_examples_of_the_manual_print_what_they_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (SHIPPED.parent / "docs" / "commands.md").read_text(encoding="utf-8")
    block = page.partition("## models\n")[2].partition("```console\n")[2].partition("```")[0]
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "hearts.csv", heart_rates(1, 48 * HOUR))
    write_csv(tmp_path / "odd.csv", odd())
    shown = [part.splitlines() for part in block.split("$ wardwatch ")[1:]]
    for command, *output in shown[:2]:
        printed = iter(call(*command.split()).stdout.splitlines())
        assert [line for line in output if line != "…" and line not in printed] == []


def test_a_model_that_cannot_be_written_whole_leaves_the_one_before(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert train(file, "--out", tmp_path).exit_code == 0
    before = (tmp_path / "hearts.json").read_bytes()

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("app.console.output_file.os.fsync", full)
    found = train(file, "--out", tmp_path)
    assert found.exit_code == 1
    assert "No space left on device" in found.stderr
    assert (tmp_path / "hearts.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["hearts.json"]
