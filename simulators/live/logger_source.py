"""The humidity loggers of an inventory, which publish at plain QoS 1 through a few gateways."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulators.devices.bedside_monitors import InstantArray
from simulators.devices.humidity_loggers import HumidityLoggers
from simulators.devices.imaging_devices import LOGGER
from simulators.live.schedule import Schedule
from simulators.scripts.script import WardScript
from ward.clock import Clock, Micros
from ward.inventory import Inventory
from ward.ports.gateway_connection import GatewayConnection

TOPIC = "loggers"


@dataclass(frozen=True, slots=True)
class LoggerCounts:
    """Counts of messages: `measured = sent + missed`; of `sent`, `confirmed` have a PUBACK.

    A logger has no buffer and gets no acknowledgement of the bridge: what it cannot send is missed.
    """

    measured: int = 0
    sent: int = 0
    missed: int = 0
    confirmed: int = 0


class LoggerSource:
    """A source: all loggers of the inventory, spread over the connections given."""

    def __init__(
        self, inventory: Inventory, script: WardScript, connections: Sequence[GatewayConnection], clock: Clock
    ) -> None:
        devices = [device for device in inventory.devices.values() if device.device_kind == LOGGER]
        self._loggers = HumidityLoggers(devices, seed=script.seed, start=clock.now(), period=script.logged_every)
        for fault in script.faults:
            if fault.device in self._loggers.devices:
                index = self._loggers.devices.index(fault.device)
                self._loggers.begin_fault(index, fault.load(), fault.at, fault.lasting)
        self._schedule = Schedule(script.logged_every, self._loggers.start // 1000 * 1000, self._compute)
        self._connections = list(connections)
        self._measured = self._sent = 0
        for connection in self._connections:
            connection.connect()

    @property
    def due(self) -> float:
        return self._schedule.due

    @property
    def counts(self) -> LoggerCounts:
        confirmed = sum(connection.confirmed for connection in self._connections)
        return LoggerCounts(self._measured, self._sent, self._measured - self._sent, confirmed)

    def run(self, now: float, shift: Micros) -> int:
        done = 0
        while due := self._schedule.take(now):
            for i in due:
                self._measure(i, shift)
            done += len(due)
        return done

    def exchange(self) -> int:
        return 0  # a logger has no buffer, so nothing waits

    def close(self) -> None:
        for connection in self._connections:
            connection.close()

    def _compute(self, steps: int) -> InstantArray:
        self._row = self._loggers.advance(steps)
        return self._row.at

    def _measure(self, i: int, shift: Micros) -> None:
        row = self._row
        humidity = float(row.humidity[0, i])
        if not row.powered[0, i] or humidity != humidity:
            return
        self._measured += 1
        payload = self._loggers.write(i, int(row.device_time[0, i]) + shift, humidity)
        connection = self._connections[i % len(self._connections)]
        if row.plugged[0, i] and connection.publish(f"{TOPIC}/{self._loggers.devices[i]}", payload):
            self._sent += 1
