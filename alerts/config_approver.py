"""Confirms edits of rules about patients that end no active alert; the others wait for a person."""

from collections.abc import Iterable
from contextlib import suppress

from alerts.model.now import Now
from alerts.model.tracked_alert import TrackedAlert
from ward.clock import SECOND, Micros
from ward.config.edit_guard import WaitingEdit
from ward.errors import LogUnavailable
from ward.ports import Log
from ward.topics import CONFIG_CONFIRMATIONS
from ward.wire import CONFIG_CONFIRMATION_WIRE, ConfigConfirmation

_REPEAT = 5 * SECOND  # a confirmation that the log lost is sent again


class ConfigApprover:
    """Looks at the edit that waits, and at the active alerts."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._sent: tuple[str, Micros] = ("", 0)

    def consider(self, edit: WaitingEdit | None, alerts: Iterable[TrackedAlert], now: Now) -> None:
        """Confirm `edit` when it takes nothing away and none of the alerts of the rules that it changes is active."""
        if edit is None or edit.removed or self._is_sent(edit, now):
            return
        active = {
            (tracked.alert.labels.get("device_id", ""), tracked.alert.labels["alertname"])
            for tracked in alerts
            if tracked.alert.active
        }
        if not active & edit.changed:
            note = "it ends no active alert"
            record = ConfigConfirmation(config=edit.hash, by="Wardwatch", at=now.wall, note=note, automatic=True)
            with suppress(LogUnavailable):  # the edit waits, and is considered again
                self._log.send(CONFIG_CONFIRMATIONS, [(edit.hash, CONFIG_CONFIRMATION_WIRE.encode(record))])
                self._sent = edit.hash, now.steady

    def _is_sent(self, edit: WaitingEdit, now: Now) -> bool:
        hash_, at = self._sent
        return hash_ == edit.hash and now.steady - at < _REPEAT
