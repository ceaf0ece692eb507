"""The parts of the bridge: what stands between the intake and the broker."""

from pathlib import Path

import pytest

from app.mqtt_gate.intake_window import IntakeWindow, WindowedBroker
from app.runtime.program_parts import bridge_parts
from app.runtime.resources import Resources
from app.settings.settings import Settings
from tests.app.calling import ADDRESSES, SHIPPED
from ward.adapters.memory.broker import MemoryBroker
from ward.adapters.memory.log import MemoryLog
from ward.clock import ManualClock

TOPIC = "ward/icu/mon-icu-01/readings"


@pytest.mark.parametrize("log_url", ["memory:", "kafka://log"])
def test_the_window_of_the_gate_learns_what_each_intake_receives(tmp_path: Path, log_url: str) -> None:
    broker, window, clock = MemoryBroker(), IntakeWindow(), ManualClock()
    settings = Settings(config=SHIPPED, data=tmp_path, log_url=log_url, canary=0)
    resources = Resources(settings, clock, environ=ADDRESSES, broker=lambda: broker, log=MemoryLog())
    intake = next(part for part in bridge_parts(resources, lambda found: WindowedBroker(found, window))).make()
    window.passed(TOPIC, 1, clock.monotonic())
    broker.deliver(TOPIC, b'{"v":1,"values":{"heart_rate":70}}')
    for _ in range(4):
        intake.step(0)
    intake.close()
    resources.close()
    assert window._waiting == {}
