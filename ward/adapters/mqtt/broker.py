"""MQTT by paho-mqtt: the bridge's side.

Settings, each for a reason found the hard way:
- MQTT 3.1.1: half the cost of version 5 in paho, and what the embedded broker speaks.
- a fixed client id and no clean session: the broker keeps what comes while the bridge is away.
- `manual_ack`: the broker is thanked after the log has the reading, not when paho has it.
- an acknowledgement is tied to its connection: packet ids are used again after a reconnect.
- a message of our own comes back every few seconds: a broker that takes packets and does nothing
  shows nowhere else.
- no thread of paho's: whoever receives also reads the socket, so a message changes hands once, and
  an exception is an exception instead of a thread that has died in silence. A keeper looks after
  the connection while nobody receives, and makes a new one when it is lost.
"""

import logging
import socket
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from ward.adapters.mqtt.address import MqttAddress
from ward.adapters.mqtt.session import MqttSession
from ward.clock import Clock, SystemClock
from ward.ids import printable
from ward.metrics import Metrics
from ward.ports import Message

log = logging.getLogger(__name__)

_TICK = 0.1
_LONGEST_PAUSE = 5.0
_LONGEST_FOR_RIVALS = 16.0
_SHORT_LIFE = 10.0
_RIVALS = 3
_MOST_UNREAD = 20_000


