"""Edits of the config while programs run: in force soon, or refused and reported. The clock is set by the tests."""

import logging
import os
from pathlib import Path

import pytest

from tests.config.config_reader import VALID, copied, loaded
from tests.config.reloader_harness import STEP, ReloaderHarness
from ward.clock import ManualClock, parse_instant
from ward.config.reloader import ConfigReloader
from ward.errors import ConfigError
from ward.metrics import Metrics


@pytest.fixture
def harness(tmp_path: Path) -> ReloaderHarness:
    return ReloaderHarness(tmp_path)


def test_an_edit_is_in_force_within_a_second(harness: ReloaderHarness) -> None:
    harness.edit("medium: 120", "medium: 125")

    assert harness.run() == pytest.approx(0.6)
    assert harness.limit() == 125
    assert harness.hash_metric == 1
    assert harness.reloader.faults == ()


def test_nothing_is_read_and_the_config_is_the_same_object_while_nothing_changes(harness: ReloaderHarness) -> None:
    (harness.directory / "thresholds.yaml").touch()

    assert harness.run(5) is None
    assert harness.reads == 0


def test_an_edit_without_a_change_of_content_keeps_the_same_object(harness: ReloaderHarness) -> None:
    harness.edit("limits:", "# a comment\nlimits:")

    assert harness.run() is None
    assert harness.reads == 1


def test_a_half_written_file_is_not_loaded(harness: ReloaderHarness) -> None:
    whole = (harness.directory / "thresholds.yaml").read_text(encoding="utf-8").replace("medium: 120", "medium: 125")
    for end in range(0, len(whole), 100):
        (harness.directory / "thresholds.yaml").write_text(whole[:end], encoding="utf-8")
        assert harness.run(STEP) is None
    assert harness.reads == 0
    (harness.directory / "thresholds.yaml").write_text(whole, encoding="utf-8")

    assert harness.run() is not None
    assert harness.limit() == 125
    assert harness.reloader.faults == ()


def test_a_file_that_an_editor_has_replaced_is_noticed(harness: ReloaderHarness) -> None:
    file, new = harness.directory / "thresholds.yaml", harness.directory / ".thresholds.yaml.swp"
    new.write_text(file.read_text(encoding="utf-8").replace("medium: 120", "medium: 125"), encoding="utf-8")
    file.rename(harness.directory / "thresholds.yaml~")
    assert harness.run(STEP) is None
    new.rename(file)

    assert harness.run() is not None
    assert harness.limit() == 125


def test_an_edit_within_the_resolution_of_the_file_systems_clock_is_noticed(harness: ReloaderHarness) -> None:
    file = harness.directory / "thresholds.yaml"
    before = file.stat()
    harness.edit("medium: 120", "medium: 121")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert harness.run() is not None


def test_a_faulty_edit_changes_nothing_and_is_reported(
    harness: ReloaderHarness, caplog: pytest.LogCaptureFixture
) -> None:
    before = harness.reloader.config
    harness.edit("medium: 120", "medum: 120")
    with caplog.at_level(logging.ERROR):
        assert harness.run(3) is None

    place = f"{harness.directory.as_posix()}/thresholds.yaml:5:57"
    assert harness.reloader.config is before
    assert harness.reloader.faults == (f"{place}: unknown key 'medum'; did you mean 'medium'?",)
    assert harness.number("wardwatch_config_last_reload_successful") == 0
    assert harness.hash_metric == 1
    assert caplog.messages == [
        f"the edited config is not taken; {before.hash} stays in force",
        f"{place}: unknown key 'medum'; did you mean 'medium'?",
    ]
    assert harness.reads == 1


def test_of_many_faults_the_first_are_listed_and_the_rest_are_counted(harness: ReloaderHarness) -> None:
    harness.edit("limits:", "".join(f"x{i}: 1\n" for i in range(70)) + "limits:")
    harness.run()

    assert len(harness.reloader.faults) == 51
    assert harness.reloader.faults[-1] == "and 20 more: wardwatch config check lists them all"


