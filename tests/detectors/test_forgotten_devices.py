"""Of more unregistered devices than there may be, the oldest are forgotten; patients and registered devices are not."""

import pytest

from detectors.worker import worker
from tests.detectors.builders import high, reading, rule, ward
from tests.detectors.worker_setup import WorkerSetup, heart_rates
from ward.finding import Kind

FEW = 20  # unregistered devices that the worker of these tests remembers


@pytest.fixture
def setup(monkeypatch: pytest.MonkeyPatch) -> WorkerSetup:
    monkeypatch.setattr(worker, "MOST_UNREGISTERED", FEW)
    return WorkerSetup(ward(high(), high("lamp", kind=Kind.TECHNICAL, medium=110), rule("gone", "absent"), devices=2))


def known(setup: WorkerSetup) -> set[str]:
    return set(setup.worker._engine.devices.by_name)


@pytest.mark.guarantee(
    "However many device ids are invented, detectors remember 5,000 of them, and no registered device is forgotten."
)
def test_the_oldest_unregistered_devices_are_forgotten(setup: WorkerSetup) -> None:
    setup.send(*heart_rates("m1", [0]))
    for i in range(10 * FEW):
        setup.send(*heart_rates(f"x{i}", [i / 10]))
        setup.run(0.1)
    assert {"m1", "m2", f"x{10 * FEW - 1}"} <= known(setup)
    assert len(known(setup)) <= 2 + FEW
    assert setup.number("wardwatch_devices_forgotten_total", program="detectors") == 10 * FEW + 2 - len(known(setup))
    setup.send(*heart_rates("m1", [30], 150), *heart_rates("x0", [30], 150))
    assert "tachycardia m1 raised medium" in (found := setup.run(0.1))
    assert "tachycardia x0 raised medium" in found, "a forgotten device that sends again is evaluated"


def test_what_is_forgotten_is_not_restored(setup: WorkerSetup) -> None:
    for i in range(3 * FEW):
        setup.send(*heart_rates(f"x{i}", [i / 10]))
        setup.run(0.1)
    before = known(setup)
    setup.worker.close()
    setup.start()
    setup.run(0.1)
    assert known(setup) == before


def test_a_patients_episode_does_not_end_because_its_device_is_forgotten_and_is_forgotten_last(
    setup: WorkerSetup,
) -> None:
    setup.send(*heart_rates("p1", [0], 105), *heart_rates("t1", [0], 99), reading("t2", 0, heart_rate=120))
    assert len(setup.run(1)) == 3
    setup.send(*(one for i in range(FEW) for one in heart_rates(f"x{i}", [1 + i / 10])))
    setup.run(1)
    assert {"p1", "t2"} <= known(setup)
    assert "t1" not in known(setup)
    setup.send(*(one for i in range(FEW) for one in heart_rates(f"y{i}", [3 + i / 10], 105)))
    found = setup.run(1)
    setup.send(*(one for i in range(FEW) for one in heart_rates(f"z{i}", [5 + i / 10], 105)))
    found += setup.run(1)
    assert not {"p1", "t2"} & known(setup)
    assert [text for text in found if "p1" in text or "t2" in text] == ["lamp t2 cleared signal lost"]
    setup.worker.close()
    setup.start()
    assert [text for text in setup.run(5) if "p1" in text] == [], "nor by a restart"
