"""A whole ward of devices on one thread, in virtual time."""

import hashlib
import json
import threading
from itertools import pairwise
from pathlib import Path

import pytest

from bridge.intake import Intake
from simulators.device_client.memory_buffer import MemoryDeviceBuffer
from simulators.devices.monitors_at_beds import monitors_at_beds
from simulators.live.logger_source import LoggerSource
from simulators.live.monitor_source import MonitorSource
from simulators.live.simulation import Simulation
from simulators.scripts.script import WardScript, load_script
from tests.simulators.hospital import hospital
from tests.simulators.wire import RecordingConnection, SmallBridge
from ward.adapters.memory.broker import MemoryBroker
from ward.adapters.memory.gateway_connection import MemoryGatewayConnection
from ward.adapters.memory.log import MemoryLog
from ward.clock import SECOND, ManualClock, SystemClock, parse_instant
from ward.config.codec_rule import CodecRule
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.errors import SettingsError
from ward.metrics import Metrics
from ward.signals import Catalogue

QUIET = WardScript(seed=5)


class SimulatedMonitors:
    """Monitors at some beds on a broker in memory, with a bridge that acknowledges all readings."""

    def __init__(self, script: WardScript = QUIET, beds: int = 4) -> None:
        self.clock = ManualClock()
        self.broker = MemoryBroker(window=100_000)
        self.bridge = SmallBridge(self.broker)
        self.links: dict[str, RecordingConnection] = {}
        self.monitors = MonitorSource(hospital(beds), script, self.linked, MemoryDeviceBuffer(), self.clock, "ward")
        self.simulation = Simulation([self.monitors], self.clock)

    def linked(self, topics: object) -> RecordingConnection:
        link = RecordingConnection(self.broker, topics)  # type: ignore[arg-type]
        self.links[topics.device] = link  # type: ignore[attr-defined]
        return link

    def run(self, seconds: float, step: float = 0.5) -> None:
        for _ in range(round(seconds / step)):
            self.clock.advance(step)
            self.simulation.step(0)
            self.bridge.take()
            self.bridge.acknowledge()

    def readings(self, device: str) -> list[dict[str, object]]:
        return [json.loads(payload) for payload in self.links[device].payloads]


def sha(ward: SimulatedMonitors) -> str:
    whole = hashlib.sha256()
    for name, link in sorted(ward.links.items()):
        whole.update(name.encode())
        for payload in link.payloads:
            whole.update(payload)
    return whole.hexdigest()


BUSY = WardScript.model_validate(
    {
        "seed": 5,
        "scenarios": [{"at": "20s", "bed": 1, "scenario": "hypoxic_episode"}],
        "faults": [
            {"at": "30s", "bed": 2, "fault": "drop_outs"},
            {"at": "40s", "bed": "icu-03", "fault": "duplicates"},
            {"at": "40s", "device": "mon-icu-03", "fault": "out_of_order"},
            {"at": "50s", "bed": 4, "fault": "reboot"},
            {"at": "60s", "bed": 2, "fault": "link_loss"},
        ],
    }
)


def test_the_same_seed_publishes_the_same_bytes_and_another_seed_others() -> None:
    runs = [SimulatedMonitors(BUSY), SimulatedMonitors(BUSY), SimulatedMonitors(BUSY.model_copy(update={"seed": 6}))]
    for ward in runs:
        ward.run(240)
    first, second, other = map(sha, runs)
    assert first == second
    assert first != other


def test_the_load_of_the_machine_changes_no_reading() -> None:
    often, seldom = SimulatedMonitors(BUSY), SimulatedMonitors(BUSY)
    often.run(120, step=0.1)
    seldom.run(120, step=2.0)
    for device in often.links:
        # The last step of the seldom one may not have come to what the other has; nothing else may differ.
        both = [{str(t) for t in ward.readings(device)} for ward in (often, seldom)]
        assert len(both[0] ^ both[1]) <= 1, device


def test_readings_do_not_depend_on_other_patients() -> None:
    small, large = SimulatedMonitors(beds=2), SimulatedMonitors(beds=9)
    for ward in (small, large):
        ward.run(60)
    assert [t["values"] for t in small.readings("mon-icu-01")] == [t["values"] for t in large.readings("mon-icu-01")]


def test_each_monitor_measures_every_two_to_three_seconds_and_not_in_step_with_others() -> None:
    ward = SimulatedMonitors()
    ward.run(300)
    firsts = set()
    for device in ward.links:
        at = [parse_instant(str(t["at"])) for t in ward.readings(device)]
        gaps = [(b - a) / SECOND for a, b in pairwise(at)]
        assert min(gaps) >= 2
        assert max(gaps) <= 3
        assert max(gaps) - min(gaps) > 0.3
        firsts.add(at[0])
    assert len(firsts) == 4


