"""MQTT by paho-mqtt: a gateway's side, for loggers and for load."""

import queue
from collections.abc import Sequence

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from ward.adapters.mqtt.address import MqttAddress


class MqttGatewayConnection:
    """One connection on one network thread, for the messages of any number of devices.

    `room` is the largest number of messages that are published and not yet confirmed by the broker (PUBACK), so that
    a slow broker slows the sender instead of filling memory.
    """

    def __init__(
        self, address: MqttAddress | str, client_id: str, topics: Sequence[str] = (), room: int = 10_000
    ) -> None:
        self._address = MqttAddress.of(address) if isinstance(address, str) else address
        self._subscriptions = [(topic, 1) for topic in topics]
        self._room = room
        self._published = 0
        self._confirmed = 0
        self._started = False
        self._inbox: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id)
        # paho's default of 20 in flight would make the round trip, not the broker, the limit.
        self._client.max_inflight_messages_set(min(room, 1000))
        if self._address.user:
            self._client.username_pw_set(self._address.user, self._address.password)
        if (tls := self._address.secured()) is not None:
            self._client.tls_set_context(tls)
        self._client.on_connect = self._on_connect
        self._client.on_publish = self._on_publish
        self._client.on_message = lambda _c, _u, m: self._inbox.put((m.topic, bytes(m.payload)))
        self._client.reconnect_delay_set(1, 5)

    def connect(self) -> None:
        if not self._started:
            self._started = True
            self._client.connect_async(self._address.host, self._address.port, keepalive=10)
            self._client.loop_start()

    @property
    def connected(self) -> bool:
        return self._client.is_connected()

    def publish(self, topic: str, payload: bytes) -> bool:
        if not self.connected or self._published - self._confirmed >= self._room:
            return False
        # Also with a return code other than 0 paho has queued it and sends it after reconnecting.
        self._client.publish(topic, payload, qos=1)
        self._published += 1
        return True

    @property
    def confirmed(self) -> int:
        return self._confirmed

    def receive(self) -> list[tuple[str, bytes]]:
        return [self._inbox.get() for _ in range(self._inbox.qsize())]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: mqtt.Client, *_: object) -> None:
        if self._subscriptions:
            client.subscribe(self._subscriptions)

    def _on_publish(self, *_: object) -> None:
        # At QoS 1 this is called when the PUBACK was received, not when the packet was sent.
        self._confirmed += 1
