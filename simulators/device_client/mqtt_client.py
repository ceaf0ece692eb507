"""One connection of a device or gateway to the broker, served by an `MqttLoop`."""

import socket
from collections import deque
from collections.abc import Sequence
from typing import Any

import paho.mqtt.client as mqtt

from simulators.device_client.mqtt_loop import MqttLoop
from ward.adapters.mqtt.address import MqttAddress
from ward.adapters.mqtt.buffered_socket import BufferedClient
from ward.backoff import Backoff

KEEPALIVE = 10
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0
_CONNACK_WITHIN = 10.0
_MOST_INBOX = 100_000


class MqttClient:
    """Connects, and reconnects until `drop` or `close`. Public methods may be called from any thread.

    `will` is what the broker publishes when the connection is lost, `birth` what this client publishes
    after connecting: (topic, payload), retained. At most `room` messages wait for a PUBACK.
    """

    def __init__(
        self, address: MqttAddress, client_id: str, loop: MqttLoop, topics: Sequence[str] = (),
        will: tuple[str, bytes] | None = None, birth: tuple[str, bytes] | None = None, room: int = 20_000,
    ) -> None:  # fmt: skip
        self._tls = address.secured()
        self._address = address
        self._client_id = client_id
        self._loop = loop
        self._subscriptions = [(topic, 1) for topic in topics]
        self._will = will
        self._birth = birth
        self._room = room
        self._wanted = False
        self._client: BufferedClient | None = None
        self._watched = -1
        self._sending: deque[tuple[str, bytes, bool]] = deque()
        self._send_scheduled = False
        self._attempt = 0
        self._backoff = Backoff(loop.clock, _FIRST_PAUSE, _LONGEST_PAUSE)
        self._due = 0.0
        self._up = False
        self.inbox: deque[tuple[str, bytes]] = deque(maxlen=_MOST_INBOX)
        self.sent = 0
        self.confirmed = 0
        self.problem = ""

    @property
    def connected(self) -> bool:
        return self._up and self._wanted

    def connect(self) -> None:
        self._wanted = True
        self._loop.call(self._begin)

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> bool:
        """Queue a message. Returns False without queueing while not connected or while `room` messages wait."""
        if not self.connected or self.sent - self.confirmed >= self._room:
            return False
        self.sent += 1
        self._sending.append((topic, payload, retain))
        if not self._send_scheduled:
            self._send_scheduled = True
            self._loop.call(self._send)
        return True

    def drop(self) -> None:
        """Lose the connection without a DISCONNECT, until `connect`."""
        self._wanted = False
        self._loop.call(self._drop)

    def close(self) -> None:
        """Send what is queued, and disconnect cleanly."""
        self._wanted = False
        self._loop.call(self._disconnect)

    def serve(self, readable: bool) -> None:
        client = self._client
        if client is None:
            return
        alive = client.serve() if readable else client.flush()
        if alive and client is self._client:
            self._watch(client)
        elif not alive:
            self._lost("the connection was lost")

    def tick(self, now: float) -> None:
        if self._client is None:
            if self._wanted and now >= self._due:
                self._dial(now)
            return
        self._client.loop_misc()
        if not self._up and now >= self._due:
            self._lost("the broker does not answer")
        elif self._client is not None and self._client.socket() is None:
            self._lost("the connection was lost")
        else:
            self.serve(readable=False)

    def _begin(self) -> None:
        self._loop.add(self)
        self._due = 0.0

    def _dial(self, now: float) -> None:
        client = BufferedClient(self._address, self._tls, self._client_id, clean_session=True)
        client.on_connect, client.on_message, client.on_publish = self._on_connect, self._on_message, self._on_publish
        if self._will is not None:
            client.will_set(*self._will, qos=1, retain=True)
        self._client, self._due = client, now + _CONNACK_WITHIN
        self.sent = self.confirmed = 0
        self._sending.clear()
        try:
            if not self._address.tls:  # a TLS handshake runs while the loop waits
                client.addresses = self._addresses()
            client.open(KEEPALIVE)
        except OSError as error:
            self._lost(str(error))
            return
        self._watch(client)

    def _addresses(self) -> list[tuple[Any, ...]]:
        """The broker's addresses, rotated by one at each attempt."""
        found: list[tuple[Any, ...]] = list(
            socket.getaddrinfo(self._address.host, self._address.port, type=socket.SOCK_STREAM)
        )
        turn = self._attempt % len(found)
        return found[turn:] + found[:turn]

    def _send(self) -> None:
        self._send_scheduled = False
        client = self._client
        if client is None or not self._up:
            self._sending.clear()
            return
        while self._sending:
            topic, payload, retain = self._sending.popleft()
            client.publish(topic, payload, qos=1, retain=retain)
        self.serve(readable=False)

    def _watch(self, client: BufferedClient) -> None:
        if client.buffered is not None:
            self._watched = client.buffered.fileno()
            self._loop.watch(self._watched, self, bool(client.buffered.unsent))

    def _lost(self, why: str) -> None:
        """Try again after 0.5, 1, 2, 4, 5 … s."""
        self.problem = why
        self._abort()
        self._due = self._loop.clock.monotonic() + self._backoff.pause(self._attempt)
        self._attempt += 1

    def _drop(self) -> None:
        self._abort()
        self._loop.remove(self)

    def _disconnect(self) -> None:
        self._send()
        client = self._client
        if client is not None and self._up:
            client.disconnect()
            client.flush()
        self._abort()
        self._loop.remove(self)

    def _abort(self) -> None:
        client, self._client = self._client, None
        self._up = False
        if self._watched >= 0:
            self._loop.unwatch(self._watched)
            self._watched = -1
        if client is not None:
            client.abort()

    def _on_connect(self, client: mqtt.Client, _: Any, __: Any, reason: Any, *___: Any) -> None:
        if reason.is_failure:
            self.problem = f"the broker refused the connection: {reason}"
            return
        self._attempt, self.problem = 0, ""
        if self._subscriptions:
            client.subscribe(self._subscriptions)
        self._up = True
        if self._birth is not None:
            self.sent += 1
            client.publish(*self._birth, qos=1, retain=True)

    def _on_message(self, _: mqtt.Client, __: Any, message: mqtt.MQTTMessage) -> None:
        try:
            self.inbox.append((message.topic, bytes(message.payload)))
        except UnicodeDecodeError:
            self.problem = "the broker sent a topic that is not UTF-8"

    def _on_publish(self, *_: Any) -> None:
        # At QoS 1 paho calls this at the PUBACK, not when the message has been sent.
        self.confirmed += 1
