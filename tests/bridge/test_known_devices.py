"""Invented ids cost a bounded memory, and no registered device anything."""

from collections.abc import Callable

import pytest

from bridge import known_devices
from bridge.known_devices import QUIET, RECENT, KnownDevices
from bridge.refusal import Refused
from tests.kit.intake_harness import IntakeHarness
from ward.clock import ManualClock
from ward.config.codec_rule import CodecRule
from ward.config.config import Config
from ward.inventory import MOST_UNREGISTERED, Assignment, Device, Inventory
from ward.metrics import Metrics
from ward.signals import Catalogue, Signal

SIGNALS = Catalogue({"heart_rate": Signal(name="heart_rate", label="Heart rate", unit="/min", display="/min")})
M1 = Device(id="m1", device_kind="monitor", assignments=(Assignment(ward="icu"),))
FEW = 20  # unregistered devices that the intake of these tests remembers


def config(*devices: Device) -> Config:
    return Config("test", SIGNALS, Inventory(devices=devices), codecs=(CodecRule("ward/+/+/readings", "native"),))


@pytest.fixture
def bridge(monkeypatch: pytest.MonkeyPatch) -> IntakeHarness:
    monkeypatch.setattr(known_devices, "MOST_UNREGISTERED", FEW)
    return IntakeHarness(config(M1))


def invented(number: int, first: int = 0) -> list[str]:
    return [f"x{i}" for i in range(first, first + number)]


def send(bridge: IntakeHarness, *devices: str, seq: int = 1) -> float:
    """A reading of each device. Returns how many were accepted."""
    before = bridge.number("bridge_readings_accepted_total")
    for device in devices:
        payload = b'{"v":1,"boot":"k","seq":%d,"values":{"heart_rate":72,"f":1}}' % seq
        bridge.broker.deliver(f"ward/icu/{device}/readings", payload)
    bridge.step()
    return bridge.number("bridge_readings_accepted_total") - before


def exceeded(bridge: IntakeHarness) -> bool:
    bridge.clock.advance(6)
    bridge.step()
    return bridge.number("bridge_unregistered_devices_exceeded") == 1


@pytest.mark.guarantee(
    "However many device ids are invented, the bridge remembers 5,000 of them, and loses no registered device."
)
def test_ten_times_as_many_ids_as_are_remembered(figure: Callable[[str], None]) -> None:
    clock, metrics, forgotten = ManualClock(), Metrics(), list[str]()
    devices = KnownDevices(clock, metrics, forgotten.append)
    devices.configure({"m1"})
    registered, refused = devices.progress("m1"), 0
    for device in invented(10 * MOST_UNREGISTERED):
        try:
            devices.progress(device)
        except Refused:
            refused += 1
    devices.report()
    assert metrics.samples()["wardwatch_bridge_unregistered_devices"] == MOST_UNREGISTERED
    assert (refused, forgotten) == (9 * MOST_UNREGISTERED, [])
    assert devices.progress("m1") is registered
    figure(f"{10 * MOST_UNREGISTERED:,} ids sent, {MOST_UNREGISTERED:,} remembered")


def test_a_new_device_beyond_the_bound_is_refused_and_the_known_ones_are_not(bridge: IntakeHarness) -> None:
    assert send(bridge, "m1", *invented(FEW)) == 1 + FEW
    assert not exceeded(bridge)
    assert send(bridge, *invented(5, FEW)) == 0
    assert {(record.reason, record.device) for record in bridge.quarantine()} == {
        ("devices", device) for device in invented(5, FEW)
    }
    assert exceeded(bridge)
    assert send(bridge, "m1", *invented(FEW), seq=2) == 1 + FEW
    bridge.clock.advance(RECENT)
    assert not exceeded(bridge)


def test_the_device_that_was_quiet_for_longest_is_forgotten_for_a_new_one(bridge: IntakeHarness) -> None:
    send(bridge, *invented(FEW))
    bridge.clock.advance(QUIET)
    send(bridge, *invented(FEW - 1), seq=2)
    assert send(bridge, "new") == 1
    assert bridge.number('devices_forgotten_total{program="bridge"}') == 1
    assert exceeded(bridge)
    assert send(bridge, f"x{FEW - 1}") == 0, "it was forgotten, and all others are sending"
    assert send(bridge, *invented(FEW - 1), seq=2) == 0, "they are remembered: repeats are recognised"


def test_not_more_new_devices_an_hour_than_are_remembered(bridge: IntakeHarness) -> None:
    send(bridge, *invented(FEW))
    bridge.clock.advance(QUIET)
    most = FEW * QUIET / 3600
    assert send(bridge, *invented(FEW, FEW)) == int(most)
    bridge.clock.advance(3600)
    assert send(bridge, *invented(FEW, 2 * FEW)) == FEW


def test_a_refused_device_is_accepted_once_it_is_registered(bridge: IntakeHarness) -> None:
    send(bridge, "m1", *invented(FEW))
    m2 = Device(id="m2", device_kind="monitor", assignments=(Assignment(ward="icu"),))
    assert send(bridge, "m2") == 0
    bridge.live.config = config(M1, m2)
    assert send(bridge, "m2") == 1
    bridge.live.config = config(m2)
    assert send(bridge, "m1", *invented(FEW - 1, 1), seq=2) == FEW


def test_what_the_log_has_is_known_after_a_restart(bridge: IntakeHarness) -> None:
    send(bridge, "m1", *invented(FEW))
    bridge.start()
    assert send(bridge, "m1", *invented(FEW)) == 0
    assert send(bridge, "new") == 0


def test_a_refused_message_of_an_invented_device_forgets_no_other(bridge: IntakeHarness) -> None:
    send(bridge, *invented(FEW))
    for device in invented(FEW, FEW):
        bridge.deliver(f"ward/icu/{device}/readings", b'{"v":1,"boot":"k","seq":1,"values":7}')
    assert send(bridge, *invented(FEW), seq=2) == FEW
    assert bridge.number('devices_forgotten_total{program="bridge"}') == 0
