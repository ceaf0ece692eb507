"""A start compares the config files with the config that was last in force, which the log keeps."""

import dataclasses
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.runtime.config_keeper import ConfigKeeper
from app.runtime.kept_config import KEY, packed, unpacked, with_secrets, without_secrets
from app.runtime.resources import Resources
from app.settings.settings import Settings
from detectors.learned import example_model
from tests.config.config_reader import SHIPPED, copied
from tests.kit.examples import examples
from tests.kit.guarantees import Figure
from tests.kit.log_records import log_messages
from ward.adapters.memory.log import MemoryLog
from ward.clock import ManualClock
from ward.config.config import Config
from ward.errors import ConfigError, LogUnavailable, WireError
from ward.finding import Kind
from ward.ports import Batch, Partition
from ward.topics import CONFIG
from ward.wire import KEPT_CONFIG_WIRE

SECRET = "json://nurse:Ganz-Geheim@mail.test/"
NOW = ManualClock().now()
URLS = {f"WARDWATCH_{name}_URL": SECRET for name in ("MAIL", "CHAT", "SMS")}


class Starts:
    """Starts on one config folder and one log; `keep` lets a started program run for a moment."""

    def __init__(self, folder: Path, log: MemoryLog, confirm_edits: bool = True) -> None:
        self.folder, self.log, self.clock = copied(SHIPPED, folder / "config"), log, ManualClock()
        self.settings = Settings(data=folder, config=self.folder, log_url="memory:", confirm_edits=confirm_edits)

    def start(self) -> Resources:
        return Resources(self.settings, self.clock, environ=URLS, log=self.log)

    def keep(self, resources: Resources) -> ConfigKeeper:
        keeper = ConfigKeeper(resources.log, resources.live, resources.last_config, self.clock)
        for _ in range(3):
            keeper.step(0)
            self.clock.advance(1)
        return keeper

    def edit(self, old: str, new: str, name: str = "thresholds.yaml") -> None:
        file = self.folder / name
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def records(self) -> int:
        return len(list(log_messages(self.log, CONFIG, KEPT_CONFIG_WIRE)))


class AwayLog(MemoryLog):
    """A log that does not answer while `away`."""

    away = False

    def scan(self, partition: Partition, start: int | None = None, tail: int | None = None) -> Iterator[Batch]:
        if self.away:
            raise LogUnavailable("it does not answer")
        return super().scan(partition, start, tail)


@pytest.fixture
def starts(tmp_path: Path) -> Starts:
    return Starts(tmp_path, AwayLog())


def test_at_the_first_start_of_all_the_files_are_in_force_and_kept_once(starts: Starts) -> None:
    resources = starts.start()
    assert starts.keep(resources).problem() == ""
    assert (resources.live.waiting, starts.records()) == (None, 1)
    again = starts.start()
    starts.keep(again)
    assert (again.live.config.hash, starts.records()) == (resources.live.config.hash, 1)


@pytest.mark.guarantee("A config file that is cut off while nothing runs takes no watch away at the next start unseen.")
def test_a_file_that_is_cut_off_before_a_start_takes_nothing_away(starts: Starts, figure: Figure) -> None:
    before = starts.start()
    starts.keep(before)
    waiting = faulty = cuts = 0
    for file in sorted(starts.folder.glob("*.yaml")):
        whole = file.read_text(encoding="utf-8")
        lines = [n + 1 for n, char in enumerate(whole) if char == "\n"]
        for end in lines[1 :: examples(31, 1)]:
            file.write_text(whole[:end], encoding="utf-8")
            live = starts.start().live
            cuts += 1
            faulty += bool(live.faults) and live.waiting is None
            waiting += live.waiting is not None
            assert watched(live.config) >= watched(before.live.config), f"{file.name}: {whole[:end][-80:]}"
        file.write_text(whole, encoding="utf-8")
    assert waiting > 2
    assert faulty > 2
    figure(f"{cuts} cuts of the shipped files: {waiting} wait, {faulty} are refused, and none takes a rule or bed away")


