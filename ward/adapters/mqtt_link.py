"""MQTT by paho-mqtt: a device's side, with a last will."""

import queue
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from ward.topics import DeviceTopics


class MqttLink:
    """One device's connection on a network thread of its own."""

    def __init__(self, url: str, topics: DeviceTopics) -> None:
        self._url = urlsplit(url)
        self._topics = topics
        self._inbox: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"device-{topics.device}")
        self._client.will_set(topics.status, b"offline", qos=1, retain=True)
        self._client.on_message = lambda _c, _u, m: self._inbox.put((m.topic, bytes(m.payload)))
        self._client.on_connect = self._on_connect
        self._client.reconnect_delay_set(1, 5)

    def connect(self) -> None:
        self._client.connect_async(self._url.hostname or "127.0.0.1", self._url.port or 1883, keepalive=10)
        self._client.loop_start()

    @property
    def connected(self) -> bool:
        return self._client.is_connected()

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        if self.connected:
            self._client.publish(topic, payload, qos=1, retain=retain)

    def receive(self) -> list[tuple[str, bytes]]:
        return [self._inbox.get() for _ in range(self._inbox.qsize())]

    def drop(self) -> None:
        if (sock := self._client.socket()) is not None:
            sock.close()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: mqtt.Client, *_: object) -> None:
        client.subscribe([(self._topics.ack, 1), (self._topics.command, 1)])
        client.publish(self._topics.status, b"online", qos=1, retain=True)
