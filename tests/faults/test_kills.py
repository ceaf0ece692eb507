"""The guarantees while something is killed: each program of Wardwatch and each engine.

Programs are killed by SIGKILL while a monitor measures. Afterwards each of its readings must be in the store once, all
that were acknowledged must be there, and each alert must be notified once.
"""

import re

import pytest

from tests.faults.hospital import Hospital, until
from ward.clock import SystemClock

pytestmark = pytest.mark.engines
CLOCK = SystemClock()
# Ten seconds by the rule; more where the monitor, an engine that starts, or this test, was kept waiting in between.
NOTIFICATION = re.compile(r"HIGH priority, ICU bed 1: Heart rate 172 /min > 150( \(.*\))?")


def measure(hospital: Hospital, heart_rate: float, seconds: int) -> None:
    for _ in range(seconds * 2):
        hospital.monitor.measure(heart_rate)
        CLOCK.wait(0.5)


def begin(hospital: Hospital) -> None:
    hospital.monitor.measure(72.0)
    until(hospital.monitor.acknowledged, 90, "the first reading was not acknowledged", hospital)
    # All programs have started: they are killed at work, not during a start.
    until(lambda: hospital.evaluated() and hospital.stored(), 60, "the first reading was not evaluated", hospital)


def all_is_stored(hospital: Hospital) -> None:
    until(hospital.monitor.acknowledged, 60, "readings were not acknowledged to their device", hospital)
    until(lambda: hospital.stored() == hospital.monitor.measured, 30, "not every reading is stored once", hospital)


def assert_notified_once(hospital: Hospital, besides: str = "nothing else") -> None:
    """One alert of the heart rate in the store, and one notification: a repeat after a kill has the same key.

    `besides` is a regular expression of other notifications that are allowed.
    """
    subjects = hospital.mails.subjects

    def notified() -> bool:
        return any(map(NOTIFICATION.fullmatch, subjects()))

    # The monitor is a part of this test: it connects again and sends what it has kept only when it is asked.
    until(hospital.monitor.acknowledged, 60, "readings were not acknowledged to their device", hospital)
    until(notified, 150, lambda: f"only these mails: {subjects()}", hospital)
    others = [subject for subject in subjects() if not NOTIFICATION.fullmatch(subject)]
    assert [subject for subject in others if not re.fullmatch(besides, subject)] == []
    mails = [mail.decode() for mail in hospital.mails.mails if b"Heart rate 172" in mail]
    assert len({line for mail in mails for line in mail.splitlines() if line.startswith("key: ")}) == 1
    until(lambda: hearts(hospital), 30, "the alert is not in InfluxDB", hospital)
    assert len(hearts(hospital)) == 1


def hearts(hospital: Hospital) -> set[object]:
    """The ids of the alerts about the heart rate in the store."""
    return {row.fields["id"] for row in hospital.rows("alerts") if row.tags["alertname"] == "tachycardia"}


@pytest.mark.guarantee("A kill -9 of each program in turn changes no finding and loses no reading.")
def test_a_kill_of_each_program_in_turn_changes_no_finding_and_loses_nothing(hospital: Hospital) -> None:
    begin(hospital)
    bridge, detectors, alerts = (hospital.programs[name] for name in ("bridge", "detectors", "alerts"))
    bridge.kill()
    measure(hospital, 72.0, 2)
    assert not hospital.monitor.acknowledged()  # nothing is acknowledged while the bridge is not running
    bridge.start()
    measure(hospital, 172.0, 4)
    detectors.kill()
    measure(hospital, 172.0, 2)
    detectors.start()
    measure(hospital, 172.0, 3)
    alerts.kill()
    measure(hospital, 172.0, 4)
    assert hospital.mails.subjects() == []
    alerts.start()
    assert_notified_once(hospital)
    all_is_stored(hospital)


@pytest.mark.guarantee("Without the store, alerts continue, and all readings are stored afterwards.")
def test_without_the_store_alerts_continue_and_all_is_stored_afterwards(hospital: Hospital) -> None:
    begin(hospital)
    hospital.influx.kill()
    try:
        measure(hospital, 172.0, 13)
        until(hospital.mails.subjects, 30, "no mail arrived while InfluxDB was away", hospital)
        until(hospital.monitor.acknowledged, 20, "readings were not acknowledged", hospital)
    finally:
        hospital.influx.start()
    assert_notified_once(hospital)
    all_is_stored(hospital)


@pytest.mark.guarantee("Without the log no device is acknowledged, and no reading is lost.")
def test_without_the_log_nothing_is_acknowledged_and_nothing_is_lost(hospital: Hospital) -> None:
    begin(hospital)
    hospital.kafka.kill()
    try:
        measure(hospital, 172.0, 4)
        assert not hospital.monitor.acknowledged()
    finally:
        hospital.kafka.start()
    # Long enough by itself, should the readings before a slow start of an engine be another episode.
    measure(hospital, 172.0, 14)
    assert_notified_once(hospital)
    all_is_stored(hospital)


@pytest.mark.guarantee("Without the broker, devices keep their readings and send them again.")
def test_without_the_broker_devices_keep_their_readings_and_send_them_again(hospital: Hospital) -> None:
    begin(hospital)
    hospital.mosquitto.kill()
    try:
        measure(hospital, 172.0, 4)
    finally:
        hospital.mosquitto.start()
    measure(hospital, 172.0, 14)
    # A monitor tries again after 1, 2, 4, 8 s: it may be reported as missing meanwhile.
    assert_notified_once(hospital, besides=r"(MEDIUM priority|ALERT ENDED.*|SIGNAL LOST.*), ICU bed 1: .*")
    all_is_stored(hospital)
