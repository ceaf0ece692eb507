"""The outbox: what must be told, on disk until it was."""

import threading
from dataclasses import dataclass
from pathlib import Path

from ward.adapters.sqlite import connect
from ward.clock import SECOND, Clock, Micros
from ward.ports import Notice

_SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
    key TEXT, channel TEXT, subject TEXT, body TEXT, priority INTEGER, created INTEGER,
    attempts INTEGER DEFAULT 0, due INTEGER, sent INTEGER, detail TEXT, PRIMARY KEY (key, channel)) WITHOUT ROWID;
"""
LONGEST_PAUSE = 60


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that is due on its channel."""

    notice: Notice
    created: Micros
    attempts: int


class Outbox:
    """Notices by key and channel: put once, kept until delivered, tried again without end."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._db = connect(path)
        self._db.executescript(_SCHEMA)
        self._clock = clock
        self.changed = threading.Condition(threading.RLock())

    def put(self, channel: str, notice: Notice, priority: int) -> None:
        now = self._clock.now()
        with self.changed:
            self._db.execute(
                "INSERT OR IGNORE INTO outbox (key, channel, subject, body, priority, created, due) "
                "VALUES (?,?,?,?,?,?,?)",
                (notice.key, channel, notice.subject, notice.body, priority, now, now),
            )
            self.changed.notify_all()

    def due(self, channel: str) -> Waiting | None:
        """The most urgent notice whose turn it is, the oldest first."""
        with self.changed:
            row = self._db.execute(
                "SELECT key, subject, body, created, attempts FROM outbox WHERE channel=? AND sent IS NULL AND due<=? "
                "ORDER BY priority DESC, created LIMIT 1",
                (channel, self._clock.now()),
            ).fetchone()
        return Waiting(Notice(key=row[0], subject=row[1], body=row[2]), row[3], row[4]) if row else None

    def sent(self, channel: str, key: str) -> None:
        with self.changed:
            self._db.execute("UPDATE outbox SET sent=? WHERE key=? AND channel=?", (self._clock.now(), key, channel))

    def failed(self, channel: str, waiting: Waiting, detail: str) -> None:
        """Try again after 1, 2, 4 … 60 s."""
        pause = min(LONGEST_PAUSE, 2**waiting.attempts) * SECOND
        with self.changed:
            self._db.execute(
                "UPDATE outbox SET attempts=attempts+1, due=?, detail=? WHERE key=? AND channel=?",
                (self._clock.now() + pause, detail, waiting.notice.key, channel),
            )

    def close(self) -> None:
        self._db.close()
