"""The simulated devices of the config's inventory, on MQTT."""

from app.runtime.resources import Resources
from simulators.device_client.client import DeliveryCounts
from simulators.device_client.mqtt_connection import MqttDeviceConnection
from simulators.device_client.mqtt_loop import MqttLoop
from simulators.device_client.sqlite_buffer import SqliteDeviceBuffer
from simulators.live.logger_source import LoggerCounts, LoggerSource
from simulators.live.monitor_source import MonitorSource
from simulators.live.simulation import Simulation
from simulators.scripts.script import WardScript, load_script
from ward.adapters.mqtt.gateway_connection import MqttGatewayConnection


class SimulatedDevices:
    """Makes the simulation, anew after each crash, and knows what became of its readings."""

    def __init__(self, house: Resources) -> None:
        self._house = house
        settings = house.settings
        self.script: WardScript = (
            load_script() if settings.script is None else load_script(settings.script)
        ).model_copy(update={"seed": settings.seed})
        self._loop = MqttLoop()
        house.at_end(self._loop.close)
        self._monitors: MonitorSource | None = None
        self._gateways: LoggerSource | None = None
        self._simulation: Simulation | None = None

    def make(self) -> Simulation:
        house, config = self._house, self._house.live.config
        house.settings.data.mkdir(parents=True, exist_ok=True)
        kept = SqliteDeviceBuffer(house.settings.data / "devices.db")
        trunk = MqttGatewayConnection(house.mqtt, f"wardwatch-gateway-{house.instance}")
        self._monitors = MonitorSource(
            config.inventory, self.script, lambda topics: MqttDeviceConnection(house.mqtt, topics, self._loop), kept,
            house.clock, config.root,
        )  # fmt: skip
        self._gateways = LoggerSource(config.inventory, self.script, [trunk], house.clock)
        self._simulation = Simulation([self._monitors, self._gateways], house.clock)
        return self._simulation

    def rest(self) -> None:
        """Measure nothing more, but send what is kept."""
        if self._simulation is not None:
            self._simulation.rest()

    @property
    def monitors(self) -> DeliveryCounts:
        return self._monitors.counts if self._monitors else DeliveryCounts()

    @property
    def loggers(self) -> LoggerCounts:
        return self._gateways.counts if self._gateways else LoggerCounts()
