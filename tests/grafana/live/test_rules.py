"""Rules of all three groups fire and end in a real Grafana, and people hear of it; nothing missing reads as over."""

import json

import paho.mqtt.publish as mqtt
import pytest

from tests.grafana.live.hall import Hall
from ward.clock import SystemClock

pytestmark = pytest.mark.grafana

STRANGER = "ward/icu/x7/readings"
NET = "Safety net: Fast heart rate"
ALERT_LIVES = 130  # seconds: Grafana forgets one that was not looked at for two minutes, which reads as over


def beat(hall: Hall, rate: float) -> None:
    payload = json.dumps({"v": 1, "values": {"heart_rate": rate, "spo2": 97}})
    mqtt.single(STRANGER, payload, qos=1, hostname="127.0.0.1", port=hall.mosquitto.port)


def fast(hall: Hall) -> list[str]:
    """The severities with which our own pipeline says that this heart is too fast, by Grafana's data source for it."""
    every = [alert["labels"] for alert in hall.ours() if alert["status"]["state"] == "active"]
    return [of["severity"] for of in every if of.get("device_id") == "x7" and of["alertname"] == "tachycardia"]


def mails(hall: Hall) -> list[str]:
    """The subjects that our own notifier sent of this device."""
    return [subject for subject in hall.told.subjects() if "x7" in subject]


def reported(hall: Hall) -> int:
    """How many episodes of this fast heart were reported to our pipeline, by the detectors or by Grafana."""
    rows = hall.week.rows("SELECT episode FROM facts.findings WHERE rule = 'tachycardia' AND device = 'x7'")
    return len({row["episode"] for row in rows})


def test_our_alerts_are_in_grafana_s_own_view_of_them(hall: Hall) -> None:
    (one, *_) = hall.ours()
    assert {"alertname", "severity", "kind"} <= set(one["labels"])


def test_a_verdict_of_the_detectors_fires_is_told_once_and_is_over_when_we_say_so(hall: Hall) -> None:
    def fires(rate: float) -> bool:
        beat(hall, rate)
        every = [labels for name in ("HIGH", "MEDIUM", "LOW") for labels in hall.firing(f"{name} alerts of Wardwatch")]
        return any(labels.get("device_id") == "x7" and labels["wardwatch_alert"] == "tachycardia" for labels in every)

    hall.until(lambda: fires(190), 240, "the verdict does not fire")
    hall.until(lambda: fires(190) and reported(hall) == 2, 120, "Grafana does not report it to our pipeline")
    assert len(fast(hall)) == 1
    first = [subject for subject in mails(hall) if subject.startswith(("HIGH", "MEDIUM")) and "still" not in subject]
    assert len(first) == 1
    assert not [subject for subject in hall.mails.subjects() if "x7" in subject]
    hall.until(lambda: not fires(80) and not fast(hall), 300, "the verdict is not over")


def test_a_dead_bridge_is_told_by_grafana_itself_and_its_return_too(hall: Hall) -> None:
    def ours() -> bool:
        return any(alert["labels"]["alertname"] == "grafana-silent-bridge" for alert in hall.ours())

    def told(head: str) -> bool:
        return any(f"{head} The program bridge has said nothing" in body for body in hall.mails.bodies())

    bridge = hall.programs["bridge"]
    bridge.kill()
    hall.until(lambda: told("HIGH"), 400, "no mail of a dead bridge")
    hall.until(lambda: any("program bridge" in post for post in hall.hook.posts), 120, "no word of it on the webhook")
    hall.until(ours, 60, "no word of it in our pipeline")
    bridge.start()
    hall.until(lambda: hall.firing("No pulse of bridge") == [], 400, "the rule does not end")
    hall.until(lambda: told("ENDED (recovered)"), 120, "no mail of its return")
    hall.until(lambda: not ours(), 60, "our pipeline does not hear of its return")


def test_without_detectors_the_safety_net_tells_by_way_of_our_notifier(hall: Hall) -> None:
    before = len(mails(hall))
    hall.programs["detectors"].kill()

    def fires() -> bool:
        beat(hall, 190)
        return any(labels.get("device_id") == "x7" for labels in hall.firing(NET))

    hall.until(fires, 500, "the net does not fire")
    hall.until(lambda: fires() and fast(hall), 120, "no word of it in our pipeline")
    hall.until(lambda: fires() and len(mails(hall)) > before, 120, "nobody is told")

    def over() -> bool:
        beat(hall, 80)
        return not any(labels.get("device_id") == "x7" for labels in hall.firing(NET))

    hall.until(lambda: over() and not fast(hall), 400, "a heart that is slow again is not over")
    hall.programs["detectors"].start()
    hall.until(lambda: hall.firing("No pulse of detectors") == [], 400, "the detectors do not come back")


def test_without_influxdb_nothing_reads_as_over(hall: Hall) -> None:
    def fine() -> set[str]:
        return {name for name, rule in hall.rules().items() if (rule["state"], rule["health"]) == ("inactive", "ok")}

    hall.until(lambda: any(rule["state"] == "firing" for rule in hall.rules().values()), 120, "nothing fires before")
    fired, mails, posts = hall.rules().keys() - fine(), len(hall.mails.mails), len(hall.hook.posts)
    hall.influx.freeze()
    try:
        hall.until(lambda: not fine(), 300, "some rule does not know that it is blind")
        hall.until(lambda: "HIGH" in " ".join(hall.mails.subjects()[mails:]), 120, "nobody is told")
        SystemClock().wait(ALERT_LIVES)
        assert not fine() & fired
    finally:
        hall.influx.thaw()
    said = hall.mails.subjects()[mails:] + hall.hook.posts[posts:]
    assert not [text for text in said if "ENDED (recovered)" in text or "not known to be over" in text]


def test_nobody_outside_the_hospital_was_told(hall: Hall) -> None:
    addressed = {str(mail["to"]) for mail in hall.mails.parsed()}
    assert addressed == {"technician@ward.test"}
