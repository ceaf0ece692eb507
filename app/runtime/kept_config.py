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
MOST_UNPACKED = 16_000_000  # six files of at most 1 MB, and the quotes and escapes of JSON

# An address that is nothing but a variable without a default holds no secret.
_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-|:\?[^}]*)?\}")


class LastConfig:
    """What a start knows of the config that was last in force.

    `read` makes a config from contents of files, `present` returns the contents of the files as they are now: they have
    the addresses of channels that are not kept. `pending` is true until the log has answered; `unknown` says why there
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
        return self._read(with_addresses(contents, self._present()), self._clock.now())


def packed(config: Config, now: Micros) -> bytes:
    """The record of a config. Raises `ValueError` when it is larger than a record may be."""
    text = json.dumps(without_addresses(config.contents), separators=(",", ":"), ensure_ascii=False)
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


def without_addresses(contents: Contents) -> Contents:
    """The contents with null for each address of a channel that is written out: it may have a password."""
    return _with_urls(contents, lambda _channel, _n, url: url if _is_variable(url) else None)


def with_addresses(kept: Contents, present: Contents) -> Contents:
    """`kept` with the addresses that it lacks from `present`, by channel and order; empty where there is none."""
    now = {channel: urls for channel, urls in _urls(present).items() if isinstance(urls, list)}

    def address(channel: str, n: int, url: object) -> object:
        if url is not None:
            return url
        urls = now.get(channel, [])
        return urls[n] if n < len(urls) else ""

    return _with_urls(kept, address)


def _newest(log: Log) -> bytes | None:
    newest = None
    for batch in log.scan(log.partition(CONFIG, KEY), tail=1):
        newest = batch.values[-1]
    return newest


def _with_urls(contents: Contents, change: Callable[[str, int, object], object]) -> Contents:
    changed = {
        channel: [change(channel, n, url) for n, url in enumerate(urls)] if isinstance(urls, list) else None
        for channel, urls in _urls(contents).items()
    }
    if not changed:
        return contents
    alerts = contents["alerts.yaml"]
    channels = {
        name: {**channel, "urls": changed[name]} if name in changed else channel
        for name, channel in alerts["channels"].items()
    }
    return {**contents, "alerts.yaml": {**alerts, "channels": channels}}


def _urls(contents: Contents) -> dict[str, Any]:
    """The addresses of each channel that has some, as they are written."""
    alerts = contents.get("alerts.yaml")
    channels = alerts.get("channels") if isinstance(alerts, dict) else None
    if not isinstance(channels, dict):
        return {}
    return {
        name: channel["urls"] for name, channel in channels.items() if isinstance(channel, dict) and "urls" in channel
    }


def _is_variable(url: object) -> bool:
    return isinstance(url, str) and _VARIABLE.fullmatch(url) is not None
