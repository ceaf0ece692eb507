"""The config of a valid directory."""

import re
from pathlib import Path

import pytest

from tests.config.config_reader import NOW, VALID, checked, copied, faults_of, loaded
from ward.clock import SECOND, parse_instant
from ward.finding import Kind, Severity
from ward.inventory import Place

DAY = 86400 * SECOND


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return copied(VALID, tmp_path / "config")


def edit(directory: Path, name: str, old: str, new: str) -> None:
    text = (directory / name).read_text(encoding="utf-8")
    assert old in text
    (directory / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def at(bed: str, patient: str = "") -> Place:
    return Place(ward="icu", bed=bed, patient=patient, device_kind="monitor")


def test_each_side_of_each_signal_is_a_rule_with_the_files_settings() -> None:
    rules = {rule.name: rule for rule in loaded(VALID).rules}

    assert set(rules) == {"tachycardia", "bradycardia", "desaturation", "room_drift"}
    assert rules["tachycardia"].signals == ("heart_rate",)
    assert rules["tachycardia"].kind is Kind.PHYSIOLOGICAL
    resolved = rules["tachycardia"].resolve("mon-1", at("icu-01"))
    assert resolved is not None
    assert resolved.params.model_dump() == {
        "side": "high", "low": None, "medium": 120.0, "high": 150.0, "hysteresis": 5.0,
    }  # fmt: skip
    assert (resolved.decision.for_, resolved.decision.keep_firing_for, resolved.decision.clear_below) == (
        10.0,
        10.0,
        0.0,
    )


def test_the_delay_of_a_side_replaces_the_default_of_the_file() -> None:
    rules = {rule.name: rule for rule in loaded(VALID).rules}
    resolved = rules["desaturation"].resolve("mon-1", at("icu-01"))

    assert resolved is not None
    assert (resolved.decision.for_, resolved.decision.keep_firing_for) == (15.0, 10.0)


def test_a_rule_of_any_detector_has_its_decision_and_its_parameters() -> None:
    rule = next(rule for rule in loaded(VALID).rules if rule.name == "room_drift")
    resolved = rule.resolve("log-1", Place(ward="imaging", device_kind="logger"))

    assert resolved is not None
    assert resolved.decision.severity == {Severity.LOW: 1.0}
    assert resolved.decision.every == 3600
    assert resolved.params.model_dump() == {"limit": 5.0, "slack": 0.5, "on": "values", "count": 3}


def test_an_override_applies_to_its_devices_and_has_reason_and_author() -> None:
    rule = next(rule for rule in loaded(VALID).rules if rule.name == "bradycardia")
    athlete, other = rule.resolve("mon-2", at("icu-02", "P-2")), rule.resolve("mon-1", at("icu-01", "P-1"))

    assert athlete is not None
    assert other is not None
    assert (athlete.params.model_dump()["medium"], athlete.why, athlete.by) == (40.0, "athlete", "ward round")
    assert (other.params.model_dump()["medium"], other.why, other.by) == (45.0, "", "")


def test_an_unregistered_device_has_the_limits_of_all_devices() -> None:
    resolved = loaded(VALID).rules[0].resolve("x7", Place(ward="w1", known=False))

    assert resolved is not None
    assert resolved.params.model_dump()["medium"] == 120.0


def test_the_inventory_knows_where_each_device_is_and_for_whom() -> None:
    inventory = loaded(VALID).inventory

    assert inventory.place("mon-2", NOW) == at("icu-02", "P-2")
    assert inventory.place("log-2", NOW) == Place(ward="imaging", device_kind="logger", attached="MRI-1")
    assert inventory.expected("mon-1") == {"heart_rate": 2.0, "spo2": 2.0}
    assert inventory.label("icu-02") == "ICU bed 2"


def test_an_override_applies_until_the_end_of_its_last_day(config: Path) -> None:
    edit(config, "thresholds.yaml", "by: ward round", "by: ward round, until: 2025-11-30")
    end = parse_instant("2025-12-01T00:00:00Z")

    before, after = loaded(config, now=end - 1), loaded(config, now=end)

    assert before.expires == end
    assert len(before.rules[1].overrides) == 1
    assert after.expires is None
    assert after.rules[1].overrides == ()
    assert [fault.warning for fault in after.warnings] == [True]
    assert before.hash != after.hash


def test_a_rule_that_is_invalid_after_an_override_ends_is_a_fault_now(config: Path) -> None:
    until_then = "{where: {ward: icu}, until: 2025-12-24, why: w, by: b, set: {heart_rate: {below: {medium: 60}}}}"
    for_good = "{where: {ward: icu}, why: w, by: b, set: {heart_rate: {below: {high: 50}}}}"
    edit(config, "thresholds.yaml", "overrides:\n", f"overrides:\n  - {until_then}\n  - {for_good}\n")
    edit(config, "thresholds.yaml", "{medium: 40}", "{medium: 55}")

    assert faults_of(config) == [
        "thresholds.yaml:11:74: bands in the wrong order: high 50 must be under medium 45 (for mon-1 at ICU bed 1)"
    ]


def test_the_hash_depends_on_content_and_not_on_layout(config: Path) -> None:
    before = loaded(config).hash
    text = (config / "thresholds.yaml").read_text(encoding="utf-8")
    (config / "thresholds.yaml").write_text(
        f"# new\n\n{text.replace('medium: 88, high: 85', 'high: 85.0,   medium: 88')}"
    )

    assert re.fullmatch("[0-9a-f]{12}", before)
    assert loaded(config).hash == before
    edit(config, "thresholds.yaml", "medium: 88", "medium: 87")
    assert loaded(config).hash != before


def test_the_hash_depends_on_the_order_of_signals_and_topics(config: Path) -> None:
    before = loaded(config).hash
    lines = (config / "signals.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    (config / "signals.yaml").write_text("".join(reversed(lines)), encoding="utf-8")

    assert loaded(config).hash != before


def test_addresses_come_from_the_environment_and_are_in_no_message_and_no_hash(config: Path) -> None:
    edit(config, "alerts.yaml", "json://127.0.0.1:9/", "${WARD_MAIL:-}")
    secret = "mailto://ward:hunter2@mail.test"

    without, with_it = loaded(config), loaded(config, {"WARD_MAIL": secret})

    assert [url.get_secret_value() for url in with_it.alerting.channels[0].urls] == [secret]
    assert [str(w).partition(" ")[2] for w in without.warnings] == [
        "warning: channel 'mail' has no address: it notifies nobody"
    ]
    assert with_it.warnings == ()
    assert without.alerting.channels[0].urls == ()
    assert without.hash == with_it.hash
    assert "hunter2" not in repr(with_it)


@pytest.mark.parametrize("url", ["jsno://ward:hunter2@x", "hunter2", "${A}", '["hunter2"]', "!hunter2"])
def test_no_fault_contains_an_address(config: Path, url: str) -> None:
    if url.startswith("!"):
        edit(config, "alerts.yaml", '["json://127.0.0.1:9/"]', url[1:])
    else:
        edit(config, "alerts.yaml", '"json://127.0.0.1:9/"', url if url.startswith("[") else f'"{url}"')
    faults = checked(config, {"A": "nonsense://hunter2@x"})

    assert any(not fault.warning for fault in faults)
    assert "hunter2" not in str(faults)


def test_the_value_of_a_variable_is_text_and_not_yaml(config: Path) -> None:
    edit(config, "alerts.yaml", "route:", "external_url: ${URL} $${X}\nroute:")

    assert loaded(config, {"URL": "[a, *b] # c"}).alerting.external_url == "[a, *b] # c ${X}"


def test_one_file_of_rules_is_enough_and_none_is_a_warning(config: Path) -> None:
    (config / "detectors.yaml").unlink()
    assert faults_of(config) == []

    (config / "thresholds.yaml").write_text("{}", encoding="utf-8")
    assert [str(w).partition(" ")[2] for w in loaded(config).warnings] == [
        "warning: there is no rule: no signal is monitored"
    ]


def test_keys_without_a_value_count_as_left_out(config: Path) -> None:
    edit(config, "thresholds.yaml", "overrides:\n", "overrides:\n#")
    edit(config, "ward.yaml", "    name: Imaging\n", "    name: Imaging\n    beds:\n")

    assert faults_of(config) == []


def test_a_faulty_entry_neither_hides_nor_causes_other_faults(config: Path) -> None:
    edit(config, "ward.yaml", "icu-02: {label: ICU bed 2", "icu-02: {lable: ICU bed 2")
    edit(config, "ward.yaml", "mon-1: {device_kind: monitor", "mon-1: {device_kind: monitr")

    assert [line.partition(" ")[2] for line in faults_of(config)] == [
        "'label' is missing",
        "unknown key 'lable'; did you mean 'label'?",
        "there is no device kind 'monitr'; did you mean 'monitor'?",
    ]


def test_overrides_are_checked_in_the_order_in_which_they_apply(config: Path) -> None:
    edit(config, "thresholds.yaml", "{medium: 40}", "{medium: 44, high: 42}")
    text = (config / "thresholds.yaml").read_text(encoding="utf-8")
    later = "  - {where: {ward: icu}, why: quiet, by: ops, set: {heart_rate: {below: {medium: 40}}}}\n"
    (config / "thresholds.yaml").write_text(text + later, encoding="utf-8")

    assert faults_of(config) == []


def test_no_text_of_a_file_can_forge_lines_of_the_report(config: Path) -> None:
    assignments = '[{bed: "x\\nward.yaml:1:1: y"}, {ward: icu}]'
    edit(
        config,
        "ward.yaml",
        "mon-1: {device_kind: monitor, bed: icu-01}",
        f'"mon\\t1\\e[31m": {{device_kind: monitor, assignments: {assignments}}}',
    )

    found = faults_of(config)

    assert len(found) == 3
    assert all(line.isprintable() for line in found)


def test_thousands_of_unknown_names_are_reported_with_a_limited_number_of_guesses(config: Path) -> None:
    beds = "".join(f"  d{i}: {{device_kind: monitor, bed: bed-{i}}}\n" for i in range(5000))
    edit(config, "ward.yaml", "devices:\n", f"devices:\n{beds}")

    found = faults_of(config)

    assert len(found) == 5000
    assert sum("did you mean" in fault or "known here" in fault for fault in found) > 50
