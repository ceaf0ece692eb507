"""Bad input on the whole path: it is counted, stored or refused, and no other reading is lost."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.intake import Intake
from tests.config.config_reader import SHIPPED
from tests.kit.log_records import log_messages, log_records
from tests.kit.simulated_ward import SimulatedWard, simulated_ward
from ward.adapters.memory.broker import MemoryBroker
from ward.adapters.memory.log import MemoryLog
from ward.clock import ManualClock
from ward.config.live_config import FixedConfig
from ward.metrics import Metrics
from ward.topics import QUARANTINE, READINGS
from ward.wire import QUARANTINED_WIRE

GOOD = b'{"v":1,"values":{"heart_rate":72}}'
POISON = (
    b"", b"{", b"[" * 100_000, b'{"v":1,"values":{"heart_rate":1e999}}', b'{"v":1,"values":{"heart_rate":true}}',
    b'{"v":1,"values":{"heart_rate":' + b"9" * 5000 + b"}}", b'{"v":1,"v":1,"values":{"heart_rate":72}}',
    b'{"v":1,"values":{"heart_rate":-Infinity}}', b'{"v":1,"values":{"\\ud800":1}}', b"\x00" * 100, b"x" * 65_537,
)  # fmt: skip
IDS = (
    "<script>", "a b", "a,x=1", 'a"b', "a'b", "a;drop", "a\\b", "a\nb", "a\r\nb", "a\tb", "..", ".hidden", "-x", "_x",
    "\u202eabc", "abc\u200b", "é", "日本", "a" * 65, "%2e%2e", "$(x)", "`x`", "a|b", "a=b", "{a}", "a?b", "a&b", "a:b",
    "a@b", "\x7f",
)  # fmt: skip


def test_one_bad_message_in_a_hundred_is_counted_exactly_and_no_other_is_lost(tmp_path: Path) -> None:
    from app.settings.config_reader import config_reader

    broker, log, clock, metrics = MemoryBroker(), MemoryLog(), ManualClock(), Metrics()
    intake = Intake(broker, log, FixedConfig(config_reader(SHIPPED, {})(clock.now())), clock, metrics)
    for i in range(20_000):
        bad = i % 100 == 0
        broker.deliver(f"ward/icu/x{i % 200}/readings", POISON[i // 100 % len(POISON)] if bad else GOOD)
    while intake.step(0):
        pass
    numbers = metrics.samples()
    assert numbers["wardwatch_bridge_readings_received_total"] == 20_000
    assert numbers["wardwatch_bridge_readings_accepted_total"] == 19_800
    assert sum(n for name, n in numbers.items() if name.startswith("wardwatch_messages_quarantined_total")) == 200
    sent = {topic: len(log_records(log, topic)) for topic in (READINGS, QUARANTINE)}
    assert sent == {READINGS: 19_800, QUARANTINE: 200}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedWard]:
    """One ward for all messages that raise no alert: a test looks at what its own message adds."""
    with simulated_ward(tmp_path_factory.mktemp("shared")) as ward:
        yield ward


def accepted(ward: SimulatedWard) -> float:
    return ward.resources.metrics.samples().get("wardwatch_bridge_readings_accepted_total", 0.0)


@pytest.mark.parametrize("name", IDS)
def test_an_invalid_id_goes_to_quarantine_only(shared: SimulatedWard, name: str) -> None:
    known, before = len(log_messages(shared.resources.log, QUARANTINE, QUARANTINED_WIRE)), accepted(shared)
    shared.publish(f"ward/icu/{name}/readings", GOOD)
    shared.publish(f"ward/{name}/x1/readings", GOOD)
    shared.run(2)
    found = log_messages(shared.resources.log, QUARANTINE, QUARANTINED_WIRE)[known:]
    assert len(found) == 2
    for record in found:
        assert record.detail.isprintable()
        assert (record.device, record.ward) in (("", "icu"), ("x1", ""), ("", ""))
    assert accepted(shared) - before == 2 * len(shared.devices)


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("ward/icu/mon-icu-01/readings", b""),
        ("ward/icu/mon-icu-01/readings", b"{" + b" " * 65_537),
        ("ward/icu/readings", b"{}"),
        ("ward/icu/mon-icu-01/readings", b'{"v":9,"values":{"heart_rate":70}}'),
        ("ward/icu/<script>/readings", b'{"v":1,"values":{"heart_rate":70}}'),
        ("ward/icu/../readings", b'{"v":1,"values":{"heart_rate":70}}'),
        ("ward/icu/mon-icu-01/readings", b'{"v":1,"values":{"heart_rate":NaN}}'),
        ("ward/icu/mon-icu-01/readings", b'{"v":1,"values":{"heart_rate":70},"values":{"heart_rate":71}}'),
        ("ward/icu/mon-icu-01/readings", b"\xff\xfe\x00"),
        ("ward/icu/mon-icu-01/readings", '{"v":1,"boot":"\u202e","seq":1,"values":[70]}'.encode()),
        ("ward/icu/mon-icu-01/status", b"perhaps"),
        ("loggers/not-a-guid", b"<xml/>"),
    ],
)
def test_an_unusable_message_is_quarantined_and_no_other_reading_is_lost(
    shared: SimulatedWard, topic: str, payload: bytes
) -> None:
    shared.run(1)
    before = shared.resources.metrics.samples()
    shared.publish(topic, payload)
    shared.run(5)
    after = shared.resources.metrics.samples()
    added = {name: number - before.get(name, 0.0) for name, number in after.items()}
    assert sum(n for name, n in added.items() if name.startswith("wardwatch_messages_quarantined_total")) == 1
    assert added["wardwatch_bridge_readings_accepted_total"] == 5 * 20
    assert added["wardwatch_bridge_readings_received_total"] == 5 * 20 + 1


@pytest.mark.parametrize(
    ("at", "flag"), [("1970-01-01T00:00:00Z", "clock_behind"), ("2099-01-01T00:00:00Z", "clock_ahead")]
)
def test_a_reading_decades_off_is_stored_at_the_bridges_time_and_flagged(tmp_path: Path, at: str, flag: str) -> None:
    with simulated_ward(tmp_path) as ward:
        ward.publish("ward/w1/x7/readings", json.dumps({"v": 1, "at": at, "values": {"heart_rate": 72}}).encode())
        ward.run(2)
        assert ward.resources.metrics.samples()[f'wardwatch_bridge_readings_flagged_total{{flag="{flag}"}}'] == 1
        ((when, value),) = ward.resources.store.last("vitals", "heart_rate", {"device": "x7"}, 10)
        assert value == 72
        assert abs(when - ward.clock.now()) < 5_000_000
