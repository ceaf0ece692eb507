"""Settings: what differs between machines. The config of a ward is in `config/` instead.

A flag overrides the environment, the environment the file, the file the default:

    --http-port 8081  >  WARDWATCH_HTTP_PORT=8081  >  http_port: 8081 in settings.yaml  >  8080

A secret may also be given as the path of a file that holds it, as containers do: `WARDWATCH_MQTT_PASSWORD_FILE`.
"""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "WARDWATCH_"


def _url(*schemes: str) -> AfterValidator:
    """An address with one of these schemes, and without a password, since addresses are shown."""

    def check(text: str) -> str:
        try:
            parts = urlsplit(text)
            secret = parts.password is not None
        except ValueError as error:
            raise ValueError("not an address") from error
        if parts.scheme not in schemes:
            raise ValueError(f"the address must begin with {', '.join(f'{s}:' for s in schemes)}")
        if secret:
            raise ValueError("a password must not be in the address: it has its own setting")
        return text

    return AfterValidator(check)


class Settings(BaseSettings):
    """All settings with their descriptions. `load_settings` makes them; their repr shows no secret."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid", hide_input_in_errors=True,
        allow_inf_nan=False, validate_default=False,
    )  # fmt: skip

    data: Path = Field(Path("data"), description="folder of all data: log, store, outbox, mails")
    config: Path = Field(Path("config"), description="folder of the config of the ward")
    confirm_edits: bool = Field(
        True,
        description="whether an edit of the config that takes watch over patients away, or ends an active alert, waits "
        "until a person confirms it (`wardwatch config confirm`)",
    )
    log_url: Annotated[str, _url("memory", "sqlite", "kafka", "kafkas")] = Field(
        default_factory=lambda others: f"sqlite:{others['data']}/log.db",
        description="the log: `sqlite:<file>`, `kafka://host:port,host:port?partitions=12&replication=3`, with TLS "
        "`kafkas://user@host:port?ca=<file>&mechanism=SCRAM-SHA-512`, or `memory:`",
    )
    log_password: SecretStr = Field(SecretStr(""), description="the password of the user in `log_url`")
    store_url: Annotated[str, _url("sqlite", "influx", "influxs")] = Field(
        default_factory=lambda others: f"sqlite:{others['data']}/store.db",
        description="the time-series store: `sqlite:<file>` or `influx://host:port?org=hospital&bucket=ward`, with "
        "TLS `influxs://…&ca=<file>`; `version=1` for servers of the 1.x line",
    )
    store_token: SecretStr = Field(SecretStr(""), description="the token with the right to write and read that bucket")
    store_admin_token: SecretStr = Field(
        SecretStr(""), description="the token for `wardwatch influx apply`, with the right to create buckets and tokens"
    )
    http_host: str = Field("127.0.0.1", description="the address the ward screen listens on; `0.0.0.0` for all")
    http_port: int = Field(8080, ge=0, le=65535, description="the port of the ward screen and the API")
    http_hosts: str = Field(
        "", description="further host names, separated by commas, under which users reach the ward screen"
    )
    external_url: Annotated[str, _url("http", "https")] = Field(
        default_factory=lambda others: f"http://{others['http_host']}:{others['http_port']}",
        description="the address under which users reach the ward screen: links in notifications begin with it",
    )
    mqtt_port: int = Field(1883, ge=0, le=65535, description="the port of the embedded MQTT broker, on 127.0.0.1")
    mqtt_url: Annotated[str, _url("mqtt", "mqtts")] = Field(
        default_factory=lambda others: f"mqtt://127.0.0.1:{others['mqtt_port']}",
        description="the MQTT broker: `mqtt://user@host:port`, with TLS `mqtts://…?ca=<file>&cert=<file>&key=<file>`",
    )
    mqtt_password: SecretStr = Field(SecretStr(""), description="the password of the user in `mqtt_url`")
    instance: str = Field("", description="a fixed name in the consumer group, so that a restart causes no rebalance")
    bridge_shares: int = Field(
        1,
        ge=1,
        le=64,
        description="into how many shares the devices are divided where several bridges run on one Kafka; each share "
        "is at one bridge. The first bridge fixes the number in the log (docs/install.md)",
    )
    health: Path | None = Field(
        None, description="the liveness file: written every two seconds, read by `wardwatch health`"
    )
    canary: float = Field(
        10,
        ge=0,
        le=30,
        description="seconds between two canary readings that the bridge sends to itself through broker, log and store;"
        " 0: none, and a rule of Grafana raises an alert",
    )
    seed: int = Field(
        20, ge=0, description="the seed of the simulators' random numbers: the same seed gives the same ward"
    )
    script: Path | None = Field(
        None, description="the script of the simulated ward; that of the demonstration if not set"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="the lowest level that is logged"
    )
    log_format: Literal["text", "json"] = Field("text", description="log lines as text or as JSON")

    @property
    def environment(self) -> dict[str, str]:
        """The variables that config may name as `${…}` and that follow from the settings."""
        return {f"{PREFIX}EXTERNAL_URL": self.external_url}

    @property
    def secrets(self) -> dict[str, str]:
        """The secrets that are set, by the names of their variables."""
        held = {name: value for name in type(self).model_fields if isinstance(value := getattr(self, name), SecretStr)}
        return {f"{PREFIX}{name.upper()}": word for name, v in held.items() if (word := v.get_secret_value())}
