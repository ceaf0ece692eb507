"""What docker-compose.yml, Dockerfile and .env.example name exists: commands, settings, paths, ports, secrets."""

import configparser
import re
import shlex
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.commands.run import NAMES
from app.runtime.program_parts import PROGRAMS
from app.settings.loader import variable_name
from app.settings.settings import PREFIX, Settings
from deploy.make_secrets import ADDRESSES, MADE, PREPARED, USERS
from tests.deploy.files import COMPOSE, DOCKERFILE, EXAMPLE, ROOT, composed, defaults, example, ours, services
from tests.docs.pages import parse
from ward import __version__

SETTINGS = {variable_name(name) for name in Settings.model_fields}
SECRET = {
    variable_name(name) for name in Settings.model_fields if "SecretStr" in str(Settings.model_fields[name].annotation)
}
# Those that do what they do, and end.
ONCE = ("ops", "influx-apply")
ALERTS = (ROOT / "config" / "alerts.yaml").read_text(encoding="utf-8")
CHANNELS = set(re.findall(r"\$\{(WARDWATCH_\w+_URL)", ALERTS)) - SETTINGS
SENDERS = set(re.findall(r"\$\{(WARDWATCH_\w+_(?:PASSWORD|KEY))", ALERTS))


@pytest.mark.parametrize("service", ours())
def test_the_command_of_each_service_exists(service: str) -> None:
    command = ours()[service]["command"]
    if "entrypoint" in ours()[service]:
        program, *command = shlex.split(command[0].partition(" && ")[0])
        assert program == "wardwatch"
    parse(list(command))


@pytest.mark.parametrize("service", [name for name in ours() if "test" in ours()[name]["healthcheck"]])
def test_the_command_of_each_health_check_exists(service: str) -> None:
    kind, program, *words = ours()[service]["healthcheck"]["test"]
    assert (kind, program) == ("CMD", "wardwatch")
    parse(words)


def test_every_program_is_a_service() -> None:
    run = {tuple(entry["command"][1:]) for entry in ours().values() if entry["command"][0] == "run"}
    assert run == {(name,) for name in NAMES} == {(name,) for name in PROGRAMS}


@pytest.mark.parametrize("service", ours())
def test_each_variable_of_a_program_is_a_setting_or_a_secret_of_the_config(service: str) -> None:
    variables = {name for name in ours()[service].get("environment", {}) if name.startswith(PREFIX)}
    assert variables <= SETTINGS | {f"{name}_FILE" for name in SECRET | CHANNELS | SENDERS}


def test_each_variable_of_the_image_is_a_setting() -> None:
    named = set(re.findall(rf"\b{PREFIX}\w+(?==)", DOCKERFILE))
    assert named
    assert named <= SETTINGS


def test_every_address_of_a_channel_comes_from_a_secret() -> None:
    given = set(ours()["alerts"]["environment"])
    assert {f"{name}_FILE" for name in CHANNELS} <= given


def test_the_example_explains_every_variable_and_has_its_default() -> None:
    assert example() == defaults()
    for paragraph in EXAMPLE.split("\n\n"):
        assert paragraph.startswith("#"), paragraph


def test_every_variable_has_a_default_so_that_nothing_must_be_set() -> None:
    used = set(re.findall(r"(?<!\$)\$\{?(\w+)", COMPOSE))
    assert used == set(defaults())


def test_every_image_has_a_version_tag() -> None:
    for name, entry in services().items():
        tag = entry["image"].partition(":")[2]
        assert re.fullmatch(r"\d+\.\d+\.\d+", tag), name
    assert all(entry["image"] == f"wardwatch:{__version__}" for entry in ours().values())


@pytest.mark.parametrize("service", services())
def test_each_service_has_no_privileges_and_limits(service: str) -> None:
    entry = services()[service]
    assert entry["read_only"] is True
    assert entry["cap_drop"] == ["ALL"]
    assert entry["security_opt"] == ["no-new-privileges:true"]
    assert entry["user"].split(":")[0].isdigit()
    assert entry["user"].split(":")[0] != "0"
    assert re.fullmatch(r"\d+[mg]", entry["mem_limit"])
    assert entry["restart"] == ("no" if service in ONCE else "unless-stopped")
    assert "test" in entry["healthcheck"] or service in ONCE
    assert entry["logging"]["options"]["max-size"]


def test_a_service_waits_until_those_it_depends_on_are_healthy() -> None:
    for name, entry in services().items():
        for other, how in entry.get("depends_on", {}).items():
            assert other in services(), name
            assert how["condition"] in ("service_healthy", "service_completed_successfully"), name


def test_ports_are_those_of_the_programs_and_open_on_loopback_only() -> None:
    inside = {name: entry["ports"] for name, entry in services().items() if "ports" in entry}
    assert set(inside) == {"mosquitto", "grafana", "web", "web-2"}
    listens = re.search(r"^listener (\d+)", (ROOT / "config/mosquitto/mosquitto.conf").read_text(), re.MULTILINE)
    assert listens is not None
    expected = {"mosquitto": listens[1], "grafana": "3000", "web": str(Settings.model_fields["http_port"].default)}
    for name, ports in inside.items():
        (port,) = ports
        host, _, target = port.rpartition(":")
        assert host.startswith("127.0.0.1:")
        assert target == expected[name.removesuffix("-2")]
    assert f"EXPOSE {expected['web']}" in DOCKERFILE


