"""Rules of all three groups fire, end and are notified in a real Grafana; missing data are never an end."""

import json

import paho.mqtt.publish as mqtt
import pytest

from tests.grafana.live.site import Site
from ward.clock import SystemClock

pytestmark = pytest.mark.grafana

TOPIC = "ward/icu/x7/readings"
NET = "Safety net: Fast heart rate"
ALERT_LIVES = 130  # seconds: Grafana resolves an alert that was not evaluated for two minutes


def send(site: Site, rate: float) -> None:
    payload = json.dumps({"v": 1, "values": {"heart_rate": rate, "spo2": 97}})
    mqtt.single(TOPIC, payload, qos=1, hostname="127.0.0.1", port=site.mosquitto.port)


def tachycardia(site: Site) -> list[str]:
    """The severities of the active alerts of Wardwatch about this heart rate, by Grafana's data source for them."""
    every = [alert["labels"] for alert in site.our_alerts() if alert["status"]["state"] == "active"]
    return [of["severity"] for of in every if of.get("device_id") == "x7" and of["alertname"] == "tachycardia"]


def mails(site: Site) -> list[str]:
    """The subjects of the mails that Wardwatch sent about this device."""
    return [subject for subject in site.mails.subjects() if "x7" in subject]


def reported(site: Site) -> int:
    """The number of episodes of this tachycardia, found by the detectors or by Grafana."""
    rows = site.week.rows("SELECT episode FROM facts.findings WHERE rule = 'tachycardia' AND device = 'x7'")
    return len({row["episode"] for row in rows})


def test_grafana_lists_the_alerts_of_wardwatch(site: Site) -> None:
    (one, *_) = site.our_alerts()
    assert {"alertname", "severity", "kind"} <= set(one["labels"])


def test_an_alert_of_wardwatch_fires_in_grafana_is_notified_once_and_ends_with_it(site: Site) -> None:
    def fires(rate: float) -> bool:
        send(site, rate)
        every = [labels for name in ("HIGH", "MEDIUM", "LOW") for labels in site.firing(f"{name} alerts of Wardwatch")]
        return any(labels.get("device_id") == "x7" and labels["wardwatch_alert"] == "tachycardia" for labels in every)

    site.until(lambda: fires(190), 240, "the rule does not fire")
    site.until(lambda: fires(190) and reported(site) == 2, 120, "Grafana does not report it to Wardwatch")
    assert len(tachycardia(site)) == 1
    first = [
        subject
        for subject in mails(site)
        if subject.startswith(("HIGH", "MEDIUM")) and "not acknowledged" not in subject
    ]
    assert len(first) == 1
    assert not [subject for subject in site.grafana_mails.subjects() if "x7" in subject]

    def over() -> bool:
        site.acknowledge_what_is_over("x7")
        return not fires(80) and not tachycardia(site)

    site.until(over, 300, "the alert does not end")


def test_grafana_itself_notifies_that_the_bridge_failed_and_recovered(site: Site) -> None:
    def reported_to_us() -> bool:
        return any(alert["labels"]["alertname"] == "grafana-silent-bridge" for alert in site.our_alerts())

    def mailed(head: str) -> bool:
        return any(f"{head} The program bridge has sent no heartbeat" in body for body in site.grafana_mails.bodies())

    bridge = site.programs["bridge"]
    bridge.kill()
    site.until(lambda: mailed("HIGH priority,"), 400, "no mail that the bridge failed")
    site.until(lambda: any("program bridge" in post for post in site.webhook.posts), 120, "nothing on the webhook")
    site.until(reported_to_us, 60, "nothing in Wardwatch")
    bridge.start()
    site.until(lambda: site.firing("No heartbeat of bridge") == [], 400, "the rule does not end")
    site.until(lambda: mailed("ALERT ENDED:"), 120, "no mail that the bridge recovered")
    site.until(lambda: not reported_to_us(), 60, "the alert in Wardwatch does not end")


def test_without_detectors_wardwatch_notifies_what_the_safety_net_finds(site: Site) -> None:
    before = len(mails(site))
    site.programs["detectors"].kill()

    def fires() -> bool:
        send(site, 190)
        return any(labels.get("device_id") == "x7" for labels in site.firing(NET))

    site.until(fires, 500, "the safety net does not fire")
    site.until(lambda: fires() and tachycardia(site), 120, "nothing in Wardwatch")
    site.until(lambda: fires() and len(mails(site)) > before, 120, "no mail")

    def over() -> bool:
        send(site, 80)
        site.acknowledge_what_is_over("x7")
        return not any(labels.get("device_id") == "x7" for labels in site.firing(NET))

    site.until(lambda: over() and not tachycardia(site), 400, "the alert does not end with a normal heart rate")
    site.programs["detectors"].start()
    site.until(lambda: site.firing("No heartbeat of detectors") == [], 400, "the rule about the detectors does not end")
    # Its end is notified before the next test counts what is.
    end = "ALERT ENDED: The program detectors"
    site.until(lambda: any(end in body for body in site.grafana_mails.bodies()), 300, "no mail of their recovery")
    site.until(lambda: any(end in post for post in site.webhook.posts), 120, "nothing on the webhook")


def stays_kept(site: Site, seconds: float) -> None:
    """No alert of Grafana's ends in this time, also not for a moment between two evaluations."""
    clock = SystemClock()
    end, kept = clock.monotonic() + seconds, site.kept()
    while clock.monotonic() < end:
        now = site.kept()
        assert now >= kept, f"ended: {kept - now}"
        kept = now
        clock.wait(1.0)


def test_without_influxdb_no_alert_ends(site: Site) -> None:
    def ok() -> set[str]:
        return {name for name, rule in site.rules().items() if (rule["state"], rule["health"]) == ("inactive", "ok")}

    site.until(lambda: any(rule["state"] == "firing" for rule in site.rules().values()), 120, "nothing fires before")
    fired, mails, posts = site.rules().keys() - ok(), len(site.grafana_mails.mails), len(site.webhook.posts)
    site.influx.freeze()
    try:
        site.until(lambda: not ok(), 300, "some rule does not report that it has no data")
        site.until(lambda: "HIGH" in " ".join(site.grafana_mails.subjects()[mails:]), 120, "no mail")
        stays_kept(site, ALERT_LIVES)
        assert not ok() & fired
    finally:
        site.influx.thaw()
    messages = site.grafana_mails.subjects()[mails:] + site.webhook.posts[posts:]
    assert not [text for text in messages if "ALERT ENDED" in text or "not known whether" in text]


def test_mails_went_only_to_the_configured_address(site: Site) -> None:
    addressed = {str(mail["to"]) for mail in site.grafana_mails.parsed()}
    assert addressed == {"technician@ward.test"}
