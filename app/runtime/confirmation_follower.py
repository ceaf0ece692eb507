"""Reads the confirmations of config edits from the log, so that each program takes a confirmed edit."""

import logging

from ward.config.edit_guard import EditGuard
from ward.config.reloader import ConfigReloader
from ward.ids import printable
from ward.ports import Consumer, Log
from ward.topics import CONFIG_CONFIRMATIONS
from ward.wire import CONFIG_CONFIRMATION_WIRE, ConfigConfirmation

log = logging.getLogger(__name__)

NEWEST = 50  # confirmations that are read at a start: a confirmation holds for minutes


class ConfirmationFollower:
    """A part: passes each confirmation in the log to the guard of the config, and asks for a reload."""

    def __init__(self, log_: Log, guard: EditGuard, live: ConfigReloader) -> None:
        self._guard = guard
        self._live = live
        self._consumer: Consumer = log_.follow((CONFIG_CONFIRMATIONS,), NEWEST)

    def step(self, wait: float) -> int:
        """Apply new confirmations. A record that cannot be read confirms nothing."""
        values = [value for batch in self._consumer.poll(100, wait) for value in batch.values]
        found = [message for message in CONFIG_CONFIRMATION_WIRE.decode_many(values)
                 if isinstance(message, ConfigConfirmation)]  # fmt: skip
        for message in found:
            self._guard.confirm(message.config, message.at, automatic=message.automatic)
            log.info("config %s is confirmed by %s", printable(message.config, 64), printable(message.by))
        if found:
            self._live.request_reload()
        return len(values)

    def close(self) -> None:
        self._consumer.close()