def test_addresses_inside_name_services_and_their_ports() -> None:
    ports = {"kafka": 9092, "influxdb": 8086, "mosquitto": 1883, "web": 8080}
    urls = re.findall(r"(?:kafka|influx|mqtt|http)://(?:\w+@)?[\w.]+:\d+", COMPOSE)
    named = [urlsplit(url) for url in urls]
    for url in named:
        if url.hostname not in ("127.0.0.1",):
            assert url.hostname in services()
            assert url.port == ports[url.hostname]
    properties = (ROOT / "config/kafka/server.properties").read_text(encoding="utf-8")
    assert "advertised.listeners=PLAINTEXT://kafka:9092" in properties


def test_mounted_files_are_in_the_checkout_and_read_only() -> None:
    for entry in services().values():
        for volume in entry.get("volumes", ()):
            if isinstance(volume, dict):
                assert volume["read_only"] is True
                assert (ROOT / volume["source"]).is_dir(), volume
            else:
                assert volume.partition(":")[0] in composed()["volumes"]


def test_every_volume_is_used() -> None:
    used = {
        v.partition(":")[0] for entry in services().values() for v in entry.get("volumes", ()) if isinstance(v, str)
    }
    assert used == set(composed()["volumes"])


def test_every_secret_is_made_and_mounted_only_where_it_is_read() -> None:
    secrets = composed()["secrets"]
    assert {Path(entry["file"]).name for entry in secrets.values()} == {*MADE, *ADDRESSES, *PREPARED, "mqtt_users"}
    for name, entry in services().items():
        named = set(re.findall(r"/run/secrets/(\w+)", str(entry)))
        if name == "mosquitto":
            named |= set(re.findall(r"/run/secrets/(\w+)", (ROOT / "config/mosquitto/mosquitto.conf").read_text()))
        assert set(entry.get("secrets", ())) == named, name
    assert {secret for entry in services().values() for secret in entry.get("secrets", ())} == set(secrets)


def test_the_brokers_users_are_those_of_the_acl() -> None:
    acl = (ROOT / "config/mosquitto/acl").read_text(encoding="utf-8")
    assert set(re.findall(r"^user (\w+)", acl, re.MULTILINE)) == set(USERS)
    users = {urlsplit(url).username for url in (defaults()["WARDWATCH_MQTT_URL"], defaults()["WARDWATCH_DEVICES_URL"])}
    assert users <= set(USERS)


def test_the_acl_allows_the_topics_of_the_config() -> None:
    import yaml

    acl = (ROOT / "config/mosquitto/acl").read_text(encoding="utf-8")
    bridge = yaml.safe_load((ROOT / "config/bridge.yaml").read_text(encoding="utf-8"))
    assert f"topic readwrite {bridge['root']}/#" in acl
    for topic in bridge["topics"]:
        assert f"topic write {topic}" in acl or f"topic write {topic.split('/')[0]}/#" in acl, topic


def test_kafkas_folders_are_mounted() -> None:
    parser = configparser.ConfigParser()
    parser.read_string("[all]\n" + (ROOT / "config/kafka/server.properties").read_text(encoding="utf-8"))
    kafka = services()["kafka"]
    assert f"kafka-data:{parser['all']['log.dirs']}" in kafka["volumes"]
    for named in re.findall(r"(?<![\w.}])/config/([\w.]+)", str(kafka)):
        assert (ROOT / "config" / "kafka" / named).is_file()


def test_the_image_copies_existing_folders_and_all_packages() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rooms = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert rooms == {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks", "quality", "tests"}
    assert rooms <= kept
    for name in re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE):
        assert name == "." or name in kept
    assert {name for name in kept if not (ROOT / name).exists()} <= {"dist/wheelhouse"}


def test_paho_mqtt_stays_below_3() -> None:
    """The MQTT adapter overrides a private method of it and reads a private attribute."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (paho,) = (found for found in project["project"]["dependencies"] if found.startswith("paho-mqtt"))
    assert "<3" in paho.removeprefix("paho-mqtt").split(",")


def test_the_last_stage_compiles_and_downloads_nothing() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert not re.search(r"pip|apt|gcc|curl|wget", last)
    assert "--no-index" in DOCKERFILE
    assert "--require-hashes" in DOCKERFILE
    assert re.search(r"^USER (?!0|root)\d+", last, re.MULTILINE)


def test_grafana_has_every_variable_that_its_files_use() -> None:
    files = [path.read_text(encoding="utf-8") for path in (ROOT / "grafana" / "provisioning").rglob("*.yaml")]
    asked = set(re.findall(r"(?<!\$)\$\{?([A-Z][A-Z0-9_]+)", "\n".join(files)))
    grafana = services()["grafana"]
    variables = set(grafana["environment"]) | set(re.findall(r"([A-Z_]+)=", grafana["command"][0]))
    assert asked
    assert asked <= variables
