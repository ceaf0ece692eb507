"""Each service of docker-compose.yml is shut in: rights, ports, memory, secrets, and what it may tell the world."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.deploy.files import COMPOSE, composed, mounts, ours, services

# All that a service may say: what is not here (privileged, cap_add, network_mode, pid, devices …) would let it out.
WORDS = {
    "image", "build", "user", "profiles", "entrypoint", "command", "environment", "volumes", "tmpfs", "ports",
    "secrets", "depends_on", "healthcheck", "restart", "read_only", "cap_drop", "security_opt", "logging", "mem_limit",
    "stop_grace_period",
}  # fmt: skip


@pytest.mark.parametrize("service", services())
def test_no_service_says_a_word_that_would_let_it_out(service: str) -> None:
    assert set(services()[service]) <= WORDS


def test_only_who_makes_tokens_may_write_them() -> None:
    writers = {
        (name, volume)
        for name in services()
        for volume, target in mounts(name).items()
        if volume in ("tokens", "grafana-token") and not target.endswith(":ro")
    }
    assert writers == {("influx-apply", "tokens"), ("influx-apply", "grafana-token")}


def test_who_looks_at_the_wall_without_a_login_can_change_nothing_and_nobody_signs_up() -> None:
    told = services()["grafana"]["environment"]
    assert told["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"
    assert told["GF_USERS_ALLOW_SIGN_UP"] == "false"


def test_nothing_is_told_to_the_world_outside() -> None:
    told = services()["grafana"]["environment"]
    for name in (
        "ANALYTICS_REPORTING_ENABLED", "ANALYTICS_CHECK_FOR_UPDATES", "ANALYTICS_CHECK_FOR_PLUGIN_UPDATES",
        "NEWS_NEWS_FEED_ENABLED",
    ):  # fmt: skip
        assert told[f"GF_{name}"] == "false"
    assert told["GF_SECURITY_DISABLE_GRAVATAR"] == "true"
    assert services()["influxdb"]["environment"]["INFLUXD_REPORTING_DISABLED"] == "true"


# The sections of Grafana's own configuration that we set something in, and what they may be told.
GRAFANA = {
    "GF_SECURITY_ADMIN_PASSWORD__FILE", "GF_SECURITY_DISABLE_GRAVATAR", "GF_SERVER_ROOT_URL",
    "GF_AUTH_ANONYMOUS_ENABLED", "GF_AUTH_ANONYMOUS_ORG_ROLE", "GF_USERS_ALLOW_SIGN_UP",
    "GF_SMTP_ENABLED", "GF_SMTP_HOST", "GF_SMTP_FROM_ADDRESS", "GF_SMTP_USER", "GF_SMTP_PASSWORD__FILE",
    "GF_ANALYTICS_REPORTING_ENABLED", "GF_ANALYTICS_CHECK_FOR_UPDATES", "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES",
    "GF_NEWS_NEWS_FEED_ENABLED", "GF_LOG_MODE", "GF_DASHBOARDS_MIN_REFRESH_INTERVAL",
    "GF_UNIFIED_ALERTING_ALERTMANAGER_CONFIG_POLL_INTERVAL", "GF_UNIFIED_ALERTING_EVALUATION_TIMEOUT",
    "GF_UNIFIED_ALERTING_MAX_ATTEMPTS",
}  # fmt: skip


def test_what_grafana_is_told_is_spelt_as_grafana_spells_it() -> None:
    """It says nothing of a name that it does not know."""
    assert {name for name in services()["grafana"]["environment"] if name.startswith("GF_")} == GRAFANA


def test_what_is_written_into_memory_is_bounded_and_logs_are() -> None:
    for name, said in services().items():
        assert all(re.fullmatch(r"/tmp:mode=1777,size=\d+m", told) for told in said["tmpfs"]), name
        assert said["logging"]["driver"] == "json-file"
        assert set(said["logging"]["options"]) == {"max-size", "max-file"}, name


def megabytes(said: str) -> int:
    return int(said[:-1]) * {"m": 1, "g": 1024}[said[-1]]


def test_kafkas_heap_leaves_room_below_its_limit() -> None:
    kafka = services()["kafka"]
    heap = re.search(r"-Xmx(\d+[mg])", kafka["environment"]["KAFKA_HEAP_OPTS"])
    assert heap is not None
    assert megabytes(heap[1]) * 1.5 <= megabytes(kafka["mem_limit"])


@pytest.mark.parametrize("service", services())
def test_a_limit_of_memory_is_a_variable_named_after_its_service(service: str) -> None:
    stanza = COMPOSE.partition(f"\n  {service}:\n")[2].partition("mem_limit: ")[2].partition("\n")[0]
    name = "OPS" if service == "influx-apply" else service.upper()
    assert stanza.startswith(f"${{MEMORY_{name}:-"), "and .env.example has it"


def test_no_secret_is_in_an_environment_or_an_address() -> None:
    for name, said in services().items():
        environment: dict[str, Any] = said.get("environment", {})
        for variable, told in environment.items():
            secret = re.search(r"PASSWORD|TOKEN|SECRET", variable) and not variable.endswith("_FILE")
            assert not secret, f"{name}: {variable}"
            assert not re.search(r"://[^/@]*:[^/@]*@", str(told)), f"{name}: {variable}"


def test_an_address_of_a_channel_comes_from_the_secret_of_that_channel() -> None:
    for name, said in ours().items():
        for variable, told in said.get("environment", {}).items():
            if re.fullmatch(r"WARDWATCH_(MAIL|CHAT|SMS)_URL_FILE", variable):
                assert told == f"/run/secrets/{variable.removeprefix('WARDWATCH_').removesuffix('_FILE').lower()}", name


def test_a_secret_has_the_name_of_its_file() -> None:
    for name, said in composed()["secrets"].items():
        assert said == {"file": f"./secrets/{name}"}


def test_who_comes_to_the_broker_has_the_password_of_the_name_it_gives() -> None:
    for name, said in ours().items():
        if told := said.get("environment", {}).get("WARDWATCH_MQTT_PASSWORD_FILE"):
            user = urlsplit(said["environment"]["WARDWATCH_MQTT_URL"]).username
            assert told == f"/run/secrets/mqtt_{user}", name
    given = {name for name, said in ours().items() if "WARDWATCH_MQTT_PASSWORD_FILE" in said.get("environment", {})}
    assert given == {"bridge", "simulators", "ops"}
