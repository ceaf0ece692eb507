"""MQTT by paho-mqtt: the bridge's side.

Settings, each for a reason found the hard way:
- MQTT 3.1.1: half the cost of version 5 in paho, and what the embedded broker speaks.
- a fixed client id and no clean session: the broker keeps what comes while the bridge is away.
- `manual_ack`: the broker is thanked after the log has the reading, not when paho has it.
- an acknowledgement is tied to its connection: packet ids are used again after a reconnect.
- a message of our own comes back every few seconds: a network thread that died, or a broker that
  takes packets and does nothing, shows nowhere else.
"""

import logging
import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from ward.clock import Clock, SystemClock
from ward.metrics import Metrics
from ward.ports import Message

log = logging.getLogger(__name__)

ECHO_EVERY = 2.5
ECHO_LATE = 8.0


@dataclass(frozen=True, slots=True)
class _Receipt:
    epoch: int
    mid: int


class MqttBroker:
    """A persistent session on a broker, with one supervised network thread a connection."""

    def __init__(
        self, url: str, client_id: str, filters: Sequence[str], metrics: Metrics, clock: Clock | None = None
    ) -> None:
        self._url = urlsplit(url)
        self._client_id = client_id
        self._filters = list(filters)
        self._metrics = metrics
        self._clock = clock or SystemClock()
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._arrived = threading.Event()
        self._echo_topic = f"wardwatch/echo/{client_id}"
        self._epoch = 0
        self._known = False
        self._connect()

    def receive(self, limit: int, wait: float) -> list[Message]:
        self._watch()
        if self._inbox.empty():
            self._arrived.clear()
            if self._inbox.empty() and not self._arrived.wait(wait):
                return []
        size = min(limit, self._inbox.qsize())
        return list(islice(iter(self._inbox.get, None), size))

    def acknowledge(self, messages: Sequence[Message]) -> None:
        for message in messages:
            receipt: _Receipt = message.receipt
            if receipt.epoch == self._epoch:
                self._client.ack(receipt.mid, 1)

    def publish(self, topic: str, payload: bytes) -> None:
        if self._client.is_connected():
            self._client.publish(topic, payload, qos=1)

    def trouble(self) -> str:
        if not self._client.is_connected():
            return f"no connection to the MQTT broker at {self._url.hostname}:{self._url.port or 1883}"
        return ""

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _connect(self) -> None:
        self._epoch += 1
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=self._client_id, clean_session=False, manual_ack=True,
            protocol=mqtt.MQTTv311, userdata=self._epoch,
        )  # fmt: skip
        client.on_connect, client.on_message = self._on_connect, self._on_message
        client.reconnect_delay_set(1, 5)
        self._client = client
        self._echoed = self._asked = self._clock.monotonic()
        client.connect_async(self._url.hostname or "127.0.0.1", self._url.port or 1883, keepalive=10)
        client.loop_start()

    def _on_connect(self, client: mqtt.Client, epoch: int, flags: Any, reason: Any, _: Any) -> None:
        if reason.is_failure:
            log.warning("the MQTT broker refused the connection: %s", reason)
            return
        if self._known and not flags.session_present:
            self._metrics.sessions_lost.inc()
            log.error(
                "the MQTT broker has forgotten our session: what came meanwhile is lost unless devices send again"
            )
        self._known = True
        self._metrics.link_up.set(1)
        self._metrics.reconnects.inc()
        client.subscribe([*((f, 1) for f in self._filters), (self._echo_topic, 0)])

    def _on_message(self, _: mqtt.Client, epoch: int, message: mqtt.MQTTMessage) -> None:
        # Nothing here may raise: an exception would end the network thread without a word.
        if message.topic == self._echo_topic:
            self._echoed = self._clock.monotonic()
        elif epoch == self._epoch:
            receipt = _Receipt(epoch, message.mid)
            self._inbox.put(Message(message.topic, bytes(message.payload), bool(message.retain), receipt))
            self._arrived.set()

    def _watch(self) -> None:
        now = self._clock.monotonic()
        if now - self._asked >= ECHO_EVERY:
            self._asked = now
            self._client.publish(self._echo_topic, b"", qos=0)
        if now - self._echoed > ECHO_LATE:
            log.error("the MQTT broker has not answered for %.0f s; connecting anew", now - self._echoed)
            self._metrics.link_up.set(0)
            self._abandon()
            self._connect()

    def _abandon(self) -> None:
        old = self._client
        old.on_message = None
        threading.Thread(target=_end, args=(old,), daemon=True).start()


def _end(client: mqtt.Client) -> None:
    """Ending a client can hang on a dead connection, so it is not waited for."""
    client.disconnect()
    client.loop_stop()