class MqttBroker:
    """A persistent session on a broker, kept by whoever receives and by a keeper."""

    def __init__(
        self, address: MqttAddress | str, client_id: str, filters: Sequence[str], metrics: Metrics,
        clock: Clock | None = None,
    ) -> None:  # fmt: skip
        self._address = MqttAddress.of(address) if isinstance(address, str) else address
        self._tls = self._address.secured()
        self._client_id = client_id
        self._filters = list(filters)
        self._metrics = metrics
        self._clock = clock or SystemClock()
        self._session: MqttSession | None = None
        self._pumping = threading.Lock()
        self._outgoing: deque[tuple[MqttSession, list[int]] | tuple[str, bytes]] = deque()
        self._wake, self._woken = socket.socketpair()
        for end in (self._wake, self._woken):
            end.setblocking(False)
        self._changed = threading.Event()
        self._ended = threading.Event()
        self._known = False
        self._rivals = 0
        self._failures = 0
        self._not_before = float("-inf")
        self._problem = "not connected yet"
        self._keeper = self._start_keeper()

    def receive(self, limit: int, wait: float) -> list[Message]:
        if not self._keeper.is_alive() and not self._ended.is_set():
            log.error("the keeper of the MQTT connection has died; starting it again")
            self._keeper = self._start_keeper()
        session = self._session
        if session is None or session.died:
            self._changed.clear()
            self._changed.wait(wait)
            return []
        with self._pumping:
            self._pump(session, 0.0 if session.inbox else wait, limit)
            inbox = session.inbox
            return [inbox.popleft() for _ in range(min(limit, len(inbox)))]

    def listen(self, filters: Sequence[str]) -> None:
        if list(filters) != self._filters:
            with self._pumping:
                self._filters = list(filters)
                if self._session is not None:
                    self._session.listen(self._filters)
                    self._session.flush()

    def acknowledge(self, messages: Sequence[Message]) -> None:
        session = self._session
        ids = [receipt[1] for m in messages if (receipt := m.receipt)[0] is session and receipt[1]]
        if session is not None and ids:
            self._send((session, ids))

    def publish(self, topic: str, payload: bytes) -> None:
        session = self._session
        if session is not None and session.up:
            self._send((topic, payload))

    def problem(self) -> str:
        return self._problem

    def close(self) -> None:
        self._ended.set()
        self._changed.set()
        self._keeper.join()
        with self._pumping:
            if self._session is not None:
                self._drain(self._session)
                self._session.close(goodbye=True)
            self._wake.close()
            self._woken.close()

    def _send(self, what: tuple[MqttSession, list[int]] | tuple[str, bytes]) -> None:
        """Send now, or let whoever reads the socket do it."""
        self._outgoing.append(what)
        if self._pumping.acquire(blocking=False):
            try:
                if self._session is not None:
                    self._drain(self._session)
                    self._session.flush()
            finally:
                self._pumping.release()
        elif not self._ended.is_set():
            with suppress(OSError):  # it has been woken often enough
                self._wake.send(b"w")

    def _pump(self, session: MqttSession, wait: float, room: int) -> None:
        self._drain(session)
        try:
            session.pump(self._woken.fileno(), wait, room)
            # What is read at once can be stored at once.
            while 0 < len(session.inbox) < room and not session.died:
                before = len(session.inbox)
                session.pump(self._woken.fileno(), 0.0, room - before)
                if len(session.inbox) == before:
                    break
        except Exception as error:
            log.exception("reading from the MQTT broker failed")
            session.died = f"reading from it failed: {printable(str(error))}"
        with suppress(BlockingIOError):
            self._woken.recv(4096)

    def _drain(self, session: MqttSession) -> None:
        while self._outgoing:
            first, second = self._outgoing.popleft()
            if isinstance(first, str):
                session.publish(first, second)  # type: ignore[arg-type]
            elif first is session:
                session.acknowledge(second)

    def _start_keeper(self) -> threading.Thread:
        keeper = threading.Thread(target=self._keep, name="mqtt-keeper", daemon=True)
        keeper.start()
        return keeper

    def _keep(self) -> None:
        while not self._ended.wait(_TICK if self._session else 0.0):
            try:
                self._keep_once()
            except Exception:  # nobody else would notice
                log.exception("keeping the MQTT connection failed")

    def _keep_once(self) -> None:
        session = self._session
        if session is None:
            self._reconnect(None)
            return
        if not session.died and self._pumping.acquire(blocking=False):  # else somebody receives, and does the same
            try:
                self._pump(session, 0.0, max(0, _MOST_UNREAD - len(session.inbox)))
            finally:
                self._pumping.release()
        self._notice(session)
        if session.died:
            self._reconnect(session)

    def _notice(self, session: MqttSession) -> None:
        """Say what has changed: it is up, or over."""
        if session.died:
            if not session.mourned:
                session.mourned = True
                self._mourn(session)
        elif session.up and self._problem:
            self._welcome(session)

    def _welcome(self, session: MqttSession) -> None:
        if self._known and not session.kept:
            self._metrics.broker_sessions_lost.inc()
            log.error("the MQTT broker has forgotten our session: what came meanwhile is lost unless devices repeat it")
        if self._known:
            self._metrics.broker_reconnects.inc()
        self._known, self._problem, self._failures = True, "", 0
        self._metrics.broker_up.set(1)
        self._changed.set()

    def _mourn(self, session: MqttSession) -> None:
        """Try again soon, later each time, and later still while somebody else takes our place each time."""
        short = self._clock.monotonic() - session.since < _SHORT_LIFE
        self._rivals = self._rivals + 1 if short and session.ended_in_order() else 0
        self._failures += 1
        pause = min(_LONGEST_PAUSE, 2.0 ** (self._failures - 1))
        why = session.died
        if self._rivals > _RIVALS:
            pause = min(_LONGEST_FOR_RIVALS, 2.0 ** (self._rivals - _RIVALS + 1))
            why += f"; is there another bridge with the id {self._client_id}?"
        self._not_before = self._clock.monotonic() + pause
        problem = f"no connection to the MQTT broker at {self._address}: {why}"
        if problem != self._problem:
            log.warning("%s", problem)
        self._problem = problem
        self._metrics.broker_up.set(0)

    def _reconnect(self, old: MqttSession | None) -> None:
        if self._clock.monotonic() < self._not_before:
            return
        if old is not None:
            with self._pumping:
                old.close(goodbye=False)
        session = MqttSession(self._address, self._tls, self._client_id, self._filters, self._clock)
        try:
            session.connect()
        except OSError as error:
            session.died = printable(str(error)) or type(error).__name__
        with self._pumping:
            # What came at QoS 0 comes only once; everything else comes again.
            session.inbox.extend(m for m in (old.inbox if old else ()) if not m.receipt[1])
            self._session = session
        if not session.died:
            self._changed.set()