def test_six_vitals_come_with_every_reading_and_the_battery_once_a_minute() -> None:
    ward = SimulatedMonitors()
    ward.run(300)
    found = ward.readings("mon-icu-01")
    for reading in found:
        assert len(set(reading["values"]) - {"battery"}) == 6  # type: ignore[call-overload]
    assert sum("battery" in reading["values"] for reading in found) == 5  # type: ignore[operator]


def test_measured_equals_acknowledged_plus_buffered() -> None:
    ward = SimulatedMonitors(BUSY)
    ward.run(100)
    for _ in range(30):  # half a minute without a bridge
        ward.clock.advance(1)
        ward.simulation.step(0)
    ward.run(100)
    counts = ward.monitors.counts
    assert counts.balanced
    assert counts.measured == counts.acknowledged + counts.buffered
    assert counts.buffered < 60
    assert counts.measured > 250
    assert counts.resent > 0
    ward.simulation.close()
    ward.bridge.take()
    assert ward.bridge.statuses.count(b"offline") >= 4


def test_a_ward_without_network_buffers_readings_and_its_last_will_is_published() -> None:
    unplugged = {"faults": [{"at": "10s", "bed": 1, "fault": "link_loss", "for": "50s"}]}
    ward = SimulatedMonitors(WardScript.model_validate(unplugged))
    ward.run(50)
    before = len(ward.readings("mon-icu-01"))
    assert before <= 5
    assert ward.bridge.statuses.count(b"offline") == 1
    assert ward.monitors.devices[0].counts.buffered == pytest.approx(16, abs=1)
    ward.run(30)
    found = ward.readings("mon-icu-01")
    assert [t["seq"] for t in found] == list(range(1, len(found) + 1))
    assert len(found) > 28
    assert ward.bridge.statuses.count(b"online") == 5


def test_the_steps_of_a_suspension_are_skipped() -> None:
    ward = SimulatedMonitors()
    ward.run(10)
    before = ward.monitors.counts.measured
    ward.clock.advance(3600)
    ward.simulation.step(0)
    assert ward.monitors.counts.measured - before <= 8
    assert ward.monitors.skipped == pytest.approx(1440, abs=2)
    ward.clock.advance(20)
    ward.simulation.step(0)
    assert ward.monitors.counts.measured - before >= 28, "a short one is caught up with"


def test_when_the_machines_clock_is_set_the_devices_clocks_follow() -> None:
    ward = SimulatedMonitors()
    ward.run(10)
    ward.clock.step(3600)
    ward.run(10)
    at = [parse_instant(str(t["at"])) for t in ward.readings("mon-icu-01")]
    assert max(b - a for a, b in pairwise(at)) > 3600 * SECOND
    assert ward.clock.now() - at[-1] < 3 * SECOND


