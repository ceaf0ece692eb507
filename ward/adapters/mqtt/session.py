"""One connection of the bridge to its broker, from its beginning to its end."""

import logging
import ssl
import struct
from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Any

import paho.mqtt.client as mqtt

from ward.adapters.mqtt.address import MqttAddress
from ward.adapters.mqtt.buffered_socket import BufferedClient, wait_for
from ward.clock import Clock
from ward.ids import printable
from ward.ports import Message

log = logging.getLogger(__name__)

# Half of the ten seconds in which a broker that has gone silent must be noticed: asked at 5, given up at 10.
KEEPALIVE = 5
ECHO_EVERY = 2.5
ECHO_LATE = 8.0
_PUBACK = 0x4002  # packet type 4, and the two bytes of the packet id that follow


class MqttSession:
    """A client of its own for each connection: what it sent and was sent before cannot leak into the next.

    Its methods are called by one thread at a time. `died` says why it is over, in words.
    """

    def __init__(
        self, address: MqttAddress, tls: ssl.SSLContext | None, client_id: str, filters: Sequence[str], clock: Clock
    ) -> None:
        self._filters = list(filters)
        self._clock = clock
        self._echo = f"wardwatch/echo/{client_id}"
        self._asked = float("-inf")
        self.inbox: deque[Message] = deque()
        # Packet ids in order of arrival, and whether each may be thanked for.
        self._order: OrderedDict[int, bool] = OrderedDict()
        self.up = False
        self.kept = False  # the broker still had our session
        self.died = ""
        self.mourned = False  # its end has been told
        self._client = BufferedClient(address, tls, client_id, clean_session=False, manual_ack=True)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.on_disconnect = self._on_disconnect
        self.since = self._heard = clock.monotonic()

    def connect(self) -> None:
        """Open the connection; the broker's welcome comes later. Raises `OSError`."""
        self._client.open(KEEPALIVE)
        self.since = self._heard = self._clock.monotonic()

    def pump(self, wake: int, wait: float, room: int) -> None:
        """Send what has gathered, read what has come, and wait for it at most `wait` seconds."""
        sock = self._client.buffered
        if self.died or sock is None or self._client.socket() is None:
            return
        alive = self._client.flush()
        watched = [(wake, False)] + ([(sock.fileno(), bool(sock.unsent))] if room > 0 else [])
        if alive and (wait_for(watched, wait) or sock.pending()):
            before = len(self.inbox)
            alive = self._client.serve(room)
            if len(self.inbox) > before:
                self._heard = self._clock.monotonic()
        self._client.loop_misc()
        self._look()
        alive = self._client.flush() and alive
        if not alive or self._client.socket() is None:
            self.died = self.died or ("the broker closed the connection" if sock.ended else "the connection was lost")

    def acknowledge(self, ids: Sequence[int]) -> None:
        """Tell the broker that it need not keep these, in the order in which they came, as MQTT 4.6 wants it.

        A broker may end the connection otherwise, and the embedded one does. Packed here: paho
        would take ten times as long.
        """
        order, ready = self._order, []
        for number in ids:
            if number in order:
                order[number] = True
        while order:
            number, thanked = order.popitem(last=False)
            if not thanked:
                order[number] = False
                order.move_to_end(number, last=False)
                break
            ready.append(number)
        if ready and self._client.buffered is not None and not self.died:
            words = [_PUBACK] * (2 * len(ready))
            words[1::2] = ready
            self._client.buffered.send(struct.pack(f">{len(words)}H", *words))

    def publish(self, topic: str, payload: bytes) -> None:
        if self.up and not self.died:
            self._client.publish(topic, payload, qos=1)

    def listen(self, filters: Sequence[str]) -> None:
        """Ask for what other filters match. The broker forgets those that are no longer wanted."""
        gone = [f for f in self._filters if f not in filters]
        self._filters = list(filters)
        if self.up and not self.died:
            if gone:
                self._client.unsubscribe(gone)
            if filters:
                self._client.subscribe([(f, 1) for f in filters])

    def flush(self) -> None:
        self._client.flush()

    def _look(self) -> None:
        """Ask for a sign of life now and then; none for too long ends the session.

        The broker may hold back the echo while it waits for our acknowledgements, so then only its
        answers to pings count, which paho watches.
        """
        now = self._clock.monotonic()
        if self.up and now - self._asked >= ECHO_EVERY:
            self._asked = now
            self._client.publish(self._echo, b"", qos=0)
        if self._order and self.up:
            self._heard = now
        if now - self._heard > ECHO_LATE:
            self.died = self.died or f"the broker has said nothing for {now - self._heard:.0f} s"

    def ended_in_order(self) -> bool:
        """Whether the broker itself ended it, as it does when another client comes with the same id."""
        return self._client.buffered is not None and self._client.buffered.ended

    def close(self, goodbye: bool) -> None:
        """End it. Without a goodbye nothing more is sent, and nothing can make us wait."""
        if goodbye and not self.died:
            self._client.disconnect()
            self._client.flush()
        self.died = self.died or "closed"
        self._client.on_disconnect = None
        self._client.hang_up()

    def _on_connect(self, client: mqtt.Client, _: Any, flags: Any, reason: Any, *__: Any) -> None:
        if reason.is_failure:
            self.died = f"the broker refused the connection: {printable(str(reason))}"
            return
        self.up, self.kept = True, flags.session_present
        self._heard = self._clock.monotonic()
        client.subscribe([*((f, 1) for f in self._filters), (self._echo, 0)])

    def _on_message(self, _: mqtt.Client, __: Any, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:  # the broker should have refused it; it must be acknowledged all the same
            topic = printable(bytes(message._topic).decode("utf-8", "backslashreplace"))
        if topic == self._echo:
            self._heard = self._clock.monotonic()
            return
        if message.qos:
            self._order[message.mid] = False
        self.inbox.append(Message(topic, bytes(message.payload), bool(message.retain), (self, message.mid)))

    def _on_disconnect(self, _: mqtt.Client, __: Any, flags: Any, reason: Any, *___: Any) -> None:
        self.up = False
        if not self.died and str(reason) == "Keep alive timeout":
            self.died = "the broker does not answer pings"
