"""Settings: what differs from one machine to the next. What a ward wants is in `config/` instead.

A flag outweighs the environment, the environment a file, a file the default:

    --http-port 8081  >  WARDWATCH_HTTP_PORT=8081  >  http_port: 8081 in settings.yaml  >  8080

A secret may also be given by a file that holds it, as containers do: `WARDWATCH_MQTT_PASSWORD_FILE`.
"""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from ward.config.model import Seconds

PREFIX = "WARDWATCH_"


def _url(*schemes: str) -> AfterValidator:
    """An address with one of these schemes, and without a password: what is in it is shown."""

    def check(text: str) -> str:
        try:
            parts = urlsplit(text)
            secret = parts.username is not None or parts.password is not None
        except ValueError as error:
            raise ValueError("not an address") from error
        if parts.scheme not in schemes:
            raise ValueError(f"an address that begins with {', '.join(f'{s}:' for s in schemes)} is wanted")
        if secret:
            raise ValueError("user and password have settings of their own: take them out of the address")
        return text

    return AfterValidator(check)


class Settings(BaseSettings):
    """All settings, each with what it is for. `ward.sources.settings` makes them; they show no secret."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid", hide_input_in_errors=True,
        allow_inf_nan=False, validate_default=False,
    )  # fmt: skip

    data: Path = Field(Path("data"), description="folder for everything that is kept: log, store, outbox, mails")
    config: Path = Field(Path("config"), description="folder of the ward's config")
    log_url: Annotated[str, _url("memory", "sqlite", "kafka")] = Field(
        default_factory=lambda given: f"sqlite:{given['data']}/log.db",
        description="the log: `memory:`, `sqlite:<file>` or `kafka://host:port,host:port`",
    )
    store_url: Annotated[str, _url("memory", "sqlite", "influx", "influxs")] = Field(
        default_factory=lambda given: f"sqlite:{given['data']}/store.db",
        description="the time-series store: `sqlite:<file>`, `influx://host:port`, with TLS `influxs://host:port`",
    )
    http_host: str = Field("127.0.0.1", description="the address the ward screen listens on; `0.0.0.0` for all")
    http_port: int = Field(8080, ge=0, le=65535, description="the port of the ward screen and the API")
    external_url: Annotated[str, _url("http", "https")] = Field(
        default_factory=lambda given: f"http://{given['http_host']}:{given['http_port']}",
        description="where people reach the ward screen: links in messages begin with it",
    )
    mqtt_port: int = Field(1883, ge=0, le=65535, description="the port of the embedded MQTT broker, on 127.0.0.1")
    mqtt_url: Annotated[str, _url("mqtt", "mqtts")] = Field(
        default_factory=lambda given: f"mqtt://127.0.0.1:{given['mqtt_port']}",
        description="the MQTT broker: `mqtt://host:port`, with TLS `mqtts://host:port`",
    )
    mqtt_user: str = Field("", description="the name to log in to the broker with")
    mqtt_password: SecretStr = Field(SecretStr(""), description="the password that goes with it")
    mqtt_ca: Path | None = Field(None, description="certificates of the authorities that vouch for the broker")
    mqtt_cert: Path | None = Field(None, description="our own certificate, where the broker asks for one")
    mqtt_key: Path | None = Field(None, description="the key of that certificate")
    influx_org: str = Field("ward", description="the organisation in InfluxDB")
    influx_bucket: str = Field("ward", description="the bucket for raw points")
    influx_token: SecretStr = Field(SecretStr(""), description="the token that may write and read it")
    partitions: int = Field(12, ge=1, le=1000, description="partitions of a topic of the log, when it is made")
    instance: str = Field("", description="a name of its own in its consumer group: restarts cause no shuffle")
    retention: Seconds = Field(30 * 86400.0, gt=0, description="how long the embedded log and store keep raw data")
    seed: int = Field(1, ge=0, description="where the simulators' chance begins: the same seed, the same ward")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="what is worth a log line")
    log_format: Literal["text", "json"] = Field("text", description="log lines for people, or for machines")

    @property
    def environment(self) -> dict[str, str]:
        """What `${…}` in config may want to know of the settings."""
        return {f"{PREFIX}EXTERNAL_URL": self.external_url}
