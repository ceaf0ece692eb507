"""All the pipeline knows, in memory, with what of it must still be written."""

import logging
from pathlib import Path

import msgspec

from alerts.steady_clock import Mark
from alerts.storage.state_file import Changes, OutboxEntry, Record, StateFile
from alerts.tracking.tracked_alert import Group, Instant, TimedSilence, TrackedAlert
from ward.action import Action
from ward.alert import Alert
from ward.clock import Micros
from ward.finding import Finding
from ward.ids import printable
from ward.ports import Partition
from ward.topics import ACTIONS, ALERTS
from ward.wire import ACTION, ALERT, FINDING

log = logging.getLogger(__name__)

FILE = "alerts.db"

_CASE = msgspec.json.Decoder(TrackedAlert)
_GROUP = msgspec.json.Decoder(Group)
_KEPT = msgspec.json.Decoder(TimedSilence)
_MARK = msgspec.json.Decoder(Mark)
_ENDED = msgspec.json.Decoder(tuple[str, Micros])
_encode = msgspec.json.Encoder().encode


class AlertState:
    """Open cases, groups and silences by id. What is closed stays in the file and is looked up there.

    Whatever is put here goes to the file in one piece with `changes`, and to the log after that:
    an alert that differs from what was published last, once a step.
    """

    def __init__(self, file: StateFile) -> None:
        self._file = file
        cases = [_CASE.decode(body) for body in file.opened("case")]
        self.cases = {case.alert.id: case for case in cases}
        self.groups = {group.key: group for group in (_GROUP.decode(body) for body in file.opened("group"))}
        self.silences = {kept.silence.id: kept for kept in (_KEPT.decode(body) for body in file.opened("silence"))}
        # When our own findings were over, by fingerprint, for a while: another system may be late to notice.
        self.ended = dict(_ENDED.decode(body) for body in file.opened("ended"))
        self.positions = file.positions()
        self.mark = next((_MARK.decode(body) for body in file.opened("mark")), None)
        self._published = {case.alert.id: case.alert for case in cases}
        self._by_fingerprint = {case.alert.fingerprint: case.alert.id for case in cases if case.alert.active}
        self._changes = Changes()
        self._touched: dict[str, TrackedAlert] = {}
        self._closed: set[str] = set()
        self._deeds: set[str] = set()
        self._struck = 0

    def case(self, id_: str) -> TrackedAlert | None:
        """A case, open or not. A closed one that cannot be read any more is none."""
        if id_ in self.cases:
            return self.cases[id_]
        body = self._file.body("case", id_)
        try:
            return _CASE.decode(body) if body else None
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            log.error("the record of alert %s cannot be read: %s", printable(id_), error)
            return None

    def active(self, fingerprint: str) -> TrackedAlert | None:
        """The active incarnation of an alert, by what makes it this one."""
        return self.cases.get(self._by_fingerprint.get(fingerprint, ""))

    def put(self, case: TrackedAlert) -> None:
        id_, alert = case.alert.id, case.alert
        if self.cases.get(id_) == case:
            return
        self.cases[id_] = self._touched[id_] = case
        if alert.active:
            self._by_fingerprint[alert.fingerprint] = id_
        elif self._by_fingerprint.get(alert.fingerprint) == id_:
            del self._by_fingerprint[alert.fingerprint]

    def note_end(self, alert: Alert) -> None:
        """Remember that an alert of ours is over."""
        key, at = alert.fingerprint, alert.updated_at
        self.ended[key] = at
        self._changes.records.append(Record("ended", key, True, at, _encode((key, at))))

    def forget_end(self, key: str) -> None:
        del self.ended[key]
        self._changes.gone.append(("ended", key))

    def put_group(self, group: Group, now: Instant) -> None:
        if self.groups.get(group.key) != group:
            self.groups[group.key] = group
            self._changes.records.append(Record("group", group.key, True, now.wall, _encode(group)))

    def drop_group(self, key: str) -> None:
        del self.groups[key]
        self._changes.gone.append(("group", key))

    def keep(self, kept: TimedSilence, now: Instant) -> None:
        """A silence as it stands now; an expired one is closed."""
        id_, open_ = kept.silence.id, now.steady < kept.end
        if open_:
            self.silences[id_] = kept
        else:
            self.silences.pop(id_, None)
        self._changes.records.append(Record("silence", id_, open_, now.wall, _encode(kept)))

    def done(self, action: Action) -> bool:
        """Whether this has been done already, by the id of the request."""
        return action.id in self._deeds or self._file.body("action", action.id) is not None

    def note(self, action: Action) -> None:
        """Keep for good what a person did."""
        self._deeds.add(action.id)
        self._changes.records.append(Record("action", action.id, False, action.at, ACTION.encode(action)))

    def say(self, action: Action) -> None:
        """What the pipeline does by itself is told to the log like anybody's action."""
        self.note(action)
        self._changes.publish.append((ACTIONS, action.subject, ACTION.encode(action)))

    def note_orphan(self, finding: Finding) -> None:
        """Keep the end of something whose beginning never came."""
        self._changes.records.append(Record("orphan", finding.id, False, finding.seen, FINDING.encode(finding)))

    def publish(self, topic: str, key: str, value: bytes) -> None:
        """A message for the log, to go out after this step's commit."""
        self._changes.publish.append((topic, key, value))

    def tell(self, letters: tuple[OutboxEntry, ...]) -> None:
        self._changes.letters.extend(letters)

    def close(self, id_: str) -> None:
        """A case of which nothing will ever be told again."""
        self._touched[id_] = self.cases[id_]
        self._closed.add(id_)

    def changes(
        self, now: Instant, positions: dict[Partition, int], published: int, mark: Mark, *, beat: bool
    ) -> Changes:
        """All there is to write since the last time; `beat` asks for the mark of time even when there is nothing."""
        changes, self._changes = self._changes, Changes()
        for id_, case in self._touched.items():
            changes.records.append(Record("case", id_, id_ not in self._closed, now.wall, _encode(case)))
            if self._published.get(id_) != case.alert:
                changes.publish.append((ALERTS, case.alert.fingerprint, ALERT.encode(case.alert)))
                self._published[id_] = case.alert
        for id_ in self._closed:
            del self.cases[id_]
            self._published.pop(id_, None)
        self._touched, self._closed, self._deeds = {}, set(), set()
        changes.positions = {p: n for p, n in positions.items() if self.positions.get(p) != n}
        self.positions = dict(positions)
        if published > self._struck:
            self._struck = changes.published = published
        if changes or beat:
            changes.records.append(Record("mark", "steady", True, now.wall, _encode(mark)))
        return changes


def open_state(path: Path, wall: Micros) -> tuple[StateFile, AlertState, str]:
    """The file and what is in it. A torn or unreadable one is put aside and begun anew: then the third says so."""
    file = StateFile(path, str(wall))
    try:
        book = AlertState(file)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        file.close()
        file = StateFile.anew(path, str(wall))
        book = AlertState(file)
    return file, book, file.broken.name if file.broken else ""
