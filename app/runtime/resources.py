"""What all programs use: settings, config, clock, metrics, and the log, store and broker that the settings name."""

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from functools import cached_property
from urllib.parse import parse_qs, urlsplit

from app.runtime.kept_config import LastConfig
from app.settings.config_reader import config_reader, contents_reader, present_contents
from app.settings.loader import config_variables
from app.settings.settings import PREFIX, Settings
from ward.adapters.factory import mqtt_address, open_broker, open_log, open_store
from ward.adapters.mqtt.address import MqttAddress
from ward.clock import Clock, Micros, SystemClock
from ward.config.config import Config
from ward.config.edit_guard import EditGuard
from ward.config.live_calendars import LiveCalendars
from ward.config.reloader import ConfigReloader
from ward.metrics import Metrics
from ward.ports import Broker, Log, Store


class Resources:
    """Opens each engine at its first use, once for all threads; `close` closes all of them.

    `environ` holds the variables that config may name as `${NAME}`; `broker`, `log` and `store` replace
    those that the settings name, and the caller closes them. Raises `ConfigError` when config has faults and
    `SettingsError` when an address cannot be used.
    """

    def __init__(
        self, settings: Settings, clock: Clock | None = None, metrics: Metrics | None = None,
        environ: Mapping[str, str] | None = None, broker: Callable[[], Broker] | None = None, log: Log | None = None,
        store: Store | None = None,
    ) -> None:  # fmt: skip
        self.settings = settings
        self.clock = clock or SystemClock()
        self.metrics = metrics or Metrics()
        # Includes the process id: programs of one name in several processes report numbers of their own.
        self.instance = f"{settings.instance or os.uname().nodename}-{os.getpid()}"
        self._broker = broker
        self._opening = threading.RLock()
        self._log, self._store = log, store
        self._closing = ExitStack()
        given = os.environ if environ is None else environ
        self._token_file = {name: given[name] for name in (f"{PREFIX}STORE_TOKEN_FILE",) if given.get(name)}
        known = {**config_variables(given), **settings.environment}
        self.guard = EditGuard(_lost_recipients) if settings.confirm_edits else None
        folder = settings.config
        self.last_config = LastConfig(
            lambda: self.log, contents_reader(folder, known), lambda: present_contents(folder), self.clock
        )
        self.live = ConfigReloader(
            folder, config_reader(folder, known), self.clock, self.metrics, guard=self.guard,
            last=self.last_config.read,
        )  # fmt: skip

    @cached_property
    def calendars(self) -> LiveCalendars:
        """The config with the calendars of its schedules: for programs that notify people. The first use reads them."""
        return LiveCalendars(self.live, self.settings.config, self.clock, self.settings.data / "calendars")

    @property
    def log(self) -> Log:
        """Also the thread that reads the last config opens it, which may take longer than a start waits for that."""
        with self._opening:
            if self._log is None:
                url = self._url(self.settings.log_url)
                self._log = open_log(url, self.clock, "WARDWATCH_LOG_URL", self.settings.secrets)
                self.at_end(self._log.close)
            return self._log

    @property
    def shared_log(self) -> bool:
        """Whether several processes write to the log."""
        return self.settings.log_url.startswith("kafka")

    @property
    def store(self) -> Store:
        with self._opening:
            if self._store is None:
                environment = self.settings.secrets | self._token_file
                self._store = open_store(self.settings.store_url, self.clock, "WARDWATCH_STORE_URL", environment)
                self.at_end(self._store.close)
            return self._store

    @cached_property
    def mqtt(self) -> MqttAddress:
        """The address of the MQTT broker."""
        return mqtt_address(self.settings.mqtt_url, "WARDWATCH_MQTT_URL", self.settings.secrets)

    @property
    def external_broker(self) -> bool:
        """Whether the broker is the one that the settings name. False when `broker` replaces it."""
        return self._broker is None

    def broker(self, share: str = "", may_connect: Callable[[], bool] = lambda: True) -> Broker:
        """A new connection of the bridge to the broker, for one share of the devices. The caller closes it.

        All bridges of a log have the same client id for a share: a session at the broker moves with its share.
        """
        if self._broker is not None:
            return self._broker()
        filters = [rule.filter for rule in self.live.config.codecs]
        log = parse_qs(urlsplit(self.settings.log_url).query).get("prefix", [""])[0].strip(".")
        names = ("wardwatch-bridge", log if self.shared_log else self.settings.instance, share)
        name = "-".join(filter(None, names))
        url, secrets = self.settings.mqtt_url, self.settings.secrets
        return open_broker(url, name, filters, self.metrics, self.clock, "WARDWATCH_MQTT_URL", secrets, may_connect)

    def at_end(self, close: Callable[[], object]) -> None:
        """Call `close` when the resources are closed; the last one registered is called first."""
        self._closing.callback(close)

    def close(self) -> None:
        self._closing.close()

    def _url(self, url: str) -> str:
        """The address with our instance name for Kafka: a restart then causes no rebalance."""
        if not (url.startswith("kafka") and self.settings.instance) or "instance=" in url:
            return url
        return f"{url}{'&' if '?' in url else '?'}instance={self.settings.instance}"


def _lost_recipients(old: Config, new: Config, now: Micros) -> Iterable[str]:
    """The routing of alerts is loaded with the first edit that needs it, not by every program."""
    from alerts.routing.lost_recipients import lost_recipients

    return lost_recipients(old, new, now)
