"""Rules of all three groups fire and end in a real Grafana, and people hear of it; nothing missing reads as over."""

import json

import paho.mqtt.publish as mqtt
import pytest

from tests.grafana.live.hall import Hall

pytestmark = pytest.mark.grafana

STRANGER = "ward/icu/x7/readings"


def beat(hall: Hall, rate: float) -> None:
    payload = json.dumps({"v": 1, "values": {"heart_rate": rate, "spo2": 97}})
    mqtt.single(STRANGER, payload, qos=1, hostname="127.0.0.1", port=hall.mosquitto.port)


def test_our_alerts_are_in_grafana_s_own_view_of_them(hall: Hall) -> None:
    (one, *_) = hall.ours()
    assert {"alertname", "severity", "kind"} <= set(one["labels"])


def test_a_verdict_of_the_detectors_fires_and_is_over_when_we_say_so(hall: Hall) -> None:
    def fires(rate: float) -> bool:
        beat(hall, rate)
        every = [labels for name in ("HIGH", "MEDIUM", "LOW") for labels in hall.firing(f"{name} alerts of Wardwatch")]
        return any(labels.get("device_id") == "x7" and labels["wardwatch_alert"] == "tachycardia" for labels in every)

    hall.until(lambda: fires(190), 240, "the verdict does not fire")
    hall.until(lambda: not fires(80), 300, "the verdict is not over")


def test_a_dead_bridge_is_told_by_grafana_itself_and_its_return_too(hall: Hall) -> None:
    bridge = hall.programs["bridge"]
    bridge.kill()
    hall.until(lambda: any("No pulse of bridge" in s for s in hall.mails.subjects()), 400, "no mail of a dead bridge")
    hall.until(lambda: any("bridge" in post for post in hall.hook.posts), 120, "no word of it on the webhook")
    bridge.start()
    hall.until(lambda: hall.firing("No pulse of bridge") == [], 400, "the rule does not end")


def test_without_detectors_the_safety_net_tells(hall: Hall) -> None:
    hall.programs["detectors"].kill()

    def fires() -> bool:
        beat(hall, 190)
        return any(labels.get("device_id") == "x7" or labels.get("device") == "x7" or labels.get("ward") == "icu"
                   for labels in hall.firing("Safety net: Fast heart rate"))  # fmt: skip

    hall.until(fires, 500, "the net does not fire")
    hall.programs["detectors"].start()
    hall.until(lambda: hall.firing("No pulse of detectors") == [], 400, "the detectors do not come back")


def test_without_influxdb_nothing_reads_as_over(hall: Hall) -> None:
    before = (len(hall.mails.mails), len(hall.hook.posts))
    hall.influx.freeze()
    try:
        hall.until(lambda: sum(rule["health"] != "ok" for rule in hall.rules().values()) > 5, 300, "no rule is blind")
        states = {name: rule["state"] for name, rule in hall.rules().items() if rule["health"] != "ok"}
        assert set(states.values()) != {"inactive"}
    finally:
        hall.influx.thaw()
    mails = [mail.decode().lower() for mail in hall.mails.mails[before[0] :]]
    posts = [post.lower() for post in hall.hook.posts[before[1] :]]
    assert not [text for text in mails + posts if "resolved" in text or "is over" in text]
