"""Models that rules name: checked when they are read, part of the config, and read again when they change."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.config.config_reader import CODECS, DETECTORS, NOW, faults_of, loaded, url_problem
from tests.config.models import RULE, add_rule, model, with_model, write
from tests.config.reloader_harness import STEP, ReloaderHarness
from ward.config.load import load_config
from ward.config.model_documents import MOST_BYTES, MOST_MODELS
from ward.config.model_file import ModelFile, with_hash

WHY = "why: a test\n        by: nobody"
FILE = "models/monitors.json"


def windows(**changes: Any) -> list[dict[str, Any]]:
    """The windows of a model, with changes in the second one."""
    first, second = model()["windows"]
    return [first, second | changes]


def test_a_rule_has_the_content_of_the_model_that_it_names(tmp_path: Path) -> None:
    config = loaded(with_model(tmp_path / "config", model(limit=3.25)))
    (rule,) = (rule for rule in config.rules if rule.name == "odd_course")
    _, params = rule.build({})
    found = params.model  # type: ignore[attr-defined]
    assert (found.name, found.hash, found.windows[1].limit) == ("monitors", model(limit=3.25)["hash"], 3.25)
    assert rule.settings["model"] == "monitors"


def test_an_override_may_name_another_model(tmp_path: Path) -> None:
    rule = f"{RULE}    overrides:\n      - where: {{device: mon-1}}\n        set: {{model: mine}}\n        {WHY}\n"
    directory = with_model(tmp_path / "config", model(), rule)
    write(directory, model(limit=9), "mine")
    config = loaded(directory)
    (found,) = (rule for rule in config.rules if rule.name == "odd_course")
    limits = {
        device: resolved.params.model.windows[0].limit  # type: ignore[attr-defined]
        for device in ("mon-1", "mon-2")
        if (resolved := found.resolve(device, config.inventory.place(device, NOW)))
    }
    assert limits == {"mon-1": 9.0, "mon-2": 2.5}


def test_the_hash_of_the_config_depends_on_its_models_and_not_on_those_that_no_rule_names(tmp_path: Path) -> None:
    directory = with_model(tmp_path / "config", model())
    before = loaded(directory).hash
    write(directory, json.dumps(model(), indent=4))
    write(directory, "broken", "unused")
    assert loaded(directory).hash == before
    write(directory, model(trained_at="2025-11-23T00:00:00Z"))
    assert loaded(directory).hash != before


def test_the_contents_that_are_kept_of_a_config_have_its_models(tmp_path: Path) -> None:
    config = loaded(with_model(tmp_path / "config", model()))
    contents = json.loads(json.dumps(config.contents))
    again = load_config(tmp_path, DETECTORS, CODECS, url_problem, now=NOW, environ={}, contents=contents)
    assert again.hash == config.hash
    assert again.rules == config.rules


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('{"format": 1, "signal": ', f"{FILE}:1:1: a value is missing here, or a bracket is not closed"),
        ("", f"{FILE}:1:1: the file must hold lines of `key: value`, and is empty"),
        ("[1, 2]", f"{FILE}:1:1: the file must hold lines of `key: value`, not a list"),
        (model() | {"quantile": 0.98}, f"{FILE}:1:1: the file: its hash is not that of its content"),
        (model() | {"hash": "f" * 64}, f"{FILE}:1:1: the file: its hash is not that of its content"),
        (model() | {"format": 2}, f"{FILE}:1:12: format must be one of 1, not 2"),
        (model() | {"windows": windows(limit=math.nan)}, "limit must be a number, not 'NaN'"),
        (model() | {"windows": windows(limit=math.inf)}, "limit must be a number, not 'Infinity'"),
        (model() | {"windows": windows(limit=0.0)}, "limit must be more than 0, not 0.0"),
        (model() | {"notes": "mine"}, "unknown key 'notes'"),
        (model(signal="spo2", unit="%"), "detectors.yaml:7:12: model monitors was learned from spo2, and the rule"),
        (model(unit="/s"), "detectors.yaml:7:12: model monitors was learned from values in '/s', and heart_rate is in"),
        (model(every="30s"), "model monitors was learned from means of 30 s, and the rule evaluates means of 60 s"),
        (" " * (MOST_BYTES + 1), f"{FILE}:1:1: has more than 50 KB"),
    ],
)
def test_a_model_that_cannot_be_used_is_a_fault_that_names_it(tmp_path: Path, content: object, fault: str) -> None:
    found = faults_of(with_model(tmp_path / "config", content))
    assert len(found) == 1, found
    assert fault in found[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"windows": windows()[:1]}, "windows: there must be at least 2, as all of them must agree"),
        ({"windows": windows(centre=[0.0])}, "window 2: the centre and each of the axes must have 2 numbers"),
        ({"windows": windows(axes=[[1.0, 0.0]])}, "window 2: the centre and each of the axes must have 2 numbers"),
        ({"windows": windows(until="2025-11-21T00:00:00Z")}, "window 2: its end must be later than its beginning"),
    ],
)
def test_windows_that_do_not_fit_together_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        with_hash({key: value for key, value in model().items() if key != "hash"} | changes)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            "model: monitor",
            "detectors.yaml:7:12: there is no {}/models/monitor.json; did you mean 'monitors'?; train it",
        ),
        ("model: ../alerts", "detectors.yaml:7:12: there is no {}/models/../alerts.json"),
        ("model: 5", "detectors.yaml:7:12: is the name of a model: of its file in models/ without .json"),
        ("every: 5m", "detectors.yaml:2:3: 'model' is missing"),
        ("model: monitors\n    every: 5m", "detectors.yaml:8:12: model monitors was learned from means of 60 s"),
    ],
)
def test_a_name_that_is_none_of_a_model_is_a_fault_where_it_stands(tmp_path: Path, line: str, fault: str) -> None:
    directory = with_model(tmp_path / "config", model(), RULE.replace("model: monitors", line))
    (found,) = faults_of(directory)
    assert fault.format(directory.as_posix()) in found


def test_more_models_than_are_kept_are_a_fault(tmp_path: Path) -> None:
    names = [f"m{i}" for i in range(MOST_MODELS + 1)]
    overrides = "".join(
        f"      - where: {{device: mon-1}}\n        set: {{model: {name}}}\n        {WHY}\n" for name in names
    )
    directory = with_model(tmp_path / "config", model(), f"{RULE}    overrides:\n{overrides}")
    for name in names:
        write(directory, model(), name)
    assert any(f"rules name more than {MOST_MODELS} models" in fault for fault in faults_of(directory))


@pytest.fixture
def harness(tmp_path: Path) -> ReloaderHarness:
    """A reloader of a config with a rule with a model."""
    harness = ReloaderHarness(tmp_path)
    write(harness.directory, model())
    add_rule(harness.directory)
    assert harness.run() is not None
    return harness


def limit_of(harness: ReloaderHarness) -> float:
    (rule,) = (rule for rule in harness.reloader.config.rules if rule.name == "odd_course")
    found: ModelFile = rule.build({})[1].model  # type: ignore[attr-defined]
    return found.windows[0].limit


def test_a_model_that_is_replaced_while_programs_run_is_in_force_within_a_second(harness: ReloaderHarness) -> None:
    new = write(harness.directory, model(limit=4), ".new")
    new.replace(harness.directory / FILE)
    assert harness.run() == pytest.approx(0.6)
    assert limit_of(harness) == 4


def test_half_a_model_is_never_loaded_and_the_model_before_stays(harness: ReloaderHarness) -> None:
    before, whole = harness.reloader.config, json.dumps(model(limit=4))
    for end in range(0, len(whole), 7):
        write(harness.directory, whole[:end])
        assert harness.run(STEP) is None
    assert harness.run(2) is None
    assert harness.reloader.config is before
    assert harness.reloader.faults[0].startswith(f"{(harness.directory / FILE).as_posix()}:1:")
    write(harness.directory, whole)
    assert harness.run() is not None
    assert (limit_of(harness), harness.reloader.faults) == (4, ())


def test_a_model_that_is_taken_away_is_a_fault_and_the_model_before_stays(harness: ReloaderHarness) -> None:
    (harness.directory / FILE).unlink()
    assert harness.run(2) is None
    assert limit_of(harness) == 2.5
    assert "models/monitors.json" in harness.reloader.faults[0]
