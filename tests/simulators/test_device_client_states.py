"""A device in any sequence of failures: each reading is at the bridge or still in the buffer."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from simulators.device_client.client import WIDEST_WINDOW, DeliveryCounts, DeviceClient
from simulators.device_client.sqlite_buffer import SqliteDeviceBuffer
from tests.kit.examples import examples
from tests.simulators.wire import TOPICS, Number, RecordingConnection, SmallBridge, number
from ward.adapters.memory.broker import MemoryBroker
from ward.clock import ManualClock


class DeviceMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.clock = ManualClock()
        self.broker = MemoryBroker(window=100_000)
        self.bridge = SmallBridge(self.broker)
        self.measured: list[Number] = []
        self.sent: list[Number] = []
        self.before = DeliveryCounts()
        self.open()

    def open(self) -> None:
        self.kept = SqliteDeviceBuffer(self.folder / "kept.db", most=100_000)
        self.link = RecordingConnection(self.broker)
        self.device = DeviceClient(TOPICS, self.link, self.kept, self.clock)
        self.device.power(True)
        self.device.plug(True)
        self.device.exchange()

    def end_run(self) -> None:
        self.sent += self.link.sent
        self.before += self.device.counts
        self.link.drop()
        self.kept.close()

    @rule(times=st.integers(1, 30), every=st.sampled_from([0.0, 0.4, 2.5]))
    def measure(self, times: int, every: float) -> None:
        for _ in range(times):
            self.clock.advance(every)
            measured = self.device.counts.measured
            self.device.measure(self.clock.now(), {"heart_rate": 70.0})
            if self.device.counts.measured > measured:
                kept = self.kept.after(TOPICS.device, 0, 100_000)
                self.measured.append((kept[-1].boot, kept[-1].seq))
            self.device.exchange()

    @rule(seconds=st.sampled_from([0.1, 3.0, 11.0, 70.0]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.device.exchange()

    @rule(limit=st.integers(1, 100))
    def the_bridge_takes_some(self, limit: int) -> None:
        self.bridge.take(limit)

    @rule()
    def the_bridge_thanks(self) -> None:
        self.bridge.acknowledge()
        self.device.exchange()

    @rule()
    def acknowledgements_get_lost(self) -> None:
        self.bridge.lose_acknowledgements()

    @rule()
    def the_broker_loses_what_it_has(self) -> None:
        self.bridge.lose()

    @rule(lose=st.booleans())
    def the_connection_breaks(self, lose: bool) -> None:
        if lose:
            self.bridge.lose()
        self.link.drop()

    @rule(in_=st.booleans())
    def somebody_pulls_the_cable_or_puts_it_in(self, in_: bool) -> None:
        self.device.plug(in_)
        self.device.exchange()

    @rule(on=st.booleans())
    def somebody_switches_it(self, on: bool) -> None:
        self.device.power(on)
        self.device.exchange()

    @rule()
    def the_device_is_killed_and_starts_again(self) -> None:
        self.end_run()
        self.open()

    @invariant()
    def nothing_is_lost(self) -> None:
        kept = {number(r.payload) for r in self.kept.after(TOPICS.device, 0, 100_000)}
        assert set(self.measured) <= kept | set(self.bridge.taken)

    @invariant()
    def the_counters_balance(self) -> None:
        counts = self.device.counts
        assert counts.balanced
        assert self.before.measured + counts.measured == len(self.measured)
        assert counts.sent + counts.resent == len(self.link.sent)

    @invariant()
    def no_more_than_a_window_is_under_way(self) -> None:
        kept = [(r.boot, r.seq) for r in self.kept.after(TOPICS.device, 0, 100_000)]
        beyond = set(kept[WIDEST_WINDOW:])
        # A rewind may have narrowed the window since; what it had sent before is still no more than the widest.
        assert len(beyond & set(self.link.sent[-1:])) == 0

    @invariant()
    def first_deliveries_are_in_order(self) -> None:
        sent = [*self.sent, *self.link.sent]
        firsts = list(dict.fromkeys(sent))
        assert firsts == self.measured[: len(firsts)]

    def teardown(self) -> None:
        if not hasattr(self, "device"):
            return
        self.device.power(True)
        self.device.plug(True)
        for _ in range(3 * len(self.measured) + 10):
            self.clock.advance(61)
            self.device.exchange()
            self.bridge.take()
            self.bridge.acknowledge()
            self.device.exchange()
            if not self.device.counts.buffered:
                break
        assert self.device.counts.buffered == 0, "in peace everything arrives"
        assert list(dict.fromkeys(self.bridge.taken)) != [] or not self.measured
        assert set(self.bridge.taken) == set(self.measured)
        self.end_run()
        shutil.rmtree(self.folder)


DeviceMachine.TestCase.settings = settings(max_examples=examples(15, 80), stateful_step_count=30, deadline=None)
TestDevice = DeviceMachine.TestCase
