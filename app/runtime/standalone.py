"""A whole ward in one process: an embedded broker, SQLite, all six programs, and a mailbox of its own."""

import socket
from collections.abc import Mapping
from typing import Any

from app.runtime.mail_catcher import MailCatcher
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
from app.runtime.reconciliation import Reconciliation
from app.runtime.resources import Resources
from app.runtime.simulated_devices import SimulatedDevices
from app.settings.settings import Settings
from ward.clock import Clock, SystemClock
from ward.errors import SettingsError

# What a message may be at most, with room for what MQTT adds: the bridge quarantines larger payloads than 64 KiB.
_MOST_BYTES = 300_000
CHANNELS = ("mail", "chat", "sms")


class StandaloneSystem:
    """Everything on one household. `start` runs it, `stop` ends it whole; nothing leaves the machine.

    With `past`, the very first start on a data folder writes a simulated past, while the ward is live already.
    """

    def __init__(
        self, settings: Settings, environ: Mapping[str, str], clock: Clock | None = None, *, past: bool = False
    ) -> None:
        settings.data.mkdir(parents=True, exist_ok=True)
        self._free_mqtt(settings.mqtt_port)
        self.mailbox = MailCatcher(settings.data)
        mails = {f"WARDWATCH_{name.upper()}_URL": self.mailbox.address(name) for name in CHANNELS}
        try:
            self.house = Resources(settings, clock or SystemClock(), environ={**environ, **mails})
        except BaseException:
            self.mailbox.close()
            raise
        self.house.at_end(self.mailbox.close)
        try:
            self._furnish(past)
        except BaseException:
            self.house.close()
            raise

    def start(self) -> None:
        self._program.start()

    def stop(self) -> bool:
        """False when a part did not end in time."""
        ended = self._program.stop()
        self.house.close()
        return ended

    def rest(self) -> None:
        """Let the simulated devices measure nothing more."""
        self.simulated.rest()

    def settled(self) -> bool:
        """Whether all that was sent has come to its end."""
        lag = self.house.metrics.numbers()
        behind = sum(n for name, n in lag.items() if name.startswith("wardwatch_consumer_lag_records{"))
        return not behind and not self.balance().faults()

    def balance(self) -> Reconciliation:
        return Reconciliation(self.simulated.monitors, self.simulated.loggers, self.house.metrics.numbers())

    def _furnish(self, past: bool) -> None:
        from iotcore import Broker

        house = self.house
        # Before anything else writes: afterwards nobody could tell a first start from a second one.
        written = simulated_past_parts(house) if past else []
        self.writes_past = bool(written)
        recipes = {
            "web": web_parts(house, self.mailbox), "bridge": bridge_parts(house), "detectors": detector_parts(house),
            "alerts": alert_parts(house), "rollups": rollup_parts(house),
        }  # fmt: skip
        broker: Any = Broker(port=house.settings.mqtt_port, listen="127.0.0.1", max_payload_size=_MOST_BYTES)
        broker.start()
        house.at_end(broker.stop)
        self.simulated = SimulatedDevices(house)
        parts = {**recipes, "simulators": [*simulator_parts(house, self.simulated), *written]}
        self._program = ProgramRunner(house, parts)

    def _free_mqtt(self, port: int) -> None:
        """The broker is a process of its own and could not tell."""
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError as error:
            raise SettingsError(
                f"MQTT port {port} on 127.0.0.1 cannot be had ({error.strerror}): "
                "set WARDWATCH_MQTT_PORT or --mqtt-port to a free one"
            ) from error
