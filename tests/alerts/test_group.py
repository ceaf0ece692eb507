"""Grouping: what is urgent goes at once, company is waited for."""

from pathlib import Path

from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config

ROUTE = {"receiver": "nurses", "group_by": ["ward"], "group_wait": "10s", "group_interval": "60s"}


def test_the_first_alert_of_each_bed_is_sent_immediately_and_others_wait(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low", bed=7, severity="medium")
    timeline.at(2).raises("tachycardia", bed=7, severity="medium")
    timeline.at(3).raises("spo2_low", bed=8, severity="low")
    timeline.want(immediately(1), "MEDIUM priority, ICU bed 7: SpO2 84 % < 88 for 15 s")
    # Bed 8 is another bed: at once, and what waited goes along.
    timeline.want(
        immediately(3),
        "MEDIUM priority, ICU bed 7: Heart rate 137 /min > 120 for 5 s and 1 more alert: "
        "LOW priority, ICU bed 8: SpO2 84 % < 88 for 15 s",
    )
    timeline.run(60)


def test_further_alerts_of_a_bed_wait_group_wait_then_group_interval(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low", severity="medium")
    timeline.at(2).raises("tachycardia", severity="medium")
    timeline.at(20).raises("news2", severity="medium")
    timeline.want(immediately(1), "MEDIUM priority, ICU bed 7: SpO2")
    timeline.want(between(12, 12.5), "MEDIUM priority, ICU bed 7: Heart rate")
    timeline.want(between(72, 72.5), "MEDIUM priority, ICU bed 7: NEWS2 7")
    timeline.run(100)


def test_high_priority_never_waits(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low", severity="high")
    timeline.at(2).raises("tachycardia", severity="high")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7: SpO2")
    timeline.want(immediately(2), "HIGH priority, ICU bed 7: Heart rate")
    timeline.run(60)


def test_an_urgent_notification_includes_the_waiting_alerts_of_its_group(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low", severity="medium")
    timeline.at(2).raises("tachycardia", severity="low")
    timeline.at(3).raises("news2", severity="high")
    timeline.want(immediately(1), "MEDIUM priority, ICU bed 7: SpO2")
    timeline.want(
        immediately(3),
        "HIGH priority, ICU bed 7: NEWS2 7 and 1 more alert: LOW priority, Heart rate 137 /min > 120 for 5 s",
    )
    timeline.run(60)


def test_a_message_begins_with_the_gravest_sign_whichever_came_last(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("news2", severity="medium")
    timeline.at(2).raises("spo2_low", severity="medium")
    timeline.at(3).raises("tachycardia", severity="medium")
    timeline.want(immediately(1), "MEDIUM priority, ICU bed 7: ")
    timeline.want(
        between(12, 12.5),
        "MEDIUM priority, ICU bed 7: SpO2 84 % < 88 for 15 s and 1 more alert: "
        "MEDIUM priority, Heart rate 137 /min > 120 for 5 s",
    )
    timeline.run(60)


def test_forty_silent_devices_are_one_message_with_a_list(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(beds=40, route={"receiver": "nurses", "group_by": ["bed"]}))
    for bed in range(1, 41):
        timeline.at(1 + bed / 20).raises("silent", bed=bed, severity="medium")
    timeline.want(
        between(11, 11.5),
        "MEDIUM priority, Intensive care: 40 alerts silent: ICU beds 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 30 more",
    )
    timeline.run(60)
    body = timeline.notified[0].message.body
    assert all(f"ICU bed {bed}:" in body for bed in range(1, 41))


def test_forty_high_technical_alerts_are_two_messages_at_most(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(beds=40, route={"receiver": "nurses", "group_by": ["bed"]}))
    for bed in range(1, 41):
        timeline.at(1 + bed / 20).raises("silent", bed=bed, severity="high")
    timeline.want(immediately(1.05), "HIGH")
    timeline.want(between(6, 6.6), "HIGH priority, Intensive care: 3")
    timeline.run(60)


def test_other_wards_are_other_groups(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route={**ROUTE, "group_by": ["ward"]}))
    for ward in ("icu", "hdu"):
        timeline.at(1).raises("silent", bed=1, severity="medium", ward=ward)
    timeline.want(between(11, 11.5), "MEDIUM priority, ICU bed 1: no data for 15 s")
    timeline.want(between(11, 11.5), "MEDIUM priority, HDU bed 1: no data for 15 s")
    timeline.run(60)


def test_group_by_dots_gives_each_physiological_alert_its_own_group(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route={**ROUTE, "group_by": ["..."]}))
    timeline.at(1).raises("spo2_low", severity="medium").raises("tachycardia", severity="medium")
    timeline.want(immediately(1), "MEDIUM priority, ICU bed 7: ")
    timeline.want(between(11, 11.5), "MEDIUM priority, ICU bed 7: ")
    timeline.run(60)
