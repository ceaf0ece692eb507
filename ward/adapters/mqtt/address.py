"""The address of an MQTT broker, with TLS and credentials."""

import ssl
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from ward.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttAddress:
    """From a URL such as `mqtts://bridge@broker.ward:8883?ca=/etc/ward/ca.pem`.

    `mqtts` is TLS; the broker's certificate and host name are verified, by the system's authorities or `ca`. `cert` and
    `key` are our own certificate. Pass the password separately rather than in the URL.
    """

    host: str
    port: int
    tls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: str | None = None
    cert: str | None = None
    key: str | None = None

    @classmethod
    def of(cls, url: str, password: str | None = None) -> "MqttAddress":
        """The address in a URL. Raises `SettingsError` for an invalid one."""
        parts = urlsplit(url)
        more = parse_qs(parts.query, keep_blank_values=True)
        odd = sorted(set(more) - {"ca", "cert", "key"})
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or odd or parts.path not in ("", "/"):
            raise SettingsError("an MQTT broker is given as mqtt://host:port or mqtts://user@host:port?ca=FILE")
        tls = parts.scheme == "mqtts"
        try:
            port = parts.port or (8883 if tls else 1883)
        except ValueError as error:
            raise SettingsError(f"an MQTT broker's port is a number up to 65535: {error}") from error
        files = {name: values[0] for name, values in more.items()}
        return cls(
            host=parts.hostname, port=port, tls=tls, user=unquote(parts.username) if parts.username else None,
            password=password if password is not None else unquote(parts.password) if parts.password else None, **files,
        )  # fmt: skip

    def secured(self) -> ssl.SSLContext | None:
        """The TLS context; None without TLS. Raises `SettingsError` when a certificate cannot be read."""
        if not self.tls:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca)
            if self.cert:
                context.load_cert_chain(self.cert, self.key)
        except (OSError, ValueError) as error:
            raise SettingsError(f"the MQTT broker's certificates cannot be used: {error}") from error
        return context

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"
