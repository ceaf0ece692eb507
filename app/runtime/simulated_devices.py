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
    """Makes the simulation, again after each crash, and counts what was sent and acknowledged."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        settings = resources.settings
        self.script: WardScript = (
            load_script() if settings.script is None else load_script(settings.script)
        ).model_copy(update={"seed": settings.seed})
        self._loop = MqttLoop()
        resources.at_end(self._loop.close)
        self._monitors: MonitorSource | None = None
        self._gateways: LoggerSource | None = None
        self._simulation: Simulation | None = None

    def make(self) -> Simulation:
        resources, config = self._resources, self._resources.live.config
        resources.settings.data.mkdir(parents=True, exist_ok=True)
        buffer = SqliteDeviceBuffer(resources.settings.data / "devices.db", wall=resources.clock.now())
        connection = MqttGatewayConnection(resources.mqtt, f"wardwatch-gateway-{resources.instance}")
        self._monitors = MonitorSource(
            config.inventory, self.script, lambda topics: MqttDeviceConnection(resources.mqtt, topics, self._loop),
            buffer, resources.clock, config.root,
        )  # fmt: skip
        self._gateways = LoggerSource(config.inventory, self.script, [connection], resources.clock)
        self._simulation = Simulation([self._monitors, self._gateways], resources.clock)
        return self._simulation

    def stop_measuring(self) -> None:
        """Stop measuring, but send what the buffers hold."""
        if self._simulation is not None:
            self._simulation.stop_measuring()

    @property
    def monitors(self) -> DeliveryCounts:
        return self._monitors.counts if self._monitors else DeliveryCounts()

    @property
    def loggers(self) -> LoggerCounts:
        return self._gateways.counts if self._gateways else LoggerCounts()
