"""A simulated tachycardia from an MQTT message to a mail, each program in its own process, on real engines."""

import pytest

from tests.faults.hospital import Hospital, until
from ward.clock import SystemClock

pytestmark = pytest.mark.engines
CLOCK = SystemClock()


def measure(hospital: Hospital, heart_rate: float, seconds: int) -> None:
    for _ in range(seconds):
        hospital.monitor.measure(heart_rate)
        CLOCK.wait(1.0)


def test_a_tachycardia_reaches_mail_store_and_screen_and_is_acknowledged_to_the_device(hospital: Hospital) -> None:
    hospital.monitor.measure(72.0)
    until(hospital.monitor.acknowledged, 60, "the first reading was not acknowledged", hospital)
    measure(hospital, 72.0, 3)
    measure(hospital, 172.0, 14)

    until(hospital.mails.subjects, 30, "no mail arrived", hospital)
    subject = hospital.mails.subjects()[0]
    assert subject == "HIGH priority, ICU bed 1: Heart rate 172 /min > 150"
    mail = hospital.mails.mails[0].decode()
    assert "Rule tachycardia, config" in mail
    assert f"http://127.0.0.1:{hospital.port}/bed/icu-01?alert=" in mail.replace("=3D", "=").replace("=\r\n", "")

    until(hospital.monitor.acknowledged, 10, "readings were not acknowledged to their device", hospital)
    until(lambda: hospital.stored() == hospital.monitor.measured, 10, "not all readings are in InfluxDB", hospital)
    until(hospital.alerts, 10, "the screen shows no alert", hospital)
    (alert,) = hospital.alerts()
    assert (alert["labels"]["alertname"], alert["labels"]["bed"]) == ("tachycardia", "icu-01")
    until(lambda: hospital.rows("alerts"), 10, "the alert is not in InfluxDB", hospital)
    assert {row.tags["alertname"] for row in hospital.rows("alerts")} == {"tachycardia"}
