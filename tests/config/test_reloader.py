"""Edits while the ward runs: in force soon, or not at all and said so. No test waits: the clock is told."""

import logging
import os
from pathlib import Path

import pytest

from tests.config.config_reader import SOUND, copied, loaded
from ward.clock import ManualClock, parse_instant
from ward.config.config import Config
from ward.config.reloader import ConfigReloader
from ward.errors import ConfigError
from ward.metrics import Metrics

STEP = 0.2  # how often a runner asks a part


class Ward:
    """A config directory, watched."""

    def __init__(self, tmp_path: Path) -> None:
        self.directory = copied(SOUND, tmp_path / "config")
        self.clock, self.metrics, self.reads = ManualClock(), Metrics(), 0
        self.watched = ConfigReloader(self.directory, self._read, self.clock, self.metrics)
        self.reads = 0

    def _read(self, now: int) -> Config:
        self.reads += 1
        return loaded(self.directory, now=now)

    def edit(self, old: str, new: str, name: str = "thresholds.yaml") -> None:
        file = self.directory / name
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def run(self, seconds: float = 1.0) -> float | None:
        """Let steps pass; when the config became another one, in seconds, or None."""
        before, passed = self.watched.config, 0.0
        while passed < seconds:
            self.clock.advance(STEP)
            passed += STEP
            self.watched.step(0)
            if self.watched.config is not before:
                return passed
        return None

    def limit(self) -> object:
        return self.watched.config.rules[0].settings["medium"]

    def number(self, name: str) -> float | None:
        return self.metrics.numbers().get(name)

    @property
    def hash_metric(self) -> float | None:
        return self.number(f'wardwatch_config_info{{hash="{self.watched.config.hash}"}}')


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


def test_an_edit_is_in_force_within_a_second(ward: Ward) -> None:
    ward.edit("medium: 120", "medium: 125")

    assert ward.run() == pytest.approx(0.6)
    assert ward.limit() == 125
    assert ward.hash_metric == 1
    assert ward.watched.faults == ()


def test_nothing_is_read_and_the_config_is_the_same_object_while_nothing_changes(ward: Ward) -> None:
    (ward.directory / "thresholds.yaml").touch()

    assert ward.run(5) is None
    assert ward.reads == 0


def test_an_edit_that_says_the_same_keeps_the_same_object(ward: Ward) -> None:
    ward.edit("limits:", "# a comment\nlimits:")

    assert ward.run() is None
    assert ward.reads == 1


def test_a_file_that_is_still_being_written_is_not_taken(ward: Ward) -> None:
    whole = (ward.directory / "thresholds.yaml").read_text(encoding="utf-8").replace("medium: 120", "medium: 125")
    for end in range(0, len(whole), 100):
        (ward.directory / "thresholds.yaml").write_text(whole[:end], encoding="utf-8")
        assert ward.run(STEP) is None
    assert ward.reads == 0
    (ward.directory / "thresholds.yaml").write_text(whole, encoding="utf-8")

    assert ward.run() is not None
    assert ward.limit() == 125
    assert ward.watched.faults == ()


def test_an_editor_that_puts_a_new_file_in_the_old_ones_place_is_seen(ward: Ward) -> None:
    file, new = ward.directory / "thresholds.yaml", ward.directory / ".thresholds.yaml.swp"
    new.write_text(file.read_text(encoding="utf-8").replace("medium: 120", "medium: 125"), encoding="utf-8")
    file.rename(ward.directory / "thresholds.yaml~")
    assert ward.run(STEP) is None
    new.rename(file)

    assert ward.run() is not None
    assert ward.limit() == 125


def test_an_edit_of_one_digit_in_the_same_tick_of_the_file_systems_clock_is_seen(ward: Ward) -> None:
    file = ward.directory / "thresholds.yaml"
    before = file.stat()
    ward.edit("medium: 120", "medium: 121")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert ward.run() is not None


def test_a_broken_edit_changes_nothing_and_says_so(ward: Ward, caplog: pytest.LogCaptureFixture) -> None:
    before = ward.watched.config
    ward.edit("medium: 120", "medum: 120")
    with caplog.at_level(logging.ERROR):
        assert ward.run(3) is None

    place = f"{ward.directory.as_posix()}/thresholds.yaml:5:57"
    assert ward.watched.config is before
    assert ward.watched.faults == (f"{place}: unknown key 'medum'; did you mean 'medium'?",)
    assert ward.number("wardwatch_config_last_reload_successful") == 0
    assert ward.hash_metric == 1
    assert caplog.messages == [
        f"the new config has a fault; {before.hash} stays in force",
        f"{place}: unknown key 'medum'; did you mean 'medium'?",
    ]
    assert ward.reads == 1


