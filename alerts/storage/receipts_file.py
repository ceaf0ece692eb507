"""The receipts of messages in the alerts' file."""

import sqlite3
from pathlib import Path

from alerts.model.delivery_result import Outcome
from alerts.model.receipt import Receipt
from alerts.storage.schema import FILE
from ward.alert import ReceiptState
from ward.clock import Micros
from ward.damaged_file import FileIdentity
from ward.errors import SettingsError
from ward.sqlite_file import connect, transaction

_COLUMNS = ",".join(Receipt._fields)
_MOST_DUE = 20  # of each gateway of each channel
_DUE = f"""
SELECT {_COLUMNS} FROM (
    SELECT *, row_number() OVER (
        PARTITION BY channel, substr(reference, 1, instr(reference, ' ')) ORDER BY state, sent_at) AS place
    FROM receipts WHERE state IN ('', 'missing') AND ask_at<=?)
WHERE place<={_MOST_DUE} ORDER BY place, sent_at
"""


class ReceiptsFile:
    """A `ReceiptStore` on a connection of its own. Raises `SettingsError` where there is no file."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        if not self._path.exists():
            raise SettingsError(f"{self._path}: not there yet")
        self._db = connect(self._path)
        self._file = FileIdentity(self._path)

    def due(self, now: Micros) -> list[Receipt]:
        """Receipts to ask for now: one of each gateway, then the next of each; the open and oldest ones first."""
        if self._file.lost():
            raise SettingsError(f"{self._path}: it was replaced by another file while open")
        try:
            return [Receipt(*row) for row in self._db.execute(_DUE, (now,))]
        except sqlite3.OperationalError as error:
            raise SettingsError(f"{self._path}: not ready: {error}") from error

    def put(self, receipt: Receipt) -> None:
        """Write what is known of a message now; the newest message to a recipient with a state decides on its own."""
        with transaction(self._db):
            marks = ",".join("?" * len(Receipt._fields))
            self._db.execute(f"INSERT OR REPLACE INTO receipts ({_COLUMNS}) VALUES ({marks})", receipt)
            if receipt.state:
                self._set_recipient(receipt)

    def _set_recipient(self, receipt: Receipt) -> None:
        outcome = Outcome.DELIVERED if receipt.state == ReceiptState.DELIVERED else Outcome.NO_RECEIPT
        reply = "" if outcome is Outcome.DELIVERED else receipt.reply
        self._db.execute(
            "UPDATE recipients SET since=iif((outcome='delivered')=(?1='delivered'), since, ?3), outcome=?1, reply=?2 "
            "WHERE channel=?4 AND recipient=?5 AND NOT EXISTS (SELECT 1 FROM receipts WHERE channel=?4 "
            "AND recipient=?5 AND sent_at>?6 AND state<>'')",
            (outcome, reply, receipt.at, receipt.channel, receipt.recipient, receipt.sent_at),
        )

    def prune(self, before: Micros, most: int) -> int:
        """Forget messages sent before `before`, and the oldest beyond `most`. Returns how many of these were open."""
        sql = (
            "DELETE FROM receipts WHERE sent_at<?1 OR (channel, recipient, key) IN (SELECT channel, recipient, key "
            "FROM receipts ORDER BY sent_at DESC LIMIT -1 OFFSET ?2) RETURNING state"
        )
        return sum(state == "" for (state,) in self._db.execute(sql, (before, most)).fetchall())

    def close(self) -> None:
        self._db.close()
