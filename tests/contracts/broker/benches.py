"""Each broker on a bench: the bridge's side, devices, and what a network and an operator do to both."""

import itertools
from collections.abc import Callable

from simulators.device_client.connection import DeviceConnection
from simulators.device_client.memory_connection import MemoryDeviceConnection
from simulators.device_client.mqtt_connection import MqttDeviceConnection
from simulators.device_client.mqtt_loop import MqttLoop
from tests.engines.proxy import TcpProxy
from ward.adapters.memory.broker import MemoryBroker
from ward.adapters.mqtt.broker import MqttBroker
from ward.clock import ManualClock
from ward.metrics import Metrics
from ward.ports import Broker, Message
from ward.topics import DeviceTopics

PATIENCE = 500  # turns of a fiftieth to a tenth of a second
_count = itertools.count()


class MemoryBench:
    """The twin."""

    window = 100
    marks_redelivered = True

    def __init__(self) -> None:
        self._broker = MemoryBroker(self.window)
        self.root = "ward"
        self.metrics = Metrics()
        self.broker: Broker = self._broker
        self.left: list[Message] = []

    def topics(self, device: str) -> DeviceTopics:
        return DeviceTopics(self.root, "icu", device)

    def link(self, device: str) -> DeviceConnection:
        return MemoryDeviceConnection(self._broker, self.topics(device))

    def lose(self) -> None:
        self._broker.lose_connection()

    def mute(self) -> None:
        self._broker.stop_responding()

    def back(self) -> None:
        self._broker.reconnect(subscribe=True)

    def restart_bridge(self) -> None:
        self._broker.close()
        self._broker.reconnect(subscribe=True)

    def new_bridge(self) -> None:
        """One the broker has never seen: it gets what is retained, and nothing older."""
        self._broker.close()
        self._broker.reconnect(session_lost=True, subscribe=True)

    def hear(self, link: DeviceConnection, count: int) -> list[tuple[str, bytes]]:
        """What a device hears: `count` messages."""
        heard = link.receive()
        assert len(heard) == count
        return heard

    def until(self, done: Callable[[], bool]) -> None:
        """In memory everything has happened already."""
        assert done()

    def close(self) -> None:
        self._broker.close()


class MqttBench:
    """The MQTT adapters on a running broker, with a proxy between the bridge and it."""

    def __init__(self, port: int, window: int, *, marks_redelivered: bool = True) -> None:
        self.window = window
        self.marks_redelivered = marks_redelivered
        number = next(_count)
        self.root = f"root{number}"
        self.metrics = Metrics()
        self._id = f"bridge-{number}"
        self._port = port
        self._clock = ManualClock()
        self._proxy = TcpProxy(port)
        self._loop = MqttLoop()
        self._links: list[DeviceConnection] = []
        self.left: list[Message] = []
        self.broker: Broker = self._connect()

    def topics(self, device: str) -> DeviceTopics:
        return DeviceTopics(self.root, "icu", device)

    def link(self, device: str) -> DeviceConnection:
        link = MqttDeviceConnection(f"mqtt://127.0.0.1:{self._port}", self.topics(device), self._loop)
        self._links.append(link)
        return link

    def lose(self) -> None:
        self._settle()
        self._proxy.refuse()
        self.until(lambda: self.broker.problem() != "")

    def mute(self) -> None:
        self._proxy.mute()
        self._clock.advance(9)
        self.until(lambda: self.broker.problem() != "")

    def back(self) -> None:
        """As after a loss, whether or not there was one."""
        self.lose()
        self._proxy.refuse(False)
        self._proxy.mute(False)
        self.until(lambda: self.broker.problem() == "")

    def restart_bridge(self) -> None:
        self.broker.close()
        self.broker = self._connect()

    def new_bridge(self) -> None:
        self.broker.close()
        self._id += "-new"
        self.broker = self._connect()

    def _settle(self) -> None:
        """Wait until the broker has handled all that the bridge has sent: it does so in order."""
        if self.broker.problem():
            return
        probe = MqttDeviceConnection(
            f"mqtt://127.0.0.1:{self._port}", DeviceTopics("probe", self.root, "p"), self._loop
        )
        probe.connect()
        self.until(lambda: probe.connected)
        heard: list[tuple[str, bytes]] = []
        for _ in range(PATIENCE):
            self.broker.publish(DeviceTopics("probe", self.root, "p").ack, b"probe")
            self.left += self.broker.receive(1000, 0.02)
            if heard := probe.receive():
                break
        assert heard
        probe.close()

    def hear(self, link: DeviceConnection, count: int) -> list[tuple[str, bytes]]:
        """What a device hears: `count` messages."""
        heard: list[tuple[str, bytes]] = []

        def all_of_them() -> bool:
            heard.extend(link.receive())
            return len(heard) >= count

        self.until(all_of_them)
        return heard

    def until(self, done: Callable[[], bool]) -> None:
        """Wait for what the broker does in its own time. What comes meanwhile is in `left`."""
        for _ in range(PATIENCE):
            if done():
                return
            if self.broker.problem():
                self._clock.advance(1)  # until it tries again
            self.left += self.broker.receive(1000, 0.02)
        raise AssertionError(f"waited in vain; the broker says: {self.broker.problem()!r}")

    def close(self) -> None:
        for link in self._links:
            link.close()
        self._loop.close()
        self.broker.close()
        self._proxy.close()

    def _connect(self) -> MqttBroker:
        filters = [f"{self.root}/+/+/readings", f"{self.root}/+/+/status"]
        made = MqttBroker(f"mqtt://127.0.0.1:{self._proxy.port}", self._id, filters, self.metrics, self._clock)
        self.broker = made
        self.until(lambda: made.problem() == "")
        return made


Bench = MemoryBench | MqttBench


class Taker:
    """Takes what comes to the bridge, without losing what came while something else was waited for."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def take(self, count: int, limit: int = 1000) -> list[Message]:
        """Exactly `count` messages. Fails when fewer come."""
        found, self._bench.left = self._bench.left[:count], self._bench.left[count:]
        for _ in range(PATIENCE):
            if len(found) >= count:
                break
            found += self._bench.broker.receive(min(limit, count - len(found)), 0.1)
        assert len(found) == count, f"{len(found)} messages came, not {count}"
        return found

    def some(self) -> list[Message]:
        """At least one message."""
        found, self._bench.left = self._bench.left, []
        for _ in range(PATIENCE):
            if found:
                return found
            found = self._bench.broker.receive(1000, 0.1)
        raise AssertionError("nothing came")

    def nothing(self) -> None:
        """Raises `AssertionError` if another message arrives within a moment."""
        assert self._bench.left == []
        assert [m for _ in range(3) for m in self._bench.broker.receive(10, 0.1)] == []

    def unacknowledged(self, count: int) -> list[Message]:
        """`count` messages that are no status; those alone are acknowledged."""
        found: list[Message] = []
        while len(found) < count:
            came = self.some()
            statuses = [m for m in came if m.topic.endswith("/status")]
            self._bench.broker.acknowledge(statuses)
            found += [m for m in came if m not in statuses]
        assert len(found) == count, f"{len(found)} messages came, not {count}"
        return found

    def readings(self, count: int) -> list[Message]:
        """`count` messages that are no status, all of them acknowledged."""
        found: list[Message] = []
        while len(found) < count:
            came = self.some()
            self._bench.broker.acknowledge(came)
            found += [m for m in came if not m.topic.endswith("/status")]
        assert len(found) == count, f"{len(found)} messages came, not {count}"
        return found
