"""What all programs stand on: settings, config, clock, metrics, and the engines behind the settings' addresses."""

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import cached_property

from app.settings.config_reader import config_reader
from app.settings.loader import config_variables
from app.settings.settings import Settings
from ward.adapters.factory import mqtt_address, open_broker, open_log, open_store
from ward.adapters.mqtt.address import MqttAddress
from ward.clock import Clock, SystemClock
from ward.config.reloader import ConfigReloader
from ward.metrics import Metrics
from ward.ports import Broker, Log, Store


class Resources:
    """Opens each engine when it is first asked for, and closes all of them in the end.

    `environ` is what config may ask for by `${NAME}`, `broker` takes the place of the one that the
    settings name. Raises `ConfigError` when config has faults and `SettingsError` when an address
    cannot be used.
    """

    def __init__(
        self, settings: Settings, clock: Clock | None = None, metrics: Metrics | None = None,
        environ: Mapping[str, str] | None = None, broker: Callable[[], Broker] | None = None,
    ) -> None:  # fmt: skip
        self.settings = settings
        self.clock = clock or SystemClock()
        self.metrics = metrics or Metrics()
        # The process counts: programs of one name in several processes have numbers of their own.
        self.instance = f"{settings.instance or os.uname().nodename}-{os.getpid()}"
        self._broker = broker
        self._closing = ExitStack()
        known = {**config_variables(os.environ if environ is None else environ), **settings.environment}
        self.live = ConfigReloader(settings.config, config_reader(settings.config, known), self.clock, self.metrics)

    @cached_property
    def log(self) -> Log:
        log = open_log(self._url(self.settings.log_url), self.clock, "WARDWATCH_LOG_URL", self.settings.secrets)
        self.at_end(log.close)
        return log

    @cached_property
    def store(self) -> Store:
        store = open_store(self.settings.store_url, self.clock, "WARDWATCH_STORE_URL", self.settings.secrets)
        self.at_end(store.close)
        return store

    @cached_property
    def mqtt(self) -> MqttAddress:
        """Where devices and the bridge meet."""
        return mqtt_address(self.settings.mqtt_url, "WARDWATCH_MQTT_URL", self.settings.secrets)

    @property
    def outside(self) -> bool:
        """Whether the broker is the one of the settings, which others can reach too."""
        return self._broker is None

    def broker(self) -> Broker:
        """The bridge's side of the broker, made anew each time: whoever asks for one closes it."""
        if self._broker is not None:
            return self._broker()
        filters = [rule.filter for rule in self.live.config.codecs]
        name = f"wardwatch-bridge-{self.settings.instance}".rstrip("-")
        url, secrets = self.settings.mqtt_url, self.settings.secrets
        return open_broker(url, name, filters, self.metrics, self.clock, "WARDWATCH_MQTT_URL", secrets)

    def at_end(self, close: Callable[[], object]) -> None:
        """Have something closed with the household, the newest first."""
        self._closing.callback(close)

    def close(self) -> None:
        self._closing.close()

    def _url(self, url: str) -> str:
        """Kafka is told our name, so that a restart shuffles nothing."""
        if not (url.startswith("kafka") and self.settings.instance) or "instance=" in url:
            return url
        return f"{url}{'&' if '?' in url else '?'}instance={self.settings.instance}"
