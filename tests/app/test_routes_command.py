"""`wardwatch routes show` and `routes test`: who would be notified, and why."""

from pathlib import Path

import pytest

from tests.app.calling import ADDRESSES, SHIPPED, call
from tests.app.live_ward import LiveWard
from tests.config.config_reader import copied

HIGH = ("alertname=desaturation", "bed=icu-07", "severity=high")


def line(output: str, head: str) -> str:
    """The text after the first heading of that name."""
    return next((text[len(head) :].strip() for text in output.splitlines() if text.startswith(head)), "")


def test_a_high_alert_of_a_patient_goes_to_the_nurses_and_then_to_the_physician() -> None:
    found = call("routes", "test", *HIGH)
    assert found.exit_code == 0
    assert line(found.stdout, "route") == 'root > kind="physiological", severity="high"'
    assert line(found.stdout, "receiver") == "nurses: chat, mail"
    assert line(found.stdout, "group") == 'nurses{bed="icu-07",ward="icu"}'
    assert line(found.stdout, "escalation") == "after 2 min also on_call: sms, mail"
    assert line(found.stdout, "result") == "notified: nurses; later, if not acknowledged: on_call"


def test_labels_are_derived_from_the_config_unless_exact() -> None:
    found = call("routes", "test", *HIGH)
    assert "derived    kind=physiological, from rule desaturation" in found.stdout
    assert "derived    ward=icu, from bed icu-07" in found.stdout
    exact = call("routes", "test", *HIGH, "--exact")
    assert "filled in" not in exact.stdout
    assert line(exact.stdout, "route") == "root"


def test_given_labels_are_not_replaced_by_derived_ones() -> None:
    found = call("routes", "test", *HIGH, "ward=medical", "kind=technical")
    assert 'kind="technical"' in line(found.stdout, "alert")
    assert 'ward="medical"' in line(found.stdout, "alert")
    assert "derived    ward" not in found.stdout


def test_the_bed_is_derived_from_the_device() -> None:
    found = call("routes", "test", "alertname=signal-missing", "device_id=mon-icu-07", "severity=medium")
    assert "derived    bed=icu-07, from device mon-icu-07" in found.stdout
    assert line(found.stdout, "result") == "notified: nurses"


def test_the_self_monitoring_alerts_are_known() -> None:
    found = call("routes", "test", "alertname=program-silent", "program=bridge", "severity=high", "kind=technical")
    assert line(found.stdout, "result") == "notified: nurses_and_technicians"
    assert "warning" not in found.stdout


def test_inhibitions_are_shown() -> None:
    mild = call("routes", "test", "alertname=desaturation", "bed=icu-07", "severity=medium")
    assert line(mild.stdout, "inhibited") == (
        'while an alert with severity="high" and the same device_id=mon-icu-07, metric=spo2, '
        "kind=physiological is active"
    )
    assert line(call("routes", "test", *HIGH).stdout, "inhibited") == ""


def test_it_fails_when_only_the_ward_screen_shows_the_alert() -> None:
    found = call("routes", "test", "kind=technical", "severity=low")
    assert found.exit_code == 1
    assert line(found.stdout, "result") == "nobody would be notified: only the ward screen shows it"


def test_it_fails_when_no_channel_has_an_address() -> None:
    found = call("routes", "test", *HIGH, **dict.fromkeys(ADDRESSES))
    assert found.exit_code == 1
    assert line(found.stdout, "receiver") == "nurses: chat (no address), mail (no address)"
    assert line(found.stdout, "result") == (
        "nobody would be notified: chat, mail, sms have no address in the environment of this command; with --live a "
        "running Wardwatch is asked"
    )


def test_a_receiver_of_an_escalation_is_not_notified_at_once() -> None:
    found = call("routes", "test", *HIGH, WARDWATCH_CHAT_URL=None, WARDWATCH_MAIL_URL=None)
    assert found.exit_code == 0
    assert line(found.stdout, "result") == "notified: nobody at once; later, if not acknowledged: on_call"


def test_the_expected_receivers_are_checked() -> None:
    assert call("routes", "test", *HIGH, "--want", "nurses").exit_code == 0
    found = call("routes", "test", *HIGH, "--want", "technicians")
    assert found.exit_code == 1
    assert line(found.stdout, "result").endswith("wanted: technicians")


def test_an_alert_with_several_routes_is_notified_on_all_of_them(tmp_path: Path) -> None:
    mine = copied(SHIPPED, tmp_path / "config")
    file = mine / "alerts.yaml"
    first = "    - matchers: [kind=physiological, severity=high]\n"
    text = file.read_text(encoding="utf-8").replace(
        first, f"    - {{matchers: [ward=icu], receiver: technicians, continue: true}}\n{first}"
    )
    file.write_text(text, encoding="utf-8")
    found = call("routes", "test", *HIGH, "--config", mine)
    assert line(found.stdout, "result") == "notified: technicians, nurses; later, if not acknowledged: on_call"
    assert 'ward="icu" => technicians: mail, continue' in call("routes", "show", "--config", mine).stdout


def test_unknown_values_give_a_warning() -> None:
    found = call("routes", "test", "alertname=desatuation", "bed=icu-7", "severity=hihg", "kind=physiological")
    for doubt in (
        "there is no bed 'icu-7'; did you mean 'icu-07'?",
        "there is no rule 'desatuation'; did you mean 'desaturation'?",
        "there is no severity 'hihg'; did you mean 'high'?",
    ):
        assert f"warning    {doubt}" in found.stdout


@pytest.mark.parametrize("words", [["bed"], ["9x"], ["bed!=x"], ["bed=a", "bed=b"], ["be\x1b[2Jd=x"], []])
def test_an_invalid_label_exits_with_2(words: list[str]) -> None:
    found = call("routes", "test", *words)
    assert found.exit_code == 2
    assert "\x1b" not in found.output


def test_control_characters_of_a_label_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in call("routes", "test", "bed=\x1b[2J", "severity=high").output


def test_the_tree_shows_inherited_options() -> None:
    lines = call("routes", "show").stdout.splitlines()
    assert lines[0] == "root => nurses: chat, mail"
    at = lines.index('  kind="physiological", severity="medium" => nurses: chat, mail')
    assert [text.strip() for text in lines[at + 1 : at + 3]] == [
        "group_by ward, bed; group_wait 10 s, group_interval 60 s, repeat_interval 15 min",
        "after 10 min also on_call: sms, mail",
    ]
    keeps = [text for text in lines if text.startswith("inhibited: ")]
    assert keeps[0].startswith('inhibited: severity=~"medium|low", while severity="high" is active with the same')
    assert len(keeps) == 8


def test_a_running_wardwatch_knows_which_channels_have_an_address(tmp_path: Path) -> None:
    """That of `make demo` has mailboxes of its own for all channels, which no other process knows."""
    channels = [{"name": "mail", "urls": ["json://127.0.0.1:9"]}, {"name": "chat"}, {"name": "sms"}]
    receivers = [{"name": "nurses", "channels": ["mail"]}]
    with LiveWard(tmp_path, channels=channels, receivers=receivers) as running:
        ask = ("routes", "test", *HIGH, "--url", running.url)
        found = call(*ask, **dict.fromkeys(ADDRESSES))
        assert line(found.stdout, "receiver") == "nurses: chat (no address), mail"
        assert line(found.stdout, "result") == "notified: nurses; later, if not acknowledged: on_call"
        assert f"warning    the running Wardwatch has config {running.live.config.hash}, this is config" in found.stdout
        assert line(call(*ask).stdout, "receiver") == "nurses: chat (no address), mail"
