"""Everything the pipeline knows, in memory, with what of it must still be written to the store."""

import logging

import msgspec

from alerts.model.group_state import GroupState
from alerts.model.now import Now
from alerts.model.outbox_entry import OutboxEntry
from alerts.model.queued_test import QueuedTest
from alerts.model.state_changes import StateChanges, StateRecord
from alerts.model.timed_silence import TimedSilence
from alerts.model.tracked_alert import TrackedAlert
from alerts.ports.state_store import StateStore
from alerts.steady_clock import ClockAnchor
from ward.action import Action, ActionType
from ward.alert import Alert
from ward.clock import Micros
from ward.finding import Finding
from ward.ids import digest, printable
from ward.ports import Partition
from ward.topics import ACTIONS, ALERTS
from ward.wire import ACTION_WIRE, ALERT_WIRE, FINDING_WIRE

log = logging.getLogger(__name__)

# Kinds of records in the store.
ALERT_RECORD, GROUP_RECORD, SILENCE_RECORD, CLOCK_RECORD = "alert", "group", "silence", "clock"
ACTION_RECORD, RECENT_END_RECORD, UNKNOWN_END_RECORD = "action", "recent_end", "unknown_end"
TEST_RECORD = "test"

_TRACKED = msgspec.json.Decoder(TrackedAlert)
_GROUP = msgspec.json.Decoder(GroupState)
_SILENCE = msgspec.json.Decoder(TimedSilence)
_TEST = msgspec.json.Decoder(QueuedTest)
_CLOCK = msgspec.json.Decoder(ClockAnchor)
_RECENT_END = msgspec.json.Decoder(tuple[str, Micros])
_encode = msgspec.json.Encoder().encode


