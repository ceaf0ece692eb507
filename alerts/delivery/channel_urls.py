"""The URLs of a channel, from the config and from its file of secrets."""

import logging
from pathlib import Path

from ward.config.alerting import Channel
from ward.regular_file import read_regular_file

log = logging.getLogger(__name__)

MOST_BYTES = 100_000


def channel_urls(channel: Channel) -> tuple[str, ...]:
    """All URLs of a channel; a file that cannot be read is logged and gives none."""
    urls = [secret.get_secret_value() for secret in channel.urls if secret.get_secret_value().strip()]
    if channel.url_file is not None:
        try:
            lines = read_regular_file(Path(channel.url_file), MOST_BYTES).decode().splitlines()
        except (OSError, UnicodeDecodeError) as error:
            log.error("channel %s: %s cannot be read: %s", channel.name, channel.url_file, error)
            lines = []
        urls += [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return tuple(urls)