def watched(config: Config) -> set[tuple[str, ...]]:
    """Each rule about a patient with its limits by device, each bed, and each topic."""
    places = config.inventory
    return {
        *((device, rule.name, found.text) for rule in config.rules for device in places.devices
          if rule.kind is Kind.PHYSIOLOGICAL and (found := rule.resolve(device, places.place(device, NOW)))),
        *(("bed", bed) for bed in places.beds), *(("topic", codec.filter) for codec in config.codecs),
    }  # fmt: skip


def test_what_the_files_take_away_waits_and_is_in_force_when_it_is_confirmed(starts: Starts) -> None:
    before = starts.start()
    starts.keep(before)
    starts.edit("      high: 150\n", "")
    resources = starts.start()
    live, edit = resources.live, resources.live.waiting
    assert live.config.hash == before.live.config.hash
    assert edit is not None
    assert live.faults[0].endswith(f"wardwatch config confirm {edit.hash}")
    assert live.faults[1].startswith("'high' of rule tachycardia (heart_rate) no longer holds for")
    starts.keep(resources)
    assert starts.start().live.waiting is not None, "the next start asks again"

    assert resources.guard is not None
    resources.guard.confirm(edit.hash, starts.clock.now())
    assert live.reload()
    assert (live.config.hash, live.waiting) == (edit.hash, None)
    starts.keep(resources)
    confirmed = starts.start().live
    assert (confirmed.config.hash, confirmed.waiting) == (edit.hash, None)


def test_a_limit_that_moved_waits_for_the_program_alerts_as_an_edit_does(starts: Starts) -> None:
    starts.keep(starts.start())
    starts.edit("medium: 130", "medium: 125")
    edit = starts.start().live.waiting
    assert edit is not None
    assert not edit.removed
    assert {rule for _, rule in edit.changed} == {"tachycardia"}


def test_an_edit_that_takes_nothing_away_is_in_force_at_a_start(starts: Starts) -> None:
    before = starts.start().live.config
    starts.keep(starts.start())
    starts.edit("ICU bed 1", "First bed", "ward.yaml")
    live = starts.start().live
    assert live.waiting is None
    assert not live.faults
    assert live.config.hash != before.hash


def test_files_with_faults_stop_no_start_where_a_config_is_kept(starts: Starts) -> None:
    before = starts.start()
    starts.keep(before)
    starts.edit("limits:", "limitz:")
    live = starts.start().live
    assert live.config.hash == before.live.config.hash
    assert any("limitz" in fault for fault in live.faults)
    assert live.waiting is None


def test_files_with_faults_stop_the_first_start_of_all(starts: Starts) -> None:
    starts.edit("limits:", "limitz:")
    with pytest.raises(ConfigError, match="limitz"):
        starts.start()


def test_without_confirmations_the_files_are_in_force(tmp_path: Path) -> None:
    starts = Starts(tmp_path, MemoryLog(), confirm_edits=False)
    starts.keep(starts.start())
    starts.edit("      high: 150\n", "")
    resources = starts.start()
    assert (resources.live.waiting, tuple(resources.live.faults)) == (None, ())
    starts.keep(resources)
    assert starts.records() == 2, "it is kept, so that confirmations can be turned on"


def test_an_override_that_ended_while_nothing_ran_is_no_question(starts: Starts) -> None:
    file = starts.folder / "thresholds.yaml"
    text = file.read_text(encoding="utf-8")
    override = """
  - where: {bed: icu-02}
    why: fever
    by: ward round
    until: "2026-01-01T00:00:00Z"
    set: {heart_rate: {above: {medium: 135}}}
"""
    file.write_text(text.rstrip() + override, encoding="utf-8")
    resources = starts.start()
    assert any(rule.overrides for rule in resources.live.config.rules)
    starts.keep(resources)
    starts.clock.step(400 * 86_400)
    live = starts.start().live
    assert (live.waiting, tuple(live.faults)) == (None, ())


