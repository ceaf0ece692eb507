"""MQTT by paho-mqtt: the bridge's side.

Settings and their reasons:
- MQTT 3.1.1: half the cost of version 5 in paho, and the version of the embedded broker.
- a fixed client id and no clean session: the broker stores messages while the bridge is not connected.
- `manual_ack`: the PUBACK is sent after the log has the reading, not when paho has it.
- an acknowledgement belongs to its connection: packet ids are used again after a reconnect.
- a message to ourselves every few seconds: only its absence shows a broker that accepts packets and forwards none.
- no thread of paho's: the thread that calls `receive` also reads the socket, so a message is handed over once, and
  an error in a callback is raised there instead of ending a thread unnoticed. A keeper thread serves the connection
  while `receive` is not called, and opens a new one when it is lost.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence

from ward.adapters.mqtt.address import MqttAddress
from ward.adapters.mqtt.session import MqttSession
from ward.backoff import Backoff
from ward.clock import Clock, SystemClock
from ward.ids import printable
from ward.metrics import Metrics
from ward.ports import Message
from ward.wakeup import Wakeup

log = logging.getLogger(__name__)

_TICK = 0.1
_LONGEST_PAUSE = 5.0
_LONGEST_TAKEOVER_PAUSE = 16.0
_SHORT_SESSION = 10.0
_MOST_TAKEOVERS = 3
_MOST_UNREAD = 20_000

# Packet ids to acknowledge on a session; or topic, payload and QoS.
Outgoing = tuple[MqttSession, list[int]] | tuple[str, bytes, int]


class MqttBroker:
    """Port `Broker` on MQTT: a persistent session, served by the thread that receives and by a keeper thread.

    The broker disconnects whoever has the session when another one connects with its client id: a connection is opened
    only while `may_connect` is true, which the keeper thread asks.
    Raises `SettingsError` for an address or a file of certificates that cannot be used.
    """

    def __init__(
        self, address: MqttAddress | str, client_id: str, filters: Sequence[str], metrics: Metrics,
        clock: Clock | None = None, may_connect: Callable[[], bool] = lambda: True,
    ) -> None:  # fmt: skip
        self._address = MqttAddress.of(address) if isinstance(address, str) else address
        self._tls = self._address.secured()
        self._client_id = client_id
        self._filters = list(filters)
        self._metrics = metrics
        self._clock = clock or SystemClock()
        self._may_connect = may_connect
        self._session: MqttSession | None = None
        self._unwanted: Callable[[str], bool] | None = None
        self._pumping = threading.Lock()
        self._outgoing: deque[Outgoing] = deque()
        self._wakeup = Wakeup()
        self._changed = threading.Event()
        self._ended = threading.Event()
        self._known = False
        self._takeovers = 0
        self._backoff = Backoff(self._clock, 1.0, _LONGEST_PAUSE)
        self._takeover_backoff = Backoff(self._clock, 4.0, _LONGEST_TAKEOVER_PAUSE)
        self._problem = "not connected yet"
        self._keeper = self._start_keeper()

    def receive(self, limit: int, wait: float) -> list[Message]:
        if not self._keeper.is_alive() and not self._ended.is_set():
            log.error("the keeper thread of the MQTT connection has ended; starting it again")
            self._keeper = self._start_keeper()
        session = self._session
        if session is None or session.end_reason:
            self._changed.clear()
            self._changed.wait(wait)
            return []
        with self._pumping:
            self._pump(session, 0.0 if session.inbox else wait, limit)
            inbox = session.inbox
            return [inbox.popleft() for _ in range(min(limit, len(inbox)))]

    def subscribe(self, filters: Sequence[str]) -> None:
        if list(filters) != self._filters:
            with self._pumping:
                self._filters = list(filters)
                if self._session is not None:
                    self._session.subscribe(self._filters)
                    self._session.flush()

    def skip(self, unwanted: Callable[[str], bool]) -> None:
        with self._pumping:
            self._unwanted = unwanted
            if self._session is not None:
                self._session.skip(unwanted)

    def acknowledge(self, messages: Sequence[Message]) -> None:
        session = self._session
        ids = [receipt[1] for m in messages if (receipt := m.receipt)[0] is session and receipt[1]]
        if session is not None and ids:
            self._send((session, ids))

    def publish(self, topic: str, payload: bytes) -> None:
        session = self._session
        if session is not None and session.up:
            self._send((topic, payload, 1))

    def publish_all(self, messages: Sequence[tuple[str, bytes]]) -> None:
        session = self._session
        if session is not None and session.up and messages:
            self._send(*((topic, payload, 0) for topic, payload in messages))

    def problem(self) -> str:
        return self._problem

    def close(self) -> None:
        self._ended.set()
        self._changed.set()
        self._keeper.join()
        with self._pumping:
            if self._session is not None:
                self._drain(self._session)
                self._session.close(disconnect=True)
            self._wakeup.close()
        self._metrics.broker_up.remove_part(self)

    def _send(self, *what: Outgoing) -> None:
        """Send now, or wake up the thread that reads the socket, which then sends it."""
        self._outgoing.extend(what)
        if self._pumping.acquire(blocking=False):
            try:
                if self._session is not None:
                    self._drain(self._session)
                    self._session.flush()
            finally:
                self._pumping.release()
        elif not self._ended.is_set():
            self._wakeup.wake()

    def _pump(self, session: MqttSession, wait: float, room: int) -> None:
        self._drain(session)
        try:
            session.pump(self._wakeup, wait, room)
            # What is read at once can be stored at once.
            while 0 < len(session.inbox) < room and not session.end_reason:
                before = len(session.inbox)
                session.pump(self._wakeup, 0.0, room - before)
                if len(session.inbox) == before:
                    break
        except Exception as error:
            log.exception("reading from the MQTT broker failed")
            session.end_reason = f"reading from it failed: {printable(str(error))}"
        self._wakeup.clear()

    def _drain(self, session: MqttSession) -> None:
        while self._outgoing:
            match self._outgoing.popleft():
                case (topic, payload, qos):
                    session.publish(topic, payload, qos)
                case (of, ids) if of is session:
                    session.acknowledge(ids)

    def _start_keeper(self) -> threading.Thread:
        keeper = threading.Thread(target=self._keep, name="mqtt-keeper", daemon=True)
        keeper.start()
        return keeper

    def _keep(self) -> None:
        pause = 0.0  # the first connection is opened at once, if it may be
        while not self._ended.wait(pause):
            pause = _TICK
            try:
                self._keep_once()
            except Exception:  # no other thread would notice
                log.exception("keeping the MQTT connection failed")

    def _keep_once(self) -> None:
        session = self._session
        if session is None:
            self._reconnect(None)
            return
        # Without the lock `receive` is running, and does the same.
        if not session.end_reason and self._pumping.acquire(blocking=False):
            try:
                self._pump(session, 0.0, max(0, _MOST_UNREAD - len(session.inbox)))
            finally:
                self._pumping.release()
        self._notice(session)
        if session.end_reason:
            self._reconnect(session)

    def _notice(self, session: MqttSession) -> None:
        """Log and count that the session came up or ended, once each."""
        if session.end_reason:
            if not session.end_reported:
                session.end_reported = True
                self._report_end(session)
        elif session.up and self._problem:
            self._report_up(session)

    def _report_up(self, session: MqttSession) -> None:
        if self._known and not session.resumed:
            self._metrics.broker_sessions_lost.inc()
            log.error("the MQTT broker has lost our session: messages since then are lost unless devices repeat them")
        if self._known:
            self._metrics.broker_reconnects.inc()
        self._known, self._problem = True, ""
        self._backoff.succeeded()
        self._metrics.broker_up.set_part(self, 1)
        self._changed.set()

    def _report_end(self, session: MqttSession) -> None:
        """Log the end and start the pause before the next connection.

        The pause is longer while another client with our id takes the session over each time.
        """
        short = self._clock.monotonic() - session.since < _SHORT_SESSION
        self._takeovers = self._takeovers + 1 if short and session.closed_by_broker() else 0
        self._backoff.failed()
        why = session.end_reason
        if self._takeovers > _MOST_TAKEOVERS:
            self._takeover_backoff.failed()
            why += f"; is there another bridge with the id {self._client_id}?"
        else:
            self._takeover_backoff.reset()
        problem = f"no connection to the MQTT broker at {self._address}: {why}"
        if problem != self._problem:
            log.warning("%s", problem)
        self._problem = problem
        self._metrics.broker_up.set_part(self, 0)

    def _reconnect(self, old: MqttSession | None) -> None:
        if not (self._backoff.due() and self._takeover_backoff.due() and self._may_connect()):
            return
        if old is not None:
            with self._pumping:
                old.close(disconnect=False)
        session = MqttSession(self._address, self._tls, self._client_id, self._filters, self._clock)
        try:
            session.connect()
        except OSError as error:
            session.end_reason = printable(str(error)) or type(error).__name__
        with self._pumping:
            # Messages of QoS 0 are not sent again by the broker; all others are.
            session.inbox.extend(m for m in (old.inbox if old else ()) if not m.receipt[1])
            if self._unwanted is not None:
                session.skip(self._unwanted)
            self._session = session
        if not session.end_reason:
            self._changed.set()
