"""How the services of docker-compose.yml fit together: who asks whom, who waits for whom, whose files are where."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from influx.plan import ROLES
from tests.deploy.files import DOCKERFILE, ROOT, defaults, mounts, ours, services
from ward.retention_policy import DAY, RETENTION, RetentionPolicy

CONFIG = ROOT / "config"
MOSQUITTO = (CONFIG / "mosquitto" / "mosquitto.conf").read_text(encoding="utf-8")
ACL = (CONFIG / "mosquitto" / "acl").read_text(encoding="utf-8")
# Where an image keeps what must be there again afterwards; Dockerfile and the engines' own files say the same below.
KEEPS = {
    "mosquitto": ("mosquitto-data", "/mosquitto/data"),
    "kafka": ("kafka-data", "/var/lib/kafka/data"),
    "influxdb": ("influxdb-data", "/var/lib/influxdb2"),
    "grafana": ("grafana-data", "/var/lib/grafana"),
    "alerts": ("alerts-data", "/data"),
    "alerts-2": ("alerts-2-data", "/data"),
    "simulators": ("simulators-data", "/data"),
    "influx-apply": ("tokens", "/data"),
}
# Who must be there first, at one remove or more.
WAITS: dict[str, set[str]] = {
    "mosquitto": set(),
    "kafka": set(),
    "influxdb": set(),
    "influx-apply": {"influxdb"},
    "grafana": {"influxdb", "influx-apply"},
    "bridge": {"mosquitto", "kafka", "influxdb", "influx-apply"},
    "bridge-2": {"mosquitto", "kafka", "influxdb", "influx-apply"},
    "simulators": {"mosquitto", "kafka", "influxdb", "influx-apply", "bridge"},
    **{name: {"kafka", "influxdb", "influx-apply"} for name in ("detectors", "alerts", "rollups", "web")},
    **{name: {"kafka", "influxdb", "influx-apply"} for name in ("detectors-2", "alerts-2", "rollups-2", "web-2")},
    "ops": set(),
}


def seconds(span: str) -> int:
    return int(span[:-1]) * {"s": 1, "m": 60}[span[-1]]


SECOND = ("bridge-2", "alerts-2", "detectors-2", "rollups-2", "web-2")


def test_only_simulators_second_processes_and_the_command_line_are_in_a_profile() -> None:
    assert {name: entry["profiles"] for name, entry in services().items() if "profiles" in entry} == {
        "simulators": ["demo"],
        "ops": ["ops"],
        **{name: ["two"] for name in SECOND},
    }


@pytest.mark.parametrize("second", SECOND)
def test_a_second_process_differs_from_the_first_in_its_name_its_folder_and_its_port(second: str) -> None:
    first = services()[second.removesuffix("-2")]
    ours, theirs = ({**entry, "environment": dict(entry["environment"])} for entry in (services()[second], first))
    assert ours.pop("profiles") == ["two"]
    if "WARDWATCH_INSTANCE" in theirs["environment"]:
        assert ours["environment"].pop("WARDWATCH_INSTANCE") == second
        del theirs["environment"]["WARDWATCH_INSTANCE"]
    assert (ours.pop("ports", None) == theirs.pop("ports", None)) is (second != "web-2")
    volumes = [str(volume).replace("alerts-2-data", "alerts-data") for volume in ours.pop("volumes")]
    assert volumes == list(map(str, theirs.pop("volumes")))
    assert ours == theirs


def asked(service: str) -> str:
    """The words of a health check."""
    return " ".join(map(str, services()[service]["healthcheck"]["test"]))


def test_a_health_check_uses_the_address_of_the_service() -> None:
    properties = (CONFIG / "kafka" / "server.properties").read_text(encoding="utf-8")
    listens = re.search(r"^listeners=PLAINTEXT://:(\d+)", properties, re.MULTILINE)
    assert listens is not None
    assert asked("kafka") == f"CMD-SHELL nc -z 127.0.0.1 {listens[1]}"
    assert asked("influxdb") == "CMD influx ping"
    assert asked("grafana").endswith(" http://127.0.0.1:3000/api/health")
    for service in ours():
        if service not in ("web", "web-2", "ops", "influx-apply"):
            assert asked(service) == "CMD wardwatch health"


def test_the_screens_health_check_requests_an_existing_page() -> None:
    url = urlsplit(asked("web").rpartition(" ")[2])
    target = services()["web"]["ports"][0].rpartition(":")[2]
    assert f"{url.hostname}:{url.port}" == f"127.0.0.1:{target}"
    assert url.path == "/-/healthy"
    assert f'router.get("{url.path}"' in (ROOT / "web" / "api" / "system.py").read_text(encoding="utf-8")


def test_the_brokers_health_check_has_a_user_that_may_read_its_topic_only() -> None:
    found = re.search(r"-h 127\.0\.0\.1 -u (\w+) -P \"\$\(cat /run/secrets/(\w+)\)\" -t '(\S+)'", asked("mosquitto"))
    assert found is not None
    assert found[1] == "health"
    assert found[2] == "mqtt_health"
    stanza = ACL.partition(f"user {found[1]}\n")[2].partition("\n\n")[0]
    assert stanza == f"topic read {found[3]}"


def test_health_checks_have_short_intervals_and_enough_retries() -> None:
    for name, entry in services().items():
        check = entry["healthcheck"]
        if "test" in check:
            assert seconds(check["interval"]) <= 10, name
            assert 5 <= seconds(check["timeout"]) <= 10, name
            assert check["retries"] >= 3, name


def behind(service: str) -> set[str]:
    first = set(services()[service].get("depends_on", ()))
    return first.union(*map(behind, first))


@pytest.mark.parametrize("service", services())
def test_a_service_depends_on_all_it_needs_at_its_start(service: str) -> None:
    assert behind(service) == WAITS[service]
    for other, how in services()[service].get("depends_on", {}).items():
        ends = other == "influx-apply"
        assert how["condition"] == ("service_completed_successfully" if ends else "service_healthy")


@pytest.mark.parametrize("service", KEEPS)
def test_volumes_are_mounted_where_services_write(service: str) -> None:
    volume, target = KEEPS[service]
    assert mounts(service)[volume] == target


def test_mount_points_are_those_of_image_and_engines() -> None:
    assert f"persistence_location {KEEPS['mosquitto'][1]}/" in MOSQUITTO
    assert "persistence true" in MOSQUITTO
    assert "WARDWATCH_DATA=/data" in DOCKERFILE
    assert re.search(r"install -d -o wardwatch -g wardwatch -m 0750 /data", DOCKERFILE)
    assert "WARDWATCH_CONFIG=/config" in DOCKERFILE
    for name in set(ours()) - {"influx-apply"}:
        assert mounts(name)["./config"] == "/config:ro"
    assert f"acl_file {mounts('mosquitto')['./config/mosquitto'].removesuffix(':ro')}/acl" in MOSQUITTO
    assert mounts("kafka")["./config/kafka"] == "/config:ro"
    assert mounts("grafana")["./grafana/provisioning"] == "/etc/grafana/provisioning:ro"


def test_dashboards_are_in_the_folder_of_grafanas_setting() -> None:
    folder = services()["grafana"]["environment"]["WARDWATCH_GRAFANA_DASHBOARDS"]
    inside = mounts("grafana")["./grafana/provisioning"].removesuffix(":ro")
    assert folder.startswith(f"{inside}/")
    assert list((ROOT / "grafana" / "provisioning" / folder.removeprefix(f"{inside}/")).glob("*.json"))


def test_tokens_are_read_from_where_they_are_written() -> None:
    script = services()["influx-apply"]["command"][0]
    copied = re.search(r"install -m 0444 (\S+) (\S+)", script)
    assert copied is not None
    assert copied[1] == f"{mounts('influx-apply')['tokens']}/influx-reader.token"
    path = urlsplit(f"file:{copied[2]}").path
    assert path == f"{mounts('influx-apply')['grafana-token']}/influx-token"
    read = f"{mounts('grafana')['grafana-token'].removesuffix(':ro')}/influx-token"
    assert f"$(cat {read})" in services()["grafana"]["command"][0]
    assert {"reader", "writer"} == set(ROLES)
    for name in set(ours()) - {"influx-apply"}:
        folder = mounts(name)["tokens"].removesuffix(":ro")
        assert ours()[name]["environment"]["WARDWATCH_STORE_TOKEN_FILE"] == f"{folder}/influx-writer.token"


def test_the_set_up_of_influxdb_matches_the_settings_of_programs() -> None:
    variables = services()["influxdb"]["environment"]
    for url in (defaults()["WARDWATCH_STORE_URL"], ours()["influx-apply"]["environment"]["WARDWATCH_STORE_URL"]):
        asked_for = parse_qs(urlsplit(url).query)
        assert asked_for == {
            "org": [variables["DOCKER_INFLUXDB_INIT_ORG"]],
            "bucket": [variables["DOCKER_INFLUXDB_INIT_BUCKET"]],
        }
    raw = RETENTION[RetentionPolicy.AUTOGEN]
    assert raw is not None
    assert variables["DOCKER_INFLUXDB_INIT_RETENTION"] == f"{raw / DAY:g}d"
    assert services()["grafana"]["environment"]["WARDWATCH_INFLUX_DATABASE"] == variables["DOCKER_INFLUXDB_INIT_BUCKET"]


def test_detectors_have_no_container_name_so_that_there_can_be_several() -> None:
    assert "WARDWATCH_INSTANCE" not in ours()["detectors"]["environment"]
    named = {name: entry["environment"].get("WARDWATCH_INSTANCE") for name, entry in ours().items()}
    assert {name: instance for name, instance in named.items() if instance} == {
        name: name for name in ("bridge", "bridge-2", "alerts", "alerts-2", "rollups", "rollups-2", "web", "web-2")
    }
    assert not any("container_name" in entry for entry in services().values())


def test_engines_have_time_to_write_their_data_at_a_stop() -> None:
    for service in ("kafka", "influxdb"):
        assert seconds(services()[service]["stop_grace_period"]) >= 30


def test_the_acl_has_the_topics_of_sparkplug() -> None:
    """`test_access.py` tries them on a broker; this holds where there is none."""
    bridge, gateways = (
        ACL.partition("user bridge\n")[2].partition("\nuser ")[0],
        set(re.findall(r"^pattern (\w+ spBv1.0/\S+)", ACL, re.MULTILINE)),
    )
    assert "topic read spBv1.0/#" in bridge
    assert "topic write spBv1.0/+/NCMD/+" in bridge
    assert gateways == {
        *(f"write spBv1.0/+/{kind}/%u" for kind in ("NBIRTH", "NDATA", "NDEATH")),
        *(f"write spBv1.0/+/{kind}/%u/+" for kind in ("DBIRTH", "DDATA", "DDEATH")),
        "read spBv1.0/+/NCMD/%u",
        "read spBv1.0/+/DCMD/%u/+",
    }
    assert not re.search(r"^(pattern|topic) (write|readwrite) spBv1.0/#", ACL, re.MULTILINE)
