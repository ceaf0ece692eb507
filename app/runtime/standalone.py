"""A whole ward in one process: an embedded broker, SQLite, all six programs, and a mail catcher."""

import socket
from collections.abc import Mapping
from typing import Any

from app.mqtt_gate.gate import MOST_BYTES, MOST_CONNECTIONS, MqttGate
from app.mqtt_gate.intake_window import IntakeWindow, WindowedBroker
from app.runtime.descriptors import descriptors
from app.runtime.free_port import free_port
from app.runtime.mail_catcher import MailCatcher
from app.runtime.part_runner import PartFactory
from app.runtime.program_parts import (
    alert_parts,
    bridge_parts,
    detector_parts,
    rollup_parts,
    simulated_past_parts,
    simulator_parts,
    web_parts,
)
from app.runtime.program_runner import ProgramRunner
from app.runtime.reconciliation import VALUES, Reconciliation
from app.runtime.resources import Resources
from app.runtime.simulated_devices import SimulatedDevices
from app.runtime.stored_values import stored_values
from app.settings.settings import Settings
from ward.clock import SECOND, Clock, SystemClock
from ward.errors import SettingsError

CHANNELS = ("mail", "chat", "sms")


class StandaloneSystem:
    """All programs with shared resources. `start` runs them, `stop` ends them all; nothing leaves the machine.

    With `past`, the very first start on a data folder also writes a simulated past, while the ward is already live.
    Raises `ConfigError` when config has faults and `SettingsError` when a port is taken or an address is wrong.
    """

    def __init__(
        self, settings: Settings, environ: Mapping[str, str], clock: Clock | None = None, *, past: bool = False
    ) -> None:
        settings.data.mkdir(parents=True, exist_ok=True)
        descriptors()  # before the broker's process, which takes the limit over
        self._check_mqtt_port(settings.mqtt_port)
        self._broker_port = free_port()
        # Our own programs need no gate, which costs time for each message.
        settings = settings.model_copy(update={"mqtt_url": f"mqtt://127.0.0.1:{self._broker_port}"})
        self.mailbox = MailCatcher(settings.data)
        addresses = {f"WARDWATCH_{name.upper()}_URL": self.mailbox.address(name) for name in CHANNELS}
        try:
            self.resources = Resources(settings, clock or SystemClock(), environ={**environ, **addresses})
        except BaseException:
            self.mailbox.close()
            raise
        self.resources.at_end(self.mailbox.close)
        try:
            self._build(past)
        except BaseException:
            self.resources.close()
            raise

    def start(self) -> None:
        self._program.start()

    def stop(self) -> bool:
        """False when a part did not end in time."""
        ended = self._program.stop()
        self.resources.close()
        return ended

    def stop_measuring(self) -> None:
        """Let the simulated devices send what they have, and measure nothing more."""
        self.simulated.stop_measuring()

    def all_processed(self) -> bool:
        """Whether every reading that was sent has been processed to the end."""
        lag = self.resources.metrics.samples()
        behind = sum(n for name, n in lag.items() if name.startswith("wardwatch_consumer_lag_records{"))
        return not behind and not self.reconciliation().faults()

    def reconciliation(self) -> Reconciliation:
        """The counters of this run, and what the store has of it."""
        numbers = self.resources.metrics.samples()
        catalogue = self.resources.live.config.catalogue
        counted = [signal for signal in catalogue.values() if f'{VALUES}{{signal="{signal.name}"}}' in numbers]
        until = self.resources.clock.now() + 3600 * SECOND
        stored = stored_values(self.resources.store, counted, self._began, until)
        return Reconciliation(self.simulated.monitors, self.simulated.loggers, numbers, stored)

    def _build(self, past: bool) -> None:
        from iotcore import Broker

        resources = self.resources
        self._began = resources.clock.now()
        # First of all: once other parts have written, a first start cannot be distinguished from a second one.
        past_parts = simulated_past_parts(resources) if past else []
        self.writes_past = bool(past_parts)
        window = IntakeWindow()
        bridge = bridge_parts(resources, lambda broker: WindowedBroker(broker, window))
        factories = {
            "web": web_parts(resources, self.mailbox), "bridge": [*bridge, self._gate(window)],
            "detectors": detector_parts(resources), "alerts": alert_parts(resources),
            "rollups": rollup_parts(resources),
        }  # fmt: skip
        broker: Any = Broker(port=self._broker_port, listen="127.0.0.1", max_payload_size=MOST_BYTES)
        broker.start()
        resources.at_end(broker.stop)
        self.simulated = SimulatedDevices(resources)
        parts = {**factories, "simulators": [*simulator_parts(resources, self.simulated), *past_parts]}
        self._program = ProgramRunner(resources, parts)

    def _gate(self, window: IntakeWindow) -> PartFactory:
        port, clock = self.resources.settings.mqtt_port, self.resources.clock
        most = min(MOST_CONNECTIONS, descriptors() // 4)  # each has two, and the HTTP server and the files need some
        return PartFactory("mqtt-gate", lambda: MqttGate(port, self._broker_port, clock, window, most))

    def _check_mqtt_port(self, port: int) -> None:
        """Raise `SettingsError` when the port is taken: a part that cannot use it would be started again and again."""
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError as error:
            raise SettingsError(
                f"MQTT port {port} on 127.0.0.1 cannot be used ({error.strerror}): "
                "set WARDWATCH_MQTT_PORT or --mqtt-port to a free one"
            ) from error