class AlertState:
    """Open alerts, groups and silences by id. Closed ones stay in the store and are looked up there.

    All changes go to the store in one piece with `take_changes`, and the alerts among them to the log after that: once
    a step, and only if they differ from what was published last.

    Raises `msgspec.MsgspecError` or `UnicodeDecodeError` when an open record of the store cannot be read.
    """

    def __init__(self, store: StateStore) -> None:
        self._store = store
        alerts = [_TRACKED.decode(body) for body in store.open_records(ALERT_RECORD)]
        groups = [_GROUP.decode(body) for body in store.open_records(GROUP_RECORD)]
        silences = [_SILENCE.decode(body) for body in store.open_records(SILENCE_RECORD)]
        self.alerts = {tracked.alert.id: tracked for tracked in alerts}
        self.groups = {group.key: group for group in groups}
        self.silences = {timed.silence.id: timed for timed in silences}
        # When our own alerts ended, by fingerprint, for a while: another system may notice an end later.
        self.recent_ends = dict(_RECENT_END.decode(body) for body in store.open_records(RECENT_END_RECORD))
        tests = [_TEST.decode(body) for body in store.open_records(TEST_RECORD)]
        self.tests = {test.id: test for test in tests}
        self.positions = store.positions()
        self.anchor = next((_CLOCK.decode(body) for body in store.open_records(CLOCK_RECORD)), None)
        self._published = {tracked.alert.id: tracked.alert for tracked in alerts}
        self._by_fingerprint = {t.alert.fingerprint: t.alert.id for t in alerts if t.alert.active}
        self._changes = StateChanges()
        self._touched: dict[str, TrackedAlert] = {}
        self._closed: set[str] = set()
        self._new_actions: set[str] = set()
        self._published_up_to = 0

    def tracked(self, id_: str) -> TrackedAlert | None:
        """An alert, open or closed; None for an unknown one, and for a closed one that cannot be read any more."""
        if id_ in self.alerts:
            return self.alerts[id_]
        body = self._store.record(ALERT_RECORD, id_)
        try:
            return _TRACKED.decode(body) if body else None
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            log.error("the record of alert %s cannot be read: %s", printable(id_), error)
            return None

    def active(self, fingerprint: str) -> TrackedAlert | None:
        """The active alert with this fingerprint."""
        return self.alerts.get(self._by_fingerprint.get(fingerprint, ""))

    def put(self, tracked: TrackedAlert) -> None:
        """Add or replace an open alert."""
        id_, alert = tracked.alert.id, tracked.alert
        if self.alerts.get(id_) == tracked:
            return
        self.alerts[id_] = self._touched[id_] = tracked
        if alert.active:
            self._by_fingerprint[alert.fingerprint] = id_
        elif self._by_fingerprint.get(alert.fingerprint) == id_:
            del self._by_fingerprint[alert.fingerprint]

    def close_alert(self, id_: str) -> None:
        """An ended alert about which no notification is to come."""
        self._touched[id_] = self.alerts[id_]
        self._closed.add(id_)

    def add_recent_end(self, alert: Alert) -> None:
        """Remember for a while that an alert of our own has ended."""
        key, at = alert.fingerprint, alert.updated_at
        self.recent_ends[key] = at
        self._record(RECENT_END_RECORD, key, True, at, _encode((key, at)))

    def remove_recent_end(self, key: str) -> None:
        """Forget the end of the alert with this fingerprint."""
        del self.recent_ends[key]
        self._changes.removed.append((RECENT_END_RECORD, key))

    def put_group(self, group: GroupState, now: Now) -> None:
        """Add or replace the state of an alert group."""
        if self.groups.get(group.key) != group:
            self.groups[group.key] = group
            self._record(GROUP_RECORD, group.key, True, now.wall, _encode(group))

    def remove_group(self, key: str) -> None:
        """Forget an alert group."""
        del self.groups[key]
        self._changes.removed.append((GROUP_RECORD, key))

    def put_silence(self, timed: TimedSilence, now: Now) -> None:
        """Add or replace a silence; one that has ended is closed."""
        id_, is_open = timed.silence.id, now.steady < timed.end
        if is_open:
            self.silences[id_] = timed
        else:
            self.silences.pop(id_, None)
        self._record(SILENCE_RECORD, id_, is_open, now.wall, _encode(timed))

    def has_action(self, action: Action) -> bool:
        """Whether this action was applied before, by its id."""
        return action.id in self._new_actions or self._store.record(ACTION_RECORD, action.id) is not None

    def add_action(self, action: Action) -> None:
        """Store an action for good."""
        self._new_actions.add(action.id)
        self._record(ACTION_RECORD, action.id, False, action.at, ACTION_WIRE.encode(action))

    def add_own_action(self, action: Action) -> None:
        """Store an action of the pipeline itself, and publish it like a person's."""
        self.add_action(action)
        self.publish(ACTIONS, action.subject, ACTION_WIRE.encode(action))

    def add_unknown_end(self, finding: Finding) -> None:
        """Store a cleared finding of an episode without a raised one."""
        self._record(UNKNOWN_END_RECORD, finding.id, False, finding.received_at, FINDING_WIRE.encode(finding))

    def publish(self, topic: str, key: str, value: bytes) -> None:
        """Queue a message for the log; it is sent after the step's commit."""
        self._changes.publications.append((topic, key, value))

    def publish_again(self, now: Now) -> None:
        """Publish all open alerts and silences: the log does not have them any more."""
        self._touched.update(self.alerts)
        self._published.clear()
        for timed in self.silences.values():
            silence = timed.silence
            self.add_own_action(
                Action(
                    id=digest(silence.id, now.wall), type=ActionType.SILENCE, subject=silence.id,
                    by=silence.by, at=now.wall, silence=silence,
                )
            )  # fmt: skip

    def put_test(self, test: QueuedTest, now: Now) -> None:
        """Add or replace the test of a channel."""
        self.tests[test.id] = test
        self._record(TEST_RECORD, test.id, True, now.wall, _encode(test))

    def close_test(self, test: QueuedTest, now: Now) -> None:
        """A test about which nothing more is published, and which counts no more."""
        del self.tests[test.id]
        self._record(TEST_RECORD, test.id, False, now.wall, _encode(test))

    def enqueue(self, entries: tuple[OutboxEntry, ...]) -> None:
        """Queue messages for channels."""
        self._changes.outbox.extend(entries)

    def take_changes(
        self, now: Now, positions: dict[Partition, int], published: int, anchor: ClockAnchor, *, heartbeat: bool
    ) -> StateChanges:
        """Everything to write since the last call, and the log positions it belongs to.

        `published` is the number up to which publications are durable in the log. The clock anchor is written with any
        change; `heartbeat` asks for it when there is no other.
        """
        changes, self._changes = self._changes, StateChanges()
        for id_, tracked in self._touched.items():
            is_open = id_ not in self._closed
            changes.records.append(StateRecord(ALERT_RECORD, id_, is_open, now.wall, _encode(tracked)))
            if self._published.get(id_) != tracked.alert:
                changes.publications.append((ALERTS, tracked.alert.fingerprint, ALERT_WIRE.encode(tracked.alert)))
                self._published[id_] = tracked.alert
        for id_ in self._closed:
            del self.alerts[id_]
            self._published.pop(id_, None)
        self._touched, self._closed, self._new_actions = {}, set(), set()
        changes.positions = {p: n for p, n in positions.items() if self.positions.get(p) != n}
        self.positions = dict(positions)
        if published > self._published_up_to:
            self._published_up_to = changes.published = published
        if changes or heartbeat:
            changes.records.append(StateRecord(CLOCK_RECORD, "steady", True, now.wall, _encode(anchor)))
        return changes

    def _record(self, kind: str, id_: str, is_open: bool, at: Micros, body: bytes) -> None:
        self._changes.records.append(StateRecord(kind, id_, is_open, at, body))


def load_state(store: StateStore) -> AlertState:
    """The state in a store. A store whose records cannot be read is set aside, and an empty one takes its place."""
    try:
        return AlertState(store)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        store.start_over()
        return AlertState(store)
