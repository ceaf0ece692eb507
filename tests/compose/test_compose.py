"""`docker compose up -d`, and then what a ward must be able to do, with every container killed once."""

import json
from functools import partial

import pytest

from tests.compose.docker import Docker
from tests.compose.images import OURS
from tests.compose.project import Project, until
from tests.compose.walk import PATIENCE, Walk, asked_as_grafana
from tests.grafana.generated import all_queries, rendered

pytestmark = pytest.mark.compose
FIRST = (
    "mosquitto", "kafka", "influxdb", "grafana", "bridge", "detectors", "alerts", "rollups", "web", "simulators",
)  # fmt: skip
SERVICES = (*FIRST, "bridge-2", "alerts-2", "detectors-2", "rollups-2", "web-2")


def walk(ward: Project, name: str) -> None:
    device = Walk(ward, name)
    try:
        device.go()
    except AssertionError as error:
        raise AssertionError(f"{error}\n{ward.logs()}") from error
    finally:
        device.close()


def test_our_image_runs_without_rights_without_a_network_and_writes_nothing(docker: Docker, images: list[str]) -> None:
    bare = ["run", "--rm", "--network=none", "--read-only", "--cap-drop=ALL"]
    assert docker(*bare, OURS, "version").startswith("wardwatch ")
    assert ": valid; config " in docker(*bare, OURS, "config", "check")
    assert docker(*bare, "--entrypoint=id", OURS, "-u").strip() == "10001"


def test_our_image_holds_no_compiler_no_installer_and_no_secret(docker: Docker, images: list[str]) -> None:
    look = "command -v gcc cc make pip pip3 git; find / -xdev ( -name .git -o -name secrets -o -name .env ) 2>/dev/null"
    script = look.replace("( ", r"\( ").replace(" )", r" \)") + " | grep -v site-packages | grep -v /lib/python; true"
    assert docker("run", "--rm", "--network=none", "--entrypoint=sh", OURS, "-c", script) == ""


def test_every_service_becomes_healthy(ward: Project) -> None:
    assert set(ward.services()) == set(SERVICES)
    for service in SERVICES:
        until(partial(ward.well, service), PATIENCE, f"{service} is healthy\n{ward.logs()}")


def test_no_service_is_root_may_write_its_image_or_take_all_memory(ward: Project) -> None:
    for service in SERVICES:
        details = ward.docker.inspect(ward.container(service))
        assert details["Config"]["User"].split(":")[0] not in ("", "0", "root"), service
        host = details["HostConfig"]
        assert host["ReadonlyRootfs"], service
        assert host["Memory"] > 0, service
        assert host["CapDrop"] == ["ALL"], service
        assert host["RestartPolicy"]["Name"] == "unless-stopped", service


def test_only_four_ports_are_open_and_only_on_loopback(ward: Project) -> None:
    bound = [
        binding["HostIp"]
        for service in SERVICES
        for bindings in (ward.docker.inspect(ward.container(service))["NetworkSettings"]["Ports"] or {}).values()
        for binding in bindings or ()
    ]
    assert bound == ["127.0.0.1"] * 4


def test_no_secret_is_in_the_environment_of_a_container(ward: Project) -> None:
    values = [path.read_text(encoding="utf-8") for path in ward.secrets.iterdir()]
    configs = json.dumps([ward.docker.inspect(ward.container(service))["Config"] for service in SERVICES])
    assert [value for value in values if value and value in configs] == []


def test_a_reading_reaches_the_screen_the_database_and_a_nurse(ward: Project) -> None:
    walk(ward, "walk-first")


def test_the_queries_of_the_overview_are_answered(ward: Project) -> None:
    asked = [question for question in all_queries() if question.uid == "ward-overview" and question.kind == "panel"]
    assert asked
    for question in asked:
        query = rendered(question.influxql, {"ward": "icu", "resolution": "autogen"}, {}, "time > now() - 1h", "5s")
        until(lambda q=query: asked_as_grafana(ward, q).get("series"), PATIENCE, f"{question} has rows")  # type: ignore[misc]


def test_the_read_token_cannot_write(ward: Project) -> None:
    script = (
        'wget -q -O - --post-data "vitals x=1" --header "Authorization: Token $(cat /run/tokens/influx-token)" '
        '"$WARDWATCH_INFLUX_URL/api/v2/write?org=hospital&bucket=ward"'
    )
    with pytest.raises(AssertionError):
        ward.within("grafana", "sh", "-c", script)


@pytest.mark.parametrize("service", FIRST)
def test_after_a_kill_of_any_container_readings_arrive_again(ward: Project, service: str) -> None:
    ward.kill(service)
    until(partial(ward.well, service), PATIENCE, f"{service} is healthy again")
    walk(ward, f"walk-{service}")


def test_while_one_of_two_bridges_is_stopped_the_readings_of_all_devices_arrive(ward: Project) -> None:
    for stopped in ("bridge", "bridge-2"):
        ward.compose("stop", stopped)
        for number in range(2):
            walk(ward, f"walk-without-{stopped}-{number}")
        ward.compose("start", stopped)
        until(partial(ward.well, stopped), PATIENCE, f"{stopped} is healthy again")
