"""The humidity loggers of an inventory, speaking through a few gateways at plain QoS 1."""

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
    """What became of messages: `measured = sent + missed`; of `sent`, the broker has thanked for `confirmed`.

    A logger knows no acknowledgement and keeps nothing: what it cannot send is missed.
    """

    measured: int = 0
    sent: int = 0
    missed: int = 0
    confirmed: int = 0


class LoggerSource:
    """A source: all loggers of the inventory, spread over the trunks given."""

    def __init__(
        self, inventory: Inventory, script: WardScript, trunks: Sequence[GatewayConnection], clock: Clock
    ) -> None:
        devices = [device for device in inventory.devices.values() if device.device_kind == LOGGER]
        self._loggers = HumidityLoggers(devices, seed=script.seed, start=clock.now(), period=script.logged_every)
        for failure in script.failures:
            if failure.device in self._loggers.devices:
                index = self._loggers.devices.index(failure.device)
                self._loggers.fail(index, failure.made(), failure.at, failure.lasting)
        self._agenda = Schedule(script.logged_every, self._loggers.start // 1000 * 1000, self._compute)
        self._trunks = list(trunks)
        self._measured = self._sent = 0
        for trunk in self._trunks:
            trunk.connect()

    @property
    def due(self) -> float:
        return self._agenda.due

    @property
    def counts(self) -> LoggerCounts:
        confirmed = sum(trunk.confirmed for trunk in self._trunks)
        return LoggerCounts(self._measured, self._sent, self._measured - self._sent, confirmed)

    def run(self, now: float, shift: Micros) -> int:
        done = 0
        while due := self._agenda.take(now):
            for i in due:
                self._log(i, shift)
            done += len(due)
        return done

    def attend(self) -> int:
        return 0  # a logger keeps nothing, so nothing waits

    def close(self) -> None:
        for trunk in self._trunks:
            trunk.close()

    def _compute(self, steps: int) -> InstantArray:
        self._row = self._loggers.advance(steps)
        return self._row.at

    def _log(self, i: int, shift: Micros) -> None:
        row = self._row
        humidity = float(row.humidity[0, i])
        if not row.powered[0, i] or humidity != humidity:
            return
        self._measured += 1
        payload = self._loggers.write(i, int(row.claimed[0, i]) + shift, humidity)
        trunk = self._trunks[i % len(self._trunks)]
        if row.plugged[0, i] and trunk.publish(f"{TOPIC}/{self._loggers.devices[i]}", payload):
            self._sent += 1
