"""The URLs of a channel, from the config and from its file of secrets."""

import logging
from pathlib import Path

from ward.config.alerting import Channel
from ward.regular_file import read_regular_file

log = logging.getLogger(__name__)

MOST_BYTES = 100_000


def channel_urls(channel: Channel) -> tuple[str, ...]:
    """All URLs of a channel. A file without any, or one that cannot be read, gives an empty URL, which nobody accepts:
    its recipients are missing, so that no message counts as delivered to all."""
    urls = [secret.get_secret_value() for secret in channel.urls if secret.get_secret_value().strip()]
    return (*urls, *(_in_file(channel, channel.url_file) if channel.url_file is not None else ()))


def _in_file(channel: Channel, file: str) -> list[str]:
    try:
        lines = read_regular_file(Path(file), MOST_BYTES).decode().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        log.error("channel %s: %s cannot be read: %s", channel.name, file, error)
        lines = []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")] or [""]
