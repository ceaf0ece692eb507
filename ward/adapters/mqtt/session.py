"""One MQTT connection of the bridge, from CONNECT to its end."""

import logging
import ssl
import struct
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from typing import Any

import paho.mqtt.client as mqtt

from ward.adapters.mqtt.address import MqttAddress
from ward.adapters.mqtt.buffered_socket import BufferedClient, wait_for
from ward.clock import Clock
from ward.ids import printable
from ward.periodic import Periodic
from ward.ports import Message
from ward.wakeup import Wakeup

log = logging.getLogger(__name__)

# A broker that stops answering must be noticed within 10 s: paho pings after 5 s and gives up after 10 s.
KEEPALIVE = 5
ECHO_EVERY = 2.5
ECHO_LATE = 8.0
_PUBACK = 0x4002  # packet type 4, and the two bytes of the packet id that follow


class MqttSession:
    """One connection with a paho client of its own, so that no state of an earlier connection is used again.

    One thread at a time may call its methods. `up` is True after CONNACK, `resumed` when the broker still had our
    session, `end_reason` is empty while the session is usable and says afterwards why it ended. `inbox` holds messages
    that were received and not yet taken.
    """

    def __init__(
        self, address: MqttAddress, tls: ssl.SSLContext | None, client_id: str, filters: Sequence[str], clock: Clock
    ) -> None:
        self._filters = list(filters)
        self._clock = clock
        self._echo = f"wardwatch/echo/{client_id}"
        self._echo_period = Periodic(clock, ECHO_EVERY)
        self.inbox: deque[Message] = deque()
        # Packet ids in order of arrival, and whether each may be acknowledged.
        self._order: OrderedDict[int, bool] = OrderedDict()
        self.up = False
        self.resumed = False
        self.end_reason = ""
        self.end_reported = False  # whether its end has been logged and counted
        self._client = BufferedClient(address, tls, client_id, clean_session=False, manual_ack=True)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.on_disconnect = self._on_disconnect
        self._client.on_skip = self._on_skip
        self.since = self._last_received = clock.monotonic()

    def connect(self) -> None:
        """Open the connection; the broker's CONNACK comes later. Raises `OSError`."""
        self._client.open(KEEPALIVE)
        self.since = self._last_received = self._clock.monotonic()

    def pump(self, wakeup: Wakeup, wait: float, room: int) -> None:
        """Send the output buffer and read about `room` packets; with nothing to read, wait at most `wait` seconds.

        `wakeup` ends the wait.
        """
        sock = self._client.buffered
        if self.end_reason or sock is None or self._client.socket() is None:
            return
        alive = self._client.flush()
        watched = [(wakeup.fileno(), False)] + ([(sock.fileno(), bool(sock.unsent))] if room > 0 else [])
        if alive and (wait_for(watched, wait) or sock.pending()):
            before = len(self.inbox)
            alive = self._client.serve(room)
            skipped = self._take_skipped()
            if len(self.inbox) > before or skipped:
                self._last_received = self._clock.monotonic()
        self._client.loop_misc()
        self._check_alive()
        alive = self._client.flush() and alive
        if not alive or self._client.socket() is None:
            how = "the broker closed the connection" if sock.ended else "the connection was lost"
            self.end_reason = self.end_reason or how

    def skip(self, unwanted: Callable[[str], bool]) -> None:
        """Do not deliver messages of unwanted topics; they are acknowledged in their turn."""
        self._client.unwanted = unwanted

    def acknowledge(self, ids: Sequence[int]) -> None:
        """Send PUBACK for these packet ids, in the order in which the packets came (MQTT 3.1.1, section 4.6).

        A broker may end the connection when the order differs, and the embedded one does. An id waits until all that
        came before it are acknowledged. The packets are packed here: paho would take ten times as long.
        """
        order, ready = self._order, []
        for number in ids:
            if number in order:
                order[number] = True
        while order:
            number, stored = order.popitem(last=False)
            if not stored:
                order[number] = False
                order.move_to_end(number, last=False)
                break
            ready.append(number)
        if ready and self._client.buffered is not None and not self.end_reason:
            words = [_PUBACK] * (2 * len(ready))
            words[1::2] = ready
            self._client.buffered.send(struct.pack(f">{len(words)}H", *words))

    def _take_skipped(self) -> bool:
        """Acknowledge what was skipped, behind all that came before. Whether something was."""
        skipped, self._client.skipped = self._client.skipped, False
        if skipped:
            self.acknowledge(())
        return skipped

    def publish(self, topic: str, payload: bytes, qos: int) -> None:
        """Send; dropped while the session is not up."""
        if self.up and not self.end_reason:
            self._client.publish(topic, payload, qos=qos)

    def subscribe(self, filters: Sequence[str]) -> None:
        """Replace the topic filters: unsubscribe from those that are gone, subscribe to all others."""
        gone = [f for f in self._filters if f not in filters]
        self._filters = list(filters)
        if self.up and not self.end_reason:
            if gone:
                self._client.unsubscribe(gone)
            if filters:
                self._client.subscribe([(f, 1) for f in filters])

    def flush(self) -> None:
        """Send the output buffer."""
        self._client.flush()

    def _check_alive(self) -> None:
        """Publish a message to ourselves every `ECHO_EVERY` s; end the session when nothing came for `ECHO_LATE` s.

        The broker may hold back the echo while it waits for our acknowledgements. Then only its answers to pings
        count, which paho checks.
        """
        now = self._clock.monotonic()
        if self.up and self._echo_period.due():
            self._client.publish(self._echo, b"", qos=0)
        if self._order and self.up:
            self._last_received = now
        if now - self._last_received > ECHO_LATE:
            self.end_reason = (
                self.end_reason or f"nothing was received from the broker for {now - self._last_received:.0f} s"
            )

    def closed_by_broker(self) -> bool:
        """Whether the broker closed the connection, as it does when another client connects with the same id."""
        return self._client.buffered is not None and self._client.buffered.ended

    def close(self, disconnect: bool) -> None:
        """End the session. With `disconnect` the output buffer and DISCONNECT are sent first; else nothing is sent."""
        if disconnect and not self.end_reason:
            self._client.disconnect()
            self._client.flush()
        self.end_reason = self.end_reason or "closed"
        self._client.on_disconnect = None
        self._client.abort()

    def _on_connect(self, client: mqtt.Client, _: Any, flags: Any, reason: Any, *__: Any) -> None:
        if reason.is_failure:
            self.end_reason = f"the broker refused the connection: {printable(str(reason))}"
            return
        self.up, self.resumed = True, flags.session_present
        self._last_received = self._clock.monotonic()
        client.subscribe([*((f, 1) for f in self._filters), (self._echo, 0)])

    def _on_message(self, _: mqtt.Client, __: Any, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:  # the broker should have refused it; it must be acknowledged all the same
            topic = printable(bytes(message._topic).decode("utf-8", "backslashreplace"))
        if topic == self._echo:
            self._last_received = self._clock.monotonic()
            return
        if message.qos:
            self._order[message.mid] = False
        self.inbox.append(
            Message(topic, bytes(message.payload), bool(message.retain), bool(message.dup), (self, message.mid))
        )

    def _on_skip(self, number: int) -> None:
        self._order[number] = True

    def _on_disconnect(self, _: mqtt.Client, __: Any, flags: Any, reason: Any, *___: Any) -> None:
        self.up = False
        if not self.end_reason and str(reason) == "Keep alive timeout":
            self.end_reason = "the broker does not answer pings"
