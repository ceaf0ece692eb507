"""The config that was last in force, kept in the log: a start compares the files with it."""

import json
import logging
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from ward.clock import Clock, Micros
from ward.config.config import Config
from ward.config.disk_reader import DiskHangs, DiskReader
from ward.errors import ConfigError, LogUnavailable, WireError
from ward.ids import printable
from ward.ports import Log
from ward.ports.log import MOST_BYTES
from ward.topics import CONFIG
from ward.wire import KEPT_CONFIG_WIRE, KeptConfig

log = logging.getLogger(__name__)

Contents = Mapping[str, Any]
KEY = "in-force"
WITHIN = 10.0  # seconds that a start waits for the log
# Six files of at most 1 MB, 200 models of at most 50 KB, and the quotes and escapes of JSON.
MOST_UNPACKED = 32_000_000

# Where alerts.yaml may have secrets: the section, and the key in each of its entries.
_SECRETS = {"channels": "urls", "trusted_senders": "password", "link_keys": "key"}
_Place = tuple[str, str]  # a section, and the name of an entry
# What is nothing but a variable without a default holds no secret.
_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-|:\?[^}]*)?\}")


class LastConfig:
    """What a start knows of the config that was last in force.

    `read` makes a config from contents of files, `present` returns the contents of the files as they are now: they have
    the secrets that are not kept. `pending` is true until the log has answered; `unknown` says why there
    is nothing to compare with, although something may have been kept. `contents` are the kept ones.
    """

    def __init__(
        self, log_: Callable[[], Log], read: Callable[[Contents, Micros], Config], present: Callable[[], Contents],
        clock: Clock,
    ) -> None:  # fmt: skip
        self._log = log_
        self._read = read
        self._present = present
        self._clock = clock
        self._reader = DiskReader(WITHIN)
        self.pending = True
        self.unknown = "it was not read"
        self.contents: Contents | None = None

    def read(self) -> Config | None:
        """The config that was last in force; None at the first start of all, and where it is not known."""
        try:
            value = self._reader.call(lambda: _newest(self._log()))
        except (LogUnavailable, DiskHangs):
            self.unknown = "the log does not answer"
            return None
        self.pending, self.unknown = False, ""
        if value is None:
            return None
        try:
            self.contents = unpacked(value)
            return self.made(self.contents)
        except (WireError, ConfigError) as error:
            self.unknown = printable(str(error).partition("\n")[0], 300) or "files are missing in it"
            log.error("the config that was last in force cannot be used: %s", self.unknown)
            return None

    def made(self, contents: Contents) -> Config:
        """The config with these contents of its files. Raises `ConfigError`."""
        return self._read(with_secrets(contents, self._present()), self._clock.now())


def packed(config: Config, now: Micros) -> bytes:
    """The record of a config. Raises `ValueError` when it is larger than a record may be."""
    text = json.dumps(without_secrets(config.contents), separators=(",", ":"), ensure_ascii=False)
    record = KeptConfig(hash=config.hash, at=now, contents=zlib.compress(text.encode()))
    value = KEPT_CONFIG_WIRE.encode(record)
    if len(value) > MOST_BYTES:
        raise ValueError(f"the config has {len(value)} bytes compressed, and {MOST_BYTES} can be kept")
    return value


def unpacked(value: bytes) -> Contents:
    """The contents in a record. Raises `WireError` when it is damaged."""
    record = KEPT_CONFIG_WIRE.decode(value)
    try:
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(record.contents, MOST_UNPACKED)
        if not unpacking.eof:
            raise WireError("the kept config is cut off")
        contents = json.loads(text)
    except (zlib.error, ValueError, RecursionError) as error:
        raise WireError(f"the kept config is damaged: {error}") from error
    if not isinstance(contents, dict):
        raise WireError("the kept config is damaged: it holds no files")
    return contents


def without_secrets(contents: Contents) -> Contents:
    """The contents with null for each secret that is written out, such as an address of a channel with a password."""
    return _with_secrets(contents, lambda _place, _n, secret: secret if _is_variable(secret) else None)


def with_secrets(kept: Contents, present: Contents) -> Contents:
    """`kept` with the secrets that it lacks from `present`, by name and order; empty where there is none."""
    now = _secrets(present)

    def secret(place: _Place, n: int, written: object) -> object:
        if written is not None:
            return written
        there = now.get(place, [])
        return there[n] if n < len(there) else ""

    return _with_secrets(kept, secret)


def _newest(log: Log) -> bytes | None:
    newest = None
    for batch in log.scan(log.partition(CONFIG, KEY), tail=1):
        newest = batch.values[-1]
    return newest


def _with_secrets(contents: Contents, change: Callable[[_Place, int, object], object]) -> Contents:
    found = _secrets(contents)
    if not found:
        return contents
    alerts = dict(contents["alerts.yaml"])
    for place, secrets in found.items():
        section, name = place
        key, entry = _SECRETS[section], alerts[section][name]
        changed = [change(place, n, secret) for n, secret in enumerate(secrets)]
        new = {**entry, key: changed if isinstance(entry[key], list) else changed[0]}
        alerts[section] = {**alerts[section], name: new}
    return {**contents, "alerts.yaml": alerts}


def _secrets(contents: Contents) -> dict[_Place, list[Any]]:
    """The secrets of each entry that has some, as they are written."""
    alerts = contents.get("alerts.yaml")
    if not isinstance(alerts, dict):
        return {}
    return {
        (section, name): entry[key] if isinstance(entry[key], list) else [entry[key]]
        for section, key in _SECRETS.items()
        if isinstance(entries := alerts.get(section), dict)
        for name, entry in entries.items()
        if isinstance(entry, dict) and key in entry
    }


def _is_variable(url: object) -> bool:
    return isinstance(url, str) and _VARIABLE.fullmatch(url) is not None