def test_a_log_that_does_not_answer_does_not_stop_a_start_and_is_compared_when_it_does(starts: Starts) -> None:
    before = starts.start()
    starts.keep(before)
    starts.edit("      high: 150\n", "")
    log = starts.log
    assert isinstance(log, AwayLog)
    log.away = True
    resources = starts.start()
    keeper = starts.keep(resources)
    assert resources.live.config.hash != before.live.config.hash
    assert "were not compared with the config that was last in force (the log does not answer)" in keeper.problem()

    log.away = False
    assert starts.records() == 1, "nothing replaces what is kept before it was compared"
    keeper.step(0)
    assert resources.live.config.hash == before.live.config.hash
    assert resources.live.waiting is not None
    assert keeper.problem() == ""


@pytest.mark.parametrize("cut", [0, 1, 40, 300, -1])
def test_half_a_record_is_named_and_the_files_are_in_force(starts: Starts, cut: int) -> None:
    starts.keep(starts.start())
    ((_, value),) = [(0, value) for batch in starts.log.scan(Partition(CONFIG, 0)) for value in batch.values]
    starts.log.send(CONFIG, [(KEY, value[:cut])])
    resources = starts.start()
    keeper = ConfigKeeper(resources.log, resources.live, resources.last_config, starts.clock)
    keeper.step(0)
    assert "were not compared" in keeper.problem()
    assert resources.live.waiting is None
    starts.edit("ICU bed 1", "First bed", "ward.yaml")
    assert resources.live.reload()
    assert keeper.problem() == "", "an edit was compared with what is in force"


@pytest.mark.parametrize("damaged", [b"", b"\x00" * 30, b'{"v":2}', b'{"v":1,"hash":"a","at":1,"contents":"AAAA"}'])
def test_a_record_that_is_no_kept_config_is_a_wire_error(damaged: bytes) -> None:
    with pytest.raises(WireError):
        unpacked(damaged)


def test_a_record_of_any_contents_that_are_no_config_is_named(starts: Starts) -> None:
    config = starts.start().live.config
    wrong: list[dict[str, Any]] = [
        {}, {"ward.yaml": 5}, {**config.contents, "thresholds.yaml": {"old_key": {}}},
        {**config.contents, "alerts.yaml": {"channels": {"mail": {"urls": 7}}}},
    ]  # fmt: skip
    for contents in wrong:
        starts.log.send(CONFIG, [(KEY, packed(dataclasses.replace(config, contents=contents), 0))])
        resources = starts.start()
        assert resources.last_config.unknown, contents
        assert resources.live.config.hash == config.hash


