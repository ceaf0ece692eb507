"""An edit that takes watch over a patient away, or could end an alert, waits; every other one is in force at once."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.config.config_reader import VALID, copied, loaded
from tests.config.reloader_harness import ReloaderHarness
from tests.kit.examples import examples
from tests.kit.guarantees import Figure
from ward.clock import ManualClock
from ward.config.config import Config
from ward.config.edit_guard import EditGuard
from ward.config.reloader import CONFIRMED_WITHIN
from ward.config.watch_changes import changed_rules, removed_watch
from ward.errors import ConfigError

NOW = ManualClock().now()
Edit = Callable[[str], str]


def nobody_lost(_old: Config, _new: Config, _now: int) -> Sequence[str]:
    return ()


def replaced(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edit


def edited(tmp_path: Path, name: str, edit: Edit, override: bool = True) -> tuple[Config, Config]:
    """The valid config, with or without its override for patient P-2, and the same with one file edited."""
    file = copied(VALID, tmp_path / "config") / name
    limits = file.parent / "thresholds.yaml"
    if not override:
        limits.write_text(limits.read_text(encoding="utf-8").partition("overrides:")[0], encoding="utf-8")
    old = loaded(file.parent)
    file.write_text(edit(file.read_text(encoding="utf-8")), encoding="utf-8")
    return old, loaded(file.parent)


@pytest.mark.parametrize(
    ("name", "edit", "sentence"),
    [
        ("thresholds.yaml", replaced(", high: 150", ""),
         "'high' of rule tachycardia (heart_rate) no longer holds for 2 devices (mon-1, mon-2)"),
        ("thresholds.yaml", replaced("    below: {alert: bradycardia, label: Slow heart rate, medium: 45, high: 35, "
         "loosest: 30}\n", ""), "rule bradycardia (heart_rate) is removed"),
        ("thresholds.yaml", replaced("{alert: tachycardia,", "{where: {bed: icu-01}, alert: tachycardia,"),
         "rule tachycardia (heart_rate) no longer holds for device mon-2"),
        ("thresholds.yaml", replaced("above: {alert: tachycardia,", "above: {alert: tachycardia, kind: technical,"),
         "rule tachycardia (heart_rate) is removed"),
        ("thresholds.yaml", lambda text: text[: text.index("overrides:")],
         "the override of rule bradycardia (heart_rate) for patient P-2 (athlete) is removed"),
        ("ward.yaml", replaced("  mon-2: {device_kind: monitor, bed: icu-02}\n", ""),
         "device mon-2 of ICU bed 2 is removed"),
        ("ward.yaml", replaced("monitor, bed: icu-02}", "monitor, ward: icu}"),
         "ICU bed 2 has a patient and no device any more"),
        ("ward.yaml", replaced("heart_rate: 2s, spo2: 2s", "heart_rate: 2s"),
         "Monitor: signal spo2 is no longer expected"),
        ("signals.yaml", replaced("[15, 300]", "[15, 180]"),
         "Heart rate: values outside 15 to 180 become implausible and are not evaluated; until now 15 to 300"),
        ("bridge.yaml", replaced("ward/+/+/readings", "ward/icu/+/readings"),
         "MQTT topics ward/+/+/readings are no longer read"),
        ("bridge.yaml", replaced("root: ward\ntopics:\n  ward/", "root: clinic\ntopics:\n  clinic/"),
         "MQTT topics below ward/ are no longer read, but those below clinic/"),
    ],
)  # fmt: skip
def test_what_an_edit_takes_away_is_said(tmp_path: Path, name: str, edit: Edit, sentence: str) -> None:
    old, new = edited(tmp_path, name, edit, override="override" in sentence)
    assert sentence in removed_watch(old, new, NOW)


def test_a_bed_that_is_removed_with_its_device_is_said(tmp_path: Path) -> None:
    def without_bed(text: str) -> str:
        return "".join(line for line in text.splitlines(True) if "icu-02" not in line)

    old, new = edited(tmp_path, "ward.yaml", without_bed, override=False)
    assert removed_watch(old, new, NOW) == ("bed icu-02 (ICU bed 2) is removed",)
    assert ("mon-2", "tachycardia") in changed_rules(old, new, NOW)


def test_a_changed_rule_about_beds_counts_for_alerts_that_have_no_device(tmp_path: Path) -> None:
    score = "  score: {detector: chart, label: Score, kind: physiological, high: 7}\n"
    file = copied(VALID, tmp_path / "config") / "detectors.yaml"
    file.write_text(file.read_text(encoding="utf-8") + score, encoding="utf-8")
    old = loaded(file.parent)
    for edit, removed in ((replaced("high: 7", "high: 8"), False), (replaced(score, ""), True)):
        file.write_text(edit(file.read_text(encoding="utf-8")), encoding="utf-8")
        new = loaded(file.parent)
        assert ("", "score") in changed_rules(old, new, NOW)
        assert ("rule score is removed" in removed_watch(old, new, NOW)) == removed
        file.write_text((VALID / "detectors.yaml").read_text(encoding="utf-8") + score, encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("thresholds.yaml", replaced("limits:", "# nothing\nlimits:")),
        ("ward.yaml", replaced("{label: ICU bed 1,", "{label: Bed one,")),
        ("ward.yaml", replaced("  mon-1:", "  mon-3: {device_kind: monitor, ward: icu}\n  mon-1:")),
        ("ward.yaml", replaced("patient: P-1", "patient: P-9")),
        ("detectors.yaml", replaced("limit: 5", "limit: 6")),
        ("signals.yaml", replaced("[15, 300]", "[10, 310]")),
        ("bridge.yaml", replaced("  loggers/+: humidity_logger", "  loggers/+: humidity_logger\n  more/+: native")),
    ],
)
def test_an_edit_that_takes_nothing_away_does_not_wait(tmp_path: Path, name: str, edit: Edit) -> None:
    old, new = edited(tmp_path, name, edit)
    assert EditGuard(nobody_lost).check(old, new, NOW) is None


def test_a_limit_that_moves_is_a_change_and_no_removal(tmp_path: Path) -> None:
    old, new = edited(tmp_path, "thresholds.yaml", replaced("medium: 120", "medium: 125"))
    assert removed_watch(old, new, NOW) == ()
    assert changed_rules(old, new, NOW) == {("mon-1", "tachycardia"), ("mon-2", "tachycardia")}


def test_a_change_at_one_patients_override_concerns_only_the_device_of_that_patient(tmp_path: Path) -> None:
    old, new = edited(tmp_path, "thresholds.yaml", replaced("medium: 40", "medium: 38"))
    assert changed_rules(old, new, NOW) == {("mon-2", "bradycardia")}


@pytest.mark.guarantee("A config file that is cut off anywhere, and is still valid, takes no watch away unseen.")
def test_a_file_that_is_cut_off_and_still_valid_waits(tmp_path: Path, figure: Figure) -> None:
    directory, guard, waiting, cuts = copied(VALID, tmp_path / "config"), EditGuard(nobody_lost), 0, 0
    old = loaded(directory)
    for name in ("thresholds.yaml", "ward.yaml", "bridge.yaml", "signals.yaml"):
        file = directory / name
        whole = file.read_text(encoding="utf-8")
        for end in range(0, len(whole), examples(7, 1)):
            file.write_text(whole[:end], encoding="utf-8")
            try:
                new = loaded(directory)
            except ConfigError:
                continue
            cuts += 1
            if new.hash != old.hash and watched(new) != watched(old):
                edit = guard.check(old, new, NOW)
                assert edit is not None, whole[:end]
                waiting += 1
        file.write_text(whole, encoding="utf-8")
    assert waiting > 5
    figure(f"{waiting} of {cuts} valid cuts take something away, and all of these wait")


def watched(config: Config) -> object:
    """What is watched: by device, each rule about patients with its text; beds, topics, expected signals."""
    inventory = config.inventory
    return (
        {(device, rule.name): found.text for rule in config.rules for device in inventory.devices
         if str(rule.kind) == "physiological" and (found := rule.resolve(device, inventory.place(device, NOW)))},
        {device: inventory.place(device, NOW).bed for device in inventory.devices if inventory.place(device, NOW).bed},
        {codec.filter for codec in config.codecs},
        {name: dict(kind.signals) for name, kind in inventory.device_kinds.items() if name == "monitor"},
    )  # fmt: skip


@pytest.fixture
def guard() -> EditGuard:
    return EditGuard(nobody_lost)


@pytest.fixture
def harness(tmp_path: Path, guard: EditGuard) -> ReloaderHarness:
    return ReloaderHarness(tmp_path, guard)


def test_a_waiting_edit_is_reported_and_taken_when_it_is_confirmed(harness: ReloaderHarness, guard: EditGuard) -> None:
    harness.edit("    below: {alert: desaturation, label: Low oxygen saturation, medium: 88, high: 85, for: 15s}",
                 "    {}")  # fmt: skip
    assert harness.run(5) is None
    edit = harness.reloader.waiting
    assert edit is not None
    assert list(harness.reloader.faults) == [
        f"edit {edit.hash} takes watch over patients away and waits for a confirmation: "
        f"wardwatch config confirm {edit.hash}",
        "rule desaturation (spo2) is removed",
    ]
    assert harness.number("wardwatch_config_last_reload_successful") == 0

    guard.confirm(edit.hash, harness.clock.now())
    harness.reloader.request_reload()
    assert harness.run() is not None
    assert (harness.reloader.config.hash, harness.reloader.waiting) == (edit.hash, None)
    assert not harness.reloader.faults


def test_an_edit_that_is_undone_waits_no_more(harness: ReloaderHarness) -> None:
    before = harness.reloader.config
    harness.edit(", high: 150", "")
    harness.run()
    assert harness.reloader.waiting is not None
    harness.edit("medium: 120", "medium: 120, high: 150")
    harness.run()
    assert harness.reloader.waiting is None
    assert not harness.reloader.faults
    assert harness.reloader.config is before


def test_a_confirmation_holds_for_this_edit_and_for_minutes(harness: ReloaderHarness, guard: EditGuard) -> None:
    harness.edit(", high: 150", "")
    harness.run()
    assert harness.reloader.waiting is not None
    guard.confirm(harness.reloader.waiting.hash, harness.clock.now())
    harness.clock.advance(16 * 60)
    assert not harness.reloader.reload()
    guard.confirm("another", harness.clock.now())
    assert not harness.reloader.reload()


def test_a_harmless_edit_is_in_force_within_a_second_with_the_guard_too(harness: ReloaderHarness) -> None:
    harness.edit("ICU bed 1", "Bed one", "ward.yaml")
    assert harness.run() == pytest.approx(0.6)


def test_an_override_that_ends_on_time_is_no_edit(harness: ReloaderHarness, guard: EditGuard) -> None:
    harness.edit("by: ward round", 'by: ward round, until: "2025-12-24T08:00:00Z"')
    harness.run()
    assert [len(rule.overrides) for rule in harness.reloader.config.rules] == [0, 1, 0, 0]
    harness.clock.step(40 * 86_400)
    assert harness.run() is not None
    assert [len(rule.overrides) for rule in harness.reloader.config.rules] == [0, 0, 0, 0]
    assert harness.reloader.waiting is None
    assert not harness.reloader.faults


def test_what_alerts_confirms_by_itself_releases_no_edit_that_takes_watch_away(
    tmp_path: Path, guard: EditGuard
) -> None:
    """Programs may have different configs in force: what only changes a rule in one removes it in another."""
    old, new = edited(tmp_path, "thresholds.yaml", replaced(", high: 150", ""))
    guard.confirm(new.hash, NOW, automatic=True)
    assert guard.check(old, new, NOW) is not None
    guard.confirm(new.hash, NOW)
    assert guard.check(old, new, NOW) is None


def test_several_removed_beds_are_named_in_one_order(tmp_path: Path) -> None:
    """Every program has the same sentences, whatever order its sets have."""
    directory = copied(VALID, tmp_path / "config")
    limits, ward = directory / "thresholds.yaml", directory / "ward.yaml"
    limits.write_text(limits.read_text(encoding="utf-8").partition("overrides:")[0], encoding="utf-8")
    beds = "".join(f"      icu-{n:02}: {{label: ICU bed {n}}}\n" for n in range(3, 30))
    before = ward.read_text(encoding="utf-8")
    ward.write_text(before.replace("  imaging:\n    name", f"{beds}  imaging:\n    name", 1), encoding="utf-8")
    old = loaded(directory)
    ward.write_text(before, encoding="utf-8")
    found = removed_watch(old, loaded(directory), NOW)
    assert len(found) == 27
    assert list(found) == sorted(found)


def test_a_corrected_typo_that_changes_a_rule_waits_without_the_faults_of_the_typo(harness: ReloaderHarness) -> None:
    harness.edit("medium: 120", "medum: 120")
    harness.run()
    assert len(harness.reloader.faults) == 1
    harness.edit("medum: 120", "medium: 125")
    harness.run(2)
    assert harness.reloader.waiting is not None
    assert not harness.reloader.faults
    harness.run(CONFIRMED_WITHIN)
    assert list(harness.reloader.faults) == harness.reloader.waiting.lines()


def test_a_typo_after_an_edit_that_waits_is_a_fault_and_nothing_waits(harness: ReloaderHarness) -> None:
    harness.edit(", high: 150", "")
    harness.run()
    assert harness.reloader.waiting is not None
    harness.edit("medium: 120", "medum: 120")
    harness.run()
    assert harness.reloader.waiting is None
    assert any("unknown key" in fault for fault in harness.reloader.faults)