def test_of_very_many_faults_the_first_are_kept_and_the_rest_counted(ward: Ward) -> None:
    ward.edit("limits:", "".join(f"x{i}: 1\n" for i in range(70)) + "limits:")
    ward.run()

    assert len(ward.watched.faults) == 51
    assert ward.watched.faults[-1] == "and 20 more: wardwatch config check lists them all"


def test_a_mended_edit_takes_the_faults_away(ward: Ward) -> None:
    before = ward.watched.config
    ward.edit("medium: 120", "medum: 120")
    ward.run()
    ward.edit("medum: 120", "medium: 120")
    ward.run()

    assert ward.watched.faults == ()
    assert ward.watched.config is before
    assert ward.number("wardwatch_config_last_reload_successful") == 1


def test_a_directory_that_is_gone_changes_nothing(ward: Ward) -> None:
    ward.directory.rename(ward.directory.parent / "elsewhere")
    assert ward.run(2) is None
    assert len(ward.watched.faults) == 1

    (ward.directory.parent / "elsewhere").rename(ward.directory)
    ward.run()
    assert ward.watched.faults == ()


def test_a_reload_that_is_asked_for_does_not_wait(ward: Ward) -> None:
    ward.edit("medium: 120", "medium: 125")
    assert ward.watched.reload()
    assert ward.limit() == 125

    ward.edit("medium: 125", "medium: x")
    assert not ward.watched.reload()
    assert ward.limit() == 125


def test_a_signal_handler_only_asks_and_the_next_step_reloads(ward: Ward) -> None:
    ward.edit("medium: 120", "medium: 125")
    ward.watched.ask()
    assert ward.limit() == 120

    assert ward.watched.step(0.001) == 1
    assert ward.limit() == 125


def test_only_the_hash_in_force_is_shown(ward: Ward) -> None:
    ward.edit("medium: 120", "medium: 125")
    ward.run()

    assert [name for name in ward.metrics.numbers() if name.startswith("wardwatch_config_info")] == [
        f'wardwatch_config_info{{hash="{ward.watched.config.hash}"}}'
    ]


def until(ward: Ward, instant: str) -> None:
    """Let the athlete's override end at an instant, and the clock be a minute before it."""
    ward.edit("by: ward round", f'by: ward round, until: "{instant}"')
    ward.run()
    ward.clock.step((parse_instant(instant) - ward.clock.now()) / 1e6 - 60)
    assert len(ward.watched.config.rules[1].overrides) == 1


def test_an_override_ends_on_time_without_an_edit(ward: Ward) -> None:
    until(ward, "2025-12-24T08:00:00Z")
    before = ward.watched.config.hash

    assert ward.run(59.5) is None
    assert ward.run(1) is not None
    assert ward.watched.config.rules[1].overrides == ()
    assert ward.watched.config.hash != before
    assert len(ward.watched.config.warnings) == 1
    assert ward.run(5) is None


def test_an_override_ends_on_time_even_while_the_files_are_broken(ward: Ward) -> None:
    until(ward, "2025-12-24T08:00:00Z")
    before = ward.watched.config.hash
    ward.edit("medium: 88", "medium: eighty")
    ward.run()

    assert ward.run(58) is None
    assert ward.run(2) is not None
    assert ward.watched.config.rules[1].overrides == ()
    assert ward.watched.config.hash != before
    assert len(ward.watched.faults) == 1
    assert ward.number("wardwatch_config_last_reload_successful") == 0
    reads = ward.reads
    assert ward.run(5) is None
    assert ward.reads == reads


def test_nothing_starts_on_a_config_with_faults(tmp_path: Path) -> None:
    directory = copied(SOUND, tmp_path / "config")
    (directory / "ward.yaml").unlink()

    with pytest.raises(ConfigError, match=r"ward.yaml:1:1: is missing"):
        ConfigReloader(directory, lambda now: loaded(directory, now=now), ManualClock(), Metrics())
