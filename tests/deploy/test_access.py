"""Who may speak where: the access list that is shipped, on a real Mosquitto that knows it."""

from collections.abc import Iterator

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.publish import single

from deploy.make_secrets import mosquitto_hash
from tests.bridge.sparkplug_node import SparkplugNode, metric
from tests.deploy.files import ROOT
from tests.docs.pages import blocks
from tests.engines.absent import absent
from tests.engines.install import program
from tests.engines.mosquitto import Mosquitto
from tests.simulators.test_on_a_broker import until

pytestmark = pytest.mark.engines
NAMES = ("bridge", "devices", "health", "gw1", "gw2", "mon-icu-01", "NG-20817")
EVERYTHING = ("ward/#", "loggers/#", "spBv1.0/#", "wardwatch/#", "northgate/#")
# The lines of docs/devices.md for the topics of a vendor.
READ, WRITE = blocks(ROOT / "docs" / "devices.md", "acl")


class Guarded(Mosquitto):
    """One with the access list of the checkout and the lines of the page. `all` reads everything that got through."""

    anonymous = "false"

    def more(self) -> str:
        acl = (ROOT / "config" / "mosquitto" / "acl").read_text(encoding="utf-8")
        assert acl.count("\nuser bridge\n") == 1
        acl = acl.replace("\nuser bridge\n", f"\nuser bridge\n{READ}") + WRITE
        seen = "".join(f"topic read {topic}\n" for topic in EVERYTHING)
        (self.folder / "acl").write_text(f"{acl}\nuser all\n{seen}", encoding="utf-8")
        users = "".join(f"{name}:{mosquitto_hash(name)}\n" for name in (*NAMES, "all"))
        (self.folder / "users").write_text(users, encoding="utf-8")
        for name in ("acl", "users"):
            (self.folder / name).chmod(0o600)
        return f"password_file {self.folder}/users\nacl_file {self.folder}/acl\n{super().more()}"


class Guest:
    """A client of the broker under a user name, with the messages it received."""

    def __init__(self, port: int, name: str, *topics: str) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.granted = 0
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.username_pw_set(name, name)
        self._client.on_message = lambda _client, _data, message: self.heard.append(
            (message.topic, bytes(message.payload))
        )
        self._client.on_subscribe = lambda *_: setattr(self, "granted", self.granted + 1)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        until(self._client.is_connected)
        for topic in topics:
            self._client.subscribe(topic, qos=1)
        until(lambda: self.granted == len(topics))

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    if program("mosquitto") is None:
        absent("mosquitto is not here: run python -m tests.engines.install")
    broker = Guarded(tmp_path_factory.mktemp("guarded") / "broker")
    broker.start()
    yield broker.port
    broker.end()


def says(port: int, name: str, topic: str, payload: bytes = b"x") -> None:
    """Publish, and wait for the broker's thanks, which also come where it lets nothing through.

    Each by a connection of its own: some versions end that of who says what he may not.
    """
    single(topic, payload, qos=1, hostname="127.0.0.1", port=port, auth={"username": name, "password": name})


def let_through(port: int, name: str, *topics: str) -> list[str]:
    """Those of the topics on which messages of this user reach others."""
    witness = Guest(port, "all", *EVERYTHING)
    try:
        for topic in topics:
            says(port, name, topic)
        # This marker comes last: the broker has handled all messages before it.
        says(port, "bridge", "wardwatch/echo/end")
        until(lambda: ("wardwatch/echo/end", b"x") in witness.heard)
        return [topic for topic, _ in witness.heard if topic != "wardwatch/echo/end"]
    finally:
        witness.close()


def of_a_gateway(transition: str) -> list[str]:
    node = [f"spBv1.0/icu/{kind}/{transition}" for kind in ("NBIRTH", "NDATA", "NDEATH")]
    return node + [f"spBv1.0/icu/{kind}/{transition}/mon7" for kind in ("DBIRTH", "DDATA", "DDEATH")]


def test_a_gateway_publishes_for_itself_and_its_devices(port: int) -> None:
    assert let_through(port, "gw1", *of_a_gateway("gw1")) == of_a_gateway("gw1")


@pytest.mark.parametrize("name", ["gw2", "devices", "health", "mon-icu-01", "bridge"])
def test_no_other_client_publishes_for_a_gateway(port: int, name: str) -> None:
    assert let_through(port, name, *of_a_gateway("gw1")) == []


def test_only_the_bridge_requests_births(port: int) -> None:
    asked = ["spBv1.0/icu/NCMD/gw1"]
    assert let_through(port, "bridge", *asked, "spBv1.0/icu/DCMD/gw1/mon7", "spBv1.0/STATE/host") == asked
    assert let_through(port, "gw2", *asked) == []


def test_a_gateways_birth_reaches_the_bridge_and_a_command_reaches_the_gateway(port: int) -> None:
    bridge = Guest(port, "bridge", "spBv1.0/#")
    gateway = Guest(port, "gw1", "spBv1.0/icu/NCMD/gw1")
    other = Guest(port, "gw2", "spBv1.0/icu/NCMD/gw1", "spBv1.0/icu/NCMD/gw2")
    levels, payload = SparkplugNode().message("NBIRTH", metric("heart_rate", 70.0))
    says(port, "gw1", "/".join(levels), payload)
    until(lambda: (("/".join(levels)), payload) in bridge.heard)
    says(port, "bridge", "spBv1.0/icu/NCMD/gw1", b"born again")
    until(lambda: gateway.heard == [("spBv1.0/icu/NCMD/gw1", b"born again")])
    # A broker delivers in order: once the marker message has arrived, any earlier message has too.
    says(port, "bridge", "spBv1.0/icu/NCMD/gw2")
    until(lambda: ("spBv1.0/icu/NCMD/gw2", b"x") in other.heard)
    assert other.heard == [("spBv1.0/icu/NCMD/gw2", b"x")]
    for one in (bridge, gateway, other):
        one.close()


def test_a_device_publishes_under_its_own_name_only(port: int) -> None:
    topics = ["ward/icu/mon-icu-01/readings", "ward/icu/mon-icu-02/readings", "ward/icu/mon-icu-01/ack"]
    assert let_through(port, "mon-icu-01", *topics) == topics[:1]
    assert let_through(port, "devices", *topics) == topics[:2]
    assert let_through(port, "bridge", topics[2]) == topics[2:]
    assert let_through(port, "health", *topics) == []


def test_the_acl_of_the_page_lets_a_vendors_monitor_publish_and_the_bridge_receive(port: int) -> None:
    bridge = Guest(port, "bridge", "northgate/+/+/obs")
    topics = [f"northgate/icu/{name}/obs" for name in ("NG-20817", "NG-1")]
    assert let_through(port, "NG-20817", *topics) == topics[:1]
    assert let_through(port, "devices", *topics) == []
    until(lambda: bridge.heard == [(topics[0], b"x")])
    bridge.close()
