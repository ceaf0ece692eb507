"""MQTT by paho-mqtt: a device's side, with a last will."""

from simulators.device_client.mqtt_client import MqttClient
from simulators.device_client.mqtt_loop import MqttLoop
from ward.adapters.mqtt.address import MqttAddress
from ward.topics import DeviceTopics

ONLINE, OFFLINE = b"online", b"offline"


class MqttDeviceConnection:
    """One device's connection. Many share a `loop`; one that is given none brings its own."""

    def __init__(self, address: MqttAddress | str, topics: DeviceTopics, loop: MqttLoop | None = None) -> None:
        self._topics = topics
        self._own: MqttLoop | None = None
        if loop is None:
            loop = self._own = MqttLoop()
        self._peer = MqttClient(
            MqttAddress.of(address) if isinstance(address, str) else address,
            f"device-{topics.device}",
            loop,
            listen=(topics.ack, topics.command),
            will=(topics.status, OFFLINE),
            hello=(topics.status, ONLINE),
        )

    def connect(self) -> None:
        self._peer.connect()

    @property
    def connected(self) -> bool:
        return self._peer.connected

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        self._peer.publish(topic, payload, retain)

    def receive(self) -> list[tuple[str, bytes]]:
        inbox = self._peer.inbox
        return [inbox.popleft() for _ in range(len(inbox))]

    def drop(self) -> None:
        self._peer.drop()

    def close(self) -> None:
        self._peer.publish(self._topics.status, OFFLINE, retain=True)
        self._peer.close()
        if self._own is not None:
            self._own.close()
