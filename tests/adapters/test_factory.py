"""URLs become adapters; a wrong one is an error that names the setting and contains no secret."""

import subprocess
import sys
from pathlib import Path

import pytest

from ward.adapters.factory import mqtt_address, open_broker, open_log, open_store
from ward.adapters.kafka.log import KafkaLog
from ward.adapters.memory.broker import MemoryBroker
from ward.adapters.memory.log import MemoryLog
from ward.adapters.mqtt.broker import MqttBroker
from ward.adapters.sqlite.log import SqliteLog
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import ManualClock
from ward.errors import SettingsError
from ward.metrics import Metrics
from ward.topics import READINGS

CLOCK = ManualClock()
CANARY = "canary-5e1d"


def test_each_scheme_opens_its_adapter(tmp_path: Path) -> None:
    memory = open_log("memory:", CLOCK, "WARDWATCH_LOG")
    assert isinstance(memory, MemoryLog)
    log = open_log(f"sqlite:{tmp_path}/log.db?partitions=7", CLOCK, "WARDWATCH_LOG")
    assert isinstance(log, SqliteLog)
    assert len(log.partitions(READINGS)) == 7
    reading = open_log(f"sqlite:{tmp_path}/log.db?reading=yes", CLOCK, "WARDWATCH_LOG")
    store = open_store(f"sqlite://{tmp_path}/store.db", CLOCK, "WARDWATCH_STORE")
    assert isinstance(store, SqliteStore)
    kafka = open_log("kafka://a:9092,b:9093?prefix=site.&instance=w1", CLOCK, "WARDWATCH_LOG", {})
    assert isinstance(kafka, KafkaLog)
    assert isinstance(open_broker("memory:", "b", [], Metrics(), CLOCK, "WARDWATCH_BROKER"), MemoryBroker)
    broker = open_broker("mqtt://127.0.0.1:1", "b", ["t"], Metrics(), CLOCK, "WARDWATCH_BROKER", {})
    assert isinstance(broker, MqttBroker)
    influx = open_store("influx://db:8086?org=o&bucket=b", CLOCK, "WARDWATCH_STORE", {"WARDWATCH_STORE_TOKEN": CANARY})
    for opened in (log, reading, store, kafka, broker, influx):
        opened.close()


def test_a_path_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    open_log("sqlite:data/log.db", CLOCK, "WARDWATCH_LOG").close()
    assert (tmp_path / "data" / "log.db").exists()


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("", "should be one of memory:"),
        ("log.db", "should be one of"),
        ("postgres://x", "begins with 'postgres'"),
        ("sqlite:", "needs a file"),
        ("sqlite:log.db?partition=3", "has no option 'partition'; there are: partitions, reading"),
        ("sqlite:log.db?partitions=0", "a whole number from 1 to 9999 as the option partitions"),
        ("sqlite:log.db?partitions=3&partitions=4", "more than once"),
        ("sqlite:log.db?partitions=lots", "a whole number from 1"),
        ("kafka://", "needs its brokers"),
        ("kafka://host", "needs its brokers"),
        ("kafka://a:1,b", "needs its brokers"),
        ("kafka://ward@a:1", "WARDWATCH_LOG_PASSWORD_FILE is needed"),
        (f"kafka://ward:{CANARY}@a", "needs its brokers"),
    ],
)
def test_an_invalid_log_url_is_an_error_with_the_name_of_its_setting(url: str, text: str) -> None:
    with pytest.raises(SettingsError, match=text) as raised:
        open_log(url, CLOCK, "WARDWATCH_LOG", {})
    assert str(raised.value).startswith("WARDWATCH_LOG ")
    assert CANARY not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("memory:", "should be one of sqlite:, influx://"),
        ("influx://", "should look like"),
        ("influx://db?org=o", "should look like"),
        ("influx://db:99999?bucket=b", "no usable port"),
        ("influx://db?bucket=b&version=3", "should look like"),
        ("influx://db?bucket=b&token=" + CANARY, "has no option 'token'"),
        (f"influx://user:{CANARY}@db?bucket=b", "WARDWATCH_STORE_TOKEN_FILE instead"),
    ],
)
def test_an_invalid_store_url_is_an_error_with_the_name_of_its_setting(url: str, text: str) -> None:
    with pytest.raises(SettingsError, match=text) as raised:
        open_store(url, CLOCK, "WARDWATCH_STORE", {})
    assert str(raised.value).startswith("WARDWATCH_STORE ")
    assert CANARY not in str(raised.value)


def test_an_invalid_broker_url_is_an_error_with_the_name_of_its_setting() -> None:
    with pytest.raises(SettingsError, match="WARDWATCH_BROKER is wrong: an MQTT broker is given as") as raised:
        open_broker(f"http://u:{CANARY}@x", "b", [], Metrics(), CLOCK, "WARDWATCH_BROKER", {})
    assert CANARY not in str(raised.value)


def test_secrets_come_from_the_environment_or_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text(f"{CANARY}\n")
    apart = {"B_PASSWORD": CANARY}
    in_file = {"B_PASSWORD_FILE": str(tmp_path / "pw")}
    assert mqtt_address("mqtt://u@h", "B", apart).password == CANARY
    assert mqtt_address("mqtt://u@h", "B", in_file).password == CANARY
    with pytest.raises(SettingsError, match="B_PASSWORD_FILE: the file cannot be read: FileNotFoundError"):
        mqtt_address("mqtt://u@h", "B", {"B_PASSWORD_FILE": str(tmp_path / "none")})
    for url in ("kafka://u@a:1", "kafkas://u@a:1?ca=/ca.pem"):
        log = open_log(url, CLOCK, "B", apart)
        assert isinstance(log, KafkaLog)
        settings = log._settings
        assert settings.common()["sasl.password"] == CANARY
        assert settings.common()["security.protocol"] == ("SASL_SSL" if url.startswith("kafkas") else "SASL_PLAINTEXT")
        assert CANARY not in repr(settings)
        log.close()


def test_no_client_library_is_imported_before_it_is_needed() -> None:
    """`--help` must answer at once: apprise, pandas' readers and the engines' clients take seconds."""
    code = (
        "import sys, ward.adapters.factory\n"
        "print([m for m in ('confluent_kafka', 'influxdb_client', 'paho', 'apprise', 'sqlite3') if m in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