def test_it_wakes_when_the_next_device_is_due_and_ends_at_once_on_close() -> None:
    asleep: list[float] = []

    class Watched(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            asleep.append(timeout or 0)
            return False

    ward = SimulatedMonitors()
    ward.run(20)
    ward.simulation._end = Watched()
    now = ward.clock.monotonic()
    ward.simulation.step(9.0)
    assert asleep == [pytest.approx(ward.monitors.due - now)]
    ward.simulation.step(0.001)
    assert asleep[1] == 0.001
    real = Simulation([ward.monitors], SystemClock())
    real.close()
    real.step(60)  # returns


def test_the_real_bridge_stores_each_reading_once_whatever_the_faults() -> None:
    ward, log, metrics = SimulatedMonitors(BUSY), MemoryLog(), Metrics()
    config = Config("", Catalogue(), hospital(), codecs=(CodecRule("ward/+/+/readings", "native"),))
    intake = Intake(ward.broker, log, FixedConfig(config), ward.clock, metrics)
    for _ in range(600):
        ward.clock.advance(0.5)
        ward.simulation.step(0)
        intake.step(0)
    for _ in range(200):  # nothing is measured any more; what is kept arrives
        for device in ward.monitors.devices:
            device.exchange()
        intake.step(0)
        ward.clock.advance(0.5)
    numbers = metrics.samples()
    counts = ward.monitors.counts
    assert numbers["wardwatch_bridge_readings_accepted_total"] == counts.measured - counts.buffered
    assert numbers["wardwatch_bridge_readings_duplicate_total"] > 10
    assert numbers.get("wardwatch_bridge_readings_lost_total", 0) == 0


def test_loggers_use_all_spellings_and_share_few_connections() -> None:
    clock, taken = ManualClock(), []
    connections = [MemoryGatewayConnection(lambda topic, payload: taken.append((topic, payload))) for _ in range(2)]
    inventory = hospital(loggers=102)
    gateways = LoggerSource(inventory, WardScript(seed=3), connections, clock)
    simulation = Simulation([gateways], clock)
    for _ in range(70):
        clock.advance(1)
        simulation.step(0)
    messages = [(topic, json.loads(payload)) for topic, payload in taken]
    assert {topic for topic, _ in messages} == {f"loggers/{d}" for d in inventory.devices if d.startswith("0-")}
    spelled = {(key, " " in message[key]) for _, message in messages for key in message if "maging" in key}
    assert spelled == {(k, s) for k in ("medicalImagingdevice", "medicalimagingdevice") for s in (True, False)}
    for topic, message in messages:
        assert topic == f"loggers/{message['guid']}"
        assert len(message) == 5
        assert message["payload"]["format"] == "urn:example:sensor:humidity"
        assert 25 < message["payload"]["data"]["humidity"] < 75
        assert abs(parse_instant(message["eventTime"]) - clock.now()) < 80 * SECOND
    counts = gateways.counts
    assert (counts.measured, counts.missed) == (len(taken), 0)
    assert counts.confirmed == counts.sent == sum(connection.confirmed for connection in connections)
    assert abs(connections[0].confirmed - connections[1].confirmed) < 10


def test_a_message_that_a_logger_cannot_send_is_counted_as_missed() -> None:
    clock = ManualClock()
    connection = MemoryGatewayConnection(MemoryBroker())
    gateways = LoggerSource(hospital(loggers=10), WardScript(seed=3), [connection], clock)
    connection.drop()
    gateways.run(29, 0)
    assert gateways.counts.measured == gateways.counts.missed > 0


def test_a_logger_can_have_faults() -> None:
    taken: list[bytes] = []
    inventory = hospital(loggers=2)
    first = next(d for d in inventory.devices if d.startswith("0-"))
    failing = WardScript.model_validate({"faults": [{"at": 0, "device": first, "fault": "reboot", "for": "20s"}]})
    clock = ManualClock()
    gateways = LoggerSource(
        inventory, failing, [MemoryGatewayConnection(lambda _, payload: taken.append(payload))], clock
    )
    gateways.run(30, 0)
    assert [json.loads(p)["guid"] for p in taken] == [d for d in inventory.devices if d.startswith("0-") and d != first]


def test_monitors_are_in_the_order_of_the_beds_and_an_empty_bed_has_a_pseudonym() -> None:
    stands = monitors_at_beds(hospital(3), 0)
    assert [(s.bed, s.patient) for s in stands] == [
        ("icu-01", "p-icu-01"), ("icu-02", "p-icu-02"), ("icu-03", "nobody in icu-03"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"scenarios": [{"at": "1s", "bed": 9, "scenario": "fever"}]}, r"names bed '9'; there are 4: icu-01"),
        ({"scenarios": [{"at": "1s", "bed": "icu-9", "scenario": "fever"}]}, r"names bed 'icu-9'"),
        ({"faults": [{"at": "1s", "fault": "spikes"}]}, r"names bed 'None'"),
        ({"faults": [{"at": "1s", "device": "x", "fault": "spikes"}]}, r"names device 'x', which is not"),
        ({"scenarios": [{"at": "1s", "bed": 0, "scenario": "fever"}]}, r"names bed '0'"),
    ],
)
def test_a_script_with_an_unknown_bed_or_device_is_refused(found: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        SimulatedMonitors(WardScript.model_validate(found))


def test_a_script_with_an_unknown_scenario_is_refused_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_text("scenarios: [{at: 1h, bed: 1, scenario: typhoid}]")
    with pytest.raises(SettingsError, match="typhoid"):
        load_script(path)
    path.write_text("scenarios: [{at: 1h, bed: 1}]")
    with pytest.raises(SettingsError, match=r"scenarios\.0\.scenario: Field required"):
        load_script(path)


def test_the_demonstration_has_an_event_within_a_minute_and_few_at_a_time() -> None:
    shown = load_script()
    ward = SimulatedMonitors(shown, beds=20)
    ward.run(300)
    found = ward.readings("mon-icu-07")
    low = [t for t in found if t["values"].get("spo2", 100) < 88]  # type: ignore[attr-defined]
    first = (parse_instant(str(low[0]["at"])) - ManualClock().now()) / SECOND
    assert first < 42, "and fifteen seconds of delay are still within the minute"
    assert 60 < len(low) * 2.5 < 180
    assert found[-1]["values"]["spo2"] > 92  # type: ignore[index]
    assert len({p.bed for p in shown.scenarios} | {f.bed for f in shown.faults}) == 20, "each bed has its turn"
    for bed in set(range(1, 21)) - {2, 3, 7}:
        for reading in ward.readings(f"mon-icu-{bed:02}"):
            assert reading["values"].get("spo2", 95) > 88, bed  # type: ignore[attr-defined]
            assert 45 < reading["values"]["heart_rate"] < 115, bed  # type: ignore[index]
