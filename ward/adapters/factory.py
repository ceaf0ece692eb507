"""Makes adapters from URLs: the engine of log, store and broker is a setting.

| URL | engine |
|---|---|
| `memory:` | this process alone, and only as long as it lives (log, broker) |
| `sqlite:data/log.db` | a file: one process writes, others may read with `?reading=yes` (log, store) |
| `kafka://host:9092,host2:9092?prefix=…` | Kafka; `kafkas://` with TLS (log) |
| `influx://host:8086?org=…&bucket=…` | InfluxDB; `influxs://` with TLS; `version=1` writes as 1.x wants it (store) |
| `mqtt://host:1883` | an MQTT broker; `mqtts://` with TLS (broker) |

Secrets are read from the environment: for `WARDWATCH_LOG_URL` they are `WARDWATCH_LOG_PASSWORD` or
`…_TOKEN`, or the same with `_FILE` behind it for a file. No error contains one. Client
libraries are imported where they are used.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from ward.clock import Clock
from ward.errors import SettingsError
from ward.metrics import Metrics
from ward.ports import Broker, Log, Store

if TYPE_CHECKING:
    from ward.adapters.influx.http import InfluxSettings
    from ward.adapters.mqtt.address import MqttAddress
    from ward.adapters.sqlite.log import SqliteLog


@dataclass(frozen=True, slots=True)
class _Setting:
    """A URL with the name of its setting."""

    name: str
    url: str
    environment: Mapping[str, str]

    @property
    def secrets(self) -> str:
        """The prefix of the names of its secrets: `WARDWATCH_LOG` for `WARDWATCH_LOG_URL`."""
        return self.name.removesuffix("_URL")

    @property
    def parts(self) -> SplitResult:
        return urlsplit(self.url)

    def options(self, *known: str) -> dict[str, str]:
        """The options after `?`. Raises `SettingsError` for unknown and repeated ones."""
        given = parse_qs(self.parts.query, keep_blank_values=True)
        for name, values in given.items():
            if name not in known:
                raise self.fault(f"has no option {name!r}; there are: {', '.join(known)}")
            if len(values) > 1:
                raise self.fault(f"has the option {name} more than once")
        return {name: values[0] for name, values in given.items()}

    def path(self) -> Path:
        """The file of `sqlite:data/log.db` or `sqlite:///var/lib/ward/log.db`."""
        path = unquote(self.parts.netloc + self.parts.path if not self.parts.netloc else "")
        if not path or path == "/":
            raise self.fault("needs a file, as in sqlite:data/log.db")
        return Path(path)

    def number(self, options: Mapping[str, str], name: str, otherwise: int) -> int:
        text = options.get(name, str(otherwise))
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 10_000):
            raise self.fault(f"needs a whole number from 1 to 9999 as the option {name}")
        return int(text)

    def secret(self, kind: str) -> str | None:
        """`<SETTING>_TOKEN`, or the content of the file that `<SETTING>_TOKEN_FILE` names."""
        name = f"{self.secrets}_{kind}"
        file = self.environment.get(f"{name}_FILE")
        if file is None:
            return self.environment.get(name)
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{name}_FILE: the file cannot be read: {type(error).__name__}") from error

    def secret_file(self, kind: str) -> Path | None:
        """The file that `<SETTING>_TOKEN_FILE` names, if it does."""
        file = self.environment.get(f"{self.secrets}_{kind}_FILE")
        return None if file is None else Path(file)

    def fault(self, what: str) -> SettingsError:
        return SettingsError(f"{self.name} {what}")

    def unknown(self, *known: str) -> SettingsError:
        return self.fault(f"begins with {self.parts.scheme!r}: it should be one of {', '.join(known)}")


def open_log(url: str, clock: Clock, setting: str, environment: Mapping[str, str] = os.environ) -> Log:
    """A log. `setting` is the name of the setting, for errors and secrets, such as `WARDWATCH_LOG_URL`.

    Raises `SettingsError`.
    """
    given = _Setting(setting, url, environment)
    match given.parts.scheme:
        case "memory":
            from ward.adapters.memory.log import MemoryLog

            return MemoryLog(given.number(given.options("partitions"), "partitions", 4))
        case "sqlite":
            from ward.adapters.sqlite.log import SqliteLog

            options = given.options("partitions", "reading")
            partitions = given.number(options, "partitions", 4)
            path, reading = given.path(), options.get("reading") == "yes"
            return _sqlite_log(lambda: SqliteLog(path, partitions, clock, reading_only=reading), clock)
        case "kafka" | "kafkas":
            return _kafka(given, clock)
    raise given.unknown("memory:", "sqlite:", "kafka://", "kafkas://")


def _sqlite_log(open_log: "Callable[[], SqliteLog]", clock: Clock) -> Log:
    """The log; where its disk is full, one that opens it later, so that programs start and say so."""
    from ward.adapters.sqlite.late_log import LateSqliteLog
    from ward.start_room import is_full

    try:
        return open_log()
    except SettingsError as error:
        if error.__cause__ is None or not is_full(error.__cause__):
            raise
        return LateSqliteLog(open_log, clock, str(error))


def open_store(url: str, clock: Clock, setting: str, environment: Mapping[str, str] = os.environ) -> Store:
    """A store. Raises `SettingsError`."""
    given = _Setting(setting, url, environment)
    match given.parts.scheme:
        case "sqlite":
            from ward.adapters.sqlite.store import SqliteStore

            reading = given.options("reading").get("reading") == "yes"
            return SqliteStore(given.path(), clock, reading_only=reading)
        case "influx" | "influxs":
            return _influx(given, clock)
    raise given.unknown("sqlite:", "influx://", "influxs://")


def open_broker(
    url: str, client_id: str, filters: Sequence[str], metrics: Metrics, clock: Clock, setting: str,
    environment: Mapping[str, str] = os.environ, may_connect: Callable[[], bool] = lambda: True,
) -> Broker:  # fmt: skip
    """A broker, for the bridge, which connects while `may_connect` is true. Raises `SettingsError`."""
    given = _Setting(setting, url, environment)
    if given.parts.scheme == "memory":
        from ward.adapters.memory.broker import MemoryBroker

        return MemoryBroker()
    from ward.adapters.mqtt.broker import MqttBroker

    return MqttBroker(mqtt_address(url, setting, environment), client_id, filters, metrics, clock, may_connect)


def mqtt_address(url: str, setting: str, environment: Mapping[str, str] = os.environ) -> "MqttAddress":
    """The address of an MQTT broker with its password. Raises `SettingsError`."""
    from ward.adapters.mqtt.address import MqttAddress

    given = _Setting(setting, url, environment)
    try:
        return MqttAddress.of(url, given.secret("PASSWORD"))
    except SettingsError as error:
        raise given.fault(f"is wrong: {error}") from error


def _kafka(given: _Setting, clock: Clock) -> Log:
    from ward.adapters.kafka.log import KafkaLog
    from ward.adapters.kafka.settings import KafkaSettings

    options = given.options("prefix", "partitions", "replication", "instance", "session", "ca", "mechanism")
    user, _, servers = given.parts.netloc.rpartition("@")
    hosts = servers.split(",")
    if not all(host.rpartition(":")[0] and host.rpartition(":")[2].isdigit() for host in hosts):
        raise given.fault("needs its brokers as kafka://host:port,host:port")
    tls = given.parts.scheme == "kafkas"
    settings = KafkaSettings(
        servers=servers,
        prefix=options.get("prefix", ""),
        partitions=given.number(options, "partitions", 4),
        replication=given.number(options, "replication", 1) if "replication" in options else -1,
        instance=options.get("instance", ""),
        session=float(given.number(options, "session", 10)),
        security=_security(given, unquote(user), tls, options),
    )
    return KafkaLog(settings, clock)


def _security(given: _Setting, user: str, tls: bool, options: Mapping[str, str]) -> dict[str, str]:
    """The settings of librdkafka for TLS and SASL; it verifies the names of hosts by default."""
    name, _, in_url = user.partition(":")
    password = given.secret("PASSWORD") or in_url
    if name and not password:
        raise given.fault(f"names a user, so {given.secrets}_PASSWORD or {given.secrets}_PASSWORD_FILE is needed")
    found: dict[str, str] = {}
    if name:
        found = {
            "sasl.mechanism": options.get("mechanism", "SCRAM-SHA-512"),
            "sasl.username": name,
            "sasl.password": password,
        }
    if tls and "ca" in options:
        found["ssl.ca.location"] = options["ca"]
    if tls or name:
        found["security.protocol"] = f"{'SASL_' if name else ''}{'SSL' if tls else 'PLAINTEXT'}"
    return found


def influx_settings(url: str, setting: str, environment: Mapping[str, str] = os.environ) -> "InfluxSettings":
    """The settings of InfluxDB. Raises `SettingsError` for any other address."""
    given = _Setting(setting, url, environment)
    if given.parts.scheme not in ("influx", "influxs"):
        raise given.unknown("influx://", "influxs://")
    return _influx_settings(given)


def _influx(given: _Setting, clock: Clock) -> Store:
    from ward.adapters.influx.store import InfluxStore

    return InfluxStore(_influx_settings(given), clock)


def _influx_settings(given: _Setting) -> "InfluxSettings":
    from ward.adapters.influx.http import InfluxSettings

    options = given.options("org", "bucket", "version", "ca")
    if given.parts.username or given.parts.password:
        raise given.fault(f"holds a name or password; give {given.secrets}_TOKEN or {given.secrets}_TOKEN_FILE instead")
    version = options.get("version", "2")
    try:
        port = given.parts.port or 8086
    except ValueError as error:
        raise given.fault(f"has no usable port: {error}") from error
    if not given.parts.hostname or not options.get("bucket") or version not in ("1", "2"):
        raise given.fault("should look like influx://host:8086?org=hospital&bucket=ward, with version=1 for 1.x")
    scheme = "https" if given.parts.scheme == "influxs" else "http"
    return InfluxSettings(
        url=f"{scheme}://{given.parts.hostname}:{port}",
        bucket=options["bucket"],
        org=options.get("org", ""),
        token=given.secret("TOKEN") or "",
        token_file=given.secret_file("TOKEN"),
        version=int(version),
        ca=options.get("ca"),
    )
