"""MQTT by paho-mqtt: a device's side, with a last will."""

from simulators.device_client.mqtt_client import MqttClient
from simulators.device_client.mqtt_loop import MqttLoop
from ward.adapters.mqtt.address import MqttAddress
from ward.topics import DeviceTopics

ONLINE, OFFLINE = b"online", b"offline"


class MqttDeviceConnection:
    """One device's connection. Many can share a `loop`; without one, the connection creates its own."""

    def __init__(self, address: MqttAddress | str, topics: DeviceTopics, loop: MqttLoop | None = None) -> None:
        self._topics = topics
        self._own_loop: MqttLoop | None = None
        if loop is None:
            loop = self._own_loop = MqttLoop()
        self._client = MqttClient(
            MqttAddress.of(address) if isinstance(address, str) else address,
            f"device-{topics.device}",
            loop,
            topics=(topics.ack, topics.command),
            will=(topics.status, OFFLINE),
            birth=(topics.status, ONLINE),
        )

    def connect(self) -> None:
        self._client.connect()

    @property
    def connected(self) -> bool:
        return self._client.connected

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        self._client.publish(topic, payload, retain)

    def receive(self) -> list[tuple[str, bytes]]:
        inbox = self._client.inbox
        return [inbox.popleft() for _ in range(len(inbox))]

    def drop(self) -> None:
        self._client.drop()

    def close(self) -> None:
        self._client.publish(self._topics.status, OFFLINE, retain=True)
        self._client.close()
        if self._own_loop is not None:
            self._own_loop.close()