def test_a_config_that_is_too_large_to_keep_is_named(starts: Starts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.runtime.kept_config.MOST_BYTES", 1000)
    keeper = starts.keep(starts.start())
    assert "cannot compare" in keeper.problem()
    assert starts.records() == 0


RULE = """\
  unusual-course:
    detector: learned
    label: Course unusual
    kind: technical
    signals: [heart_rate]
    every: 1s
    model: monitors
"""


@pytest.mark.parametrize(
    "content", [None, "", '{"format": 1, "sig', json.dumps(example_model("1s") | {"quantile": 0.9})]
)
def test_a_model_that_is_lost_or_damaged_before_a_start_stays_in_force_as_it_was(
    starts: Starts, content: str | None
) -> None:
    rules, file = starts.folder / "detectors.yaml", starts.folder / "models" / "monitors.json"
    rules.write_text(f"{rules.read_text(encoding='utf-8').rstrip()}\n{RULE}", encoding="utf-8")
    file.parent.mkdir()
    file.write_text(json.dumps(example_model("1s")), encoding="utf-8")
    before = starts.start()
    starts.keep(before)
    file.unlink()
    if content is not None:
        file.write_text(content, encoding="utf-8")
    live = starts.start().live
    (rule,) = (rule for rule in live.config.rules if rule.name == "unusual-course")
    assert rule.models["monitors"]["hash"] == example_model("1s")["hash"]
    assert live.config.hash == before.live.config.hash
    assert "models/monitors.json" in live.faults[0]


def test_what_is_kept_gives_the_same_config(starts: Starts) -> None:
    config = starts.start().live.config
    resources = starts.start()
    contents = unpacked(packed(config, 5))
    again = resources.last_config.made(contents)
    assert (again.hash, again.rules, again.alerting, again.codecs, watched(again)) == (
        config.hash, config.rules, config.alerting, config.codecs, watched(config),
    )  # fmt: skip


WRITTEN_OUT = "mailtos://user:Ganz-Geheim@mail.test/?to=a@b.test"


@pytest.mark.guarantee(
    "What the log keeps of the config has no address of a channel, no password and no value of a variable."
)
def test_no_address_or_password_is_kept_that_is_written_out(starts: Starts) -> None:
    starts.edit('["${WARDWATCH_MAIL_URL:-}"]', f'["{WRITTEN_OUT}", "${{WARDWATCH_MAIL_URL:-}}"]', "alerts.yaml")
    starts.edit('["${WARDWATCH_CHAT_URL:-}"]', f'["${{OTHER:-{WRITTEN_OUT}}}"]', "alerts.yaml")
    starts.edit("${WARDWATCH_GRAFANA_SENDER_PASSWORD:-}", "Ganz-Geheim", "alerts.yaml")
    resources = starts.start()
    starts.keep(resources)
    (record,) = log_messages(starts.log, CONFIG, KEPT_CONFIG_WIRE)
    kept = unpacked(KEPT_CONFIG_WIRE.encode(record))
    assert "Ganz-Geheim" not in json.dumps(kept)
    assert kept["alerts.yaml"]["channels"]["mail"]["urls"] == [None, "${WARDWATCH_MAIL_URL:-}"]
    starts.edit("      high: 150\n", "")
    waiting = starts.start().live
    assert waiting.waiting is not None
    assert waiting.config.alerting == resources.live.config.alerting, "the addresses are those of the file"


def test_a_password_is_that_of_the_file_now() -> None:
    contents = {"alerts.yaml": {"trusted_senders": {"a": {"password": "old"}, "b": {"password": "c"}}}}
    present = {"alerts.yaml": {"trusted_senders": {"a": {"password": "new"}}}}
    assert with_secrets(without_secrets(contents), present) == {
        "alerts.yaml": {"trusted_senders": {"a": {"password": "new"}, "b": {"password": ""}}}
    }


def test_an_address_that_the_file_lacks_now_is_empty() -> None:
    contents = {"alerts.yaml": {"channels": {"mail": {"urls": ["json://a", "${B}"]}, "chat": {"urls": ["json://c"]}}}}
    kept = without_secrets(contents)
    present = {"alerts.yaml": {"channels": {"chat": {"urls": ["json://d"]}, "mail": None}}}
    assert with_secrets(kept, present) == {
        "alerts.yaml": {"channels": {"mail": {"urls": ["", "${B}"]}, "chat": {"urls": ["json://d"]}}}
    }


@pytest.mark.parametrize(
    "contents",
    [{}, {"alerts.yaml": None}, {"alerts.yaml": []}, {"alerts.yaml": {"channels": []}},
     {"alerts.yaml": {"channels": {"mail": []}}},
     {"alerts.yaml": {"trusted_senders": {"a": {"password": [1]}, "b": 2}}},
     {"alerts.yaml": {"channels": {"mail": {"urls": {}}}}}],
)  # fmt: skip
def test_contents_of_any_shape_are_taken(contents: dict[str, object]) -> None:
    with_secrets(without_secrets(contents), contents)


def test_several_threads_that_need_an_engine_open_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    both_ask = threading.Event()

    def slowly(url: str, *_: object) -> MemoryLog:
        opened.append(url)
        both_ask.wait(0.2)
        return MemoryLog()

    monkeypatch.setattr("app.runtime.resources.open_log", slowly)
    monkeypatch.setattr("app.runtime.resources.open_store", slowly)
    copied(SHIPPED, tmp_path / "config")
    resources = Resources(Settings(data=tmp_path, config=tmp_path / "config", log_url="memory:"), environ=URLS)
    with ThreadPoolExecutor() as pool:
        logs = list(pool.map(lambda _: (resources.log, resources.store), range(4)))
    assert len(opened) == 2
    assert len(set(map(id, logs[0]))) == 2
    assert all(found == logs[0] for found in logs)