def test_a_corrected_edit_removes_the_faults(harness: ReloaderHarness) -> None:
    before = harness.reloader.config
    harness.edit("medium: 120", "medum: 120")
    harness.run()
    harness.edit("medum: 120", "medium: 120")
    harness.run()

    assert harness.reloader.faults == ()
    assert harness.reloader.config is before
    assert harness.number("wardwatch_config_last_reload_successful") == 1


@pytest.mark.guarantee("A config folder that is deleted changes nothing.")
def test_a_deleted_directory_changes_nothing(harness: ReloaderHarness) -> None:
    harness.directory.rename(harness.directory.parent / "elsewhere")
    assert harness.run(2) is None
    assert len(harness.reloader.faults) == 1

    (harness.directory.parent / "elsewhere").rename(harness.directory)
    harness.run()
    assert harness.reloader.faults == ()


def test_a_requested_reload_does_not_wait(harness: ReloaderHarness) -> None:
    harness.edit("medium: 120", "medium: 125")
    assert harness.reloader.reload()
    assert harness.limit() == 125

    harness.edit("medium: 125", "medium: x")
    assert not harness.reloader.reload()
    assert harness.limit() == 125


def test_a_signal_handler_requests_and_the_next_step_reloads(harness: ReloaderHarness) -> None:
    harness.edit("medium: 120", "medium: 125")
    harness.reloader.request_reload()
    assert harness.limit() == 120

    assert harness.reloader.step(0.001) == 1
    assert harness.limit() == 125


def test_only_the_hash_in_force_is_a_metric(harness: ReloaderHarness) -> None:
    harness.edit("medium: 120", "medium: 125")
    harness.run()

    assert [name for name in harness.metrics.samples() if name.startswith("wardwatch_config_info")] == [
        f'wardwatch_config_info{{hash="{harness.reloader.config.hash}"}}'
    ]


def until(harness: ReloaderHarness, instant: str) -> None:
    """Let the athlete's override end at an instant, and the clock be a minute before it."""
    harness.edit("by: ward round", f'by: ward round, until: "{instant}"')
    harness.run()
    harness.clock.step((parse_instant(instant) - harness.clock.now()) / 1e6 - 60)
    assert len(harness.reloader.config.rules[1].overrides) == 1


def test_an_override_ends_on_time_without_an_edit(harness: ReloaderHarness) -> None:
    until(harness, "2025-12-24T08:00:00Z")
    before = harness.reloader.config.hash

    assert harness.run(59.5) is None
    assert harness.run(1) is not None
    assert harness.reloader.config.rules[1].overrides == ()
    assert harness.reloader.config.hash != before
    assert len(harness.reloader.config.warnings) == 1
    assert harness.run(5) is None


def test_an_override_ends_on_time_also_while_the_files_have_faults(harness: ReloaderHarness) -> None:
    until(harness, "2025-12-24T08:00:00Z")
    before = harness.reloader.config.hash
    harness.edit("medium: 88", "medium: eighty")
    harness.run()

    assert harness.run(58) is None
    assert harness.run(2) is not None
    assert harness.reloader.config.rules[1].overrides == ()
    assert harness.reloader.config.hash != before
    assert len(harness.reloader.faults) == 1
    assert harness.number("wardwatch_config_last_reload_successful") == 0
    reads = harness.reads
    assert harness.run(5) is None
    assert harness.reads == reads


def test_a_config_with_faults_raises_at_the_start(tmp_path: Path) -> None:
    directory = copied(VALID, tmp_path / "config")
    (directory / "ward.yaml").unlink()

    with pytest.raises(ConfigError, match=r"ward.yaml:1:1: is missing"):
        ConfigReloader(directory, lambda now: loaded(directory, now=now), ManualClock(), Metrics())
