"""Each service of docker-compose.yml is confined: rights, ports, memory, secrets, and requests to the internet."""

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
def test_no_service_has_a_setting_that_adds_privileges(service: str) -> None:
    assert set(services()[service]) <= WORDS


def test_only_the_service_that_makes_tokens_may_write_them() -> None:
    writers = {
        (name, volume)
        for name in services()
        for volume, target in mounts(name).items()
        if volume in ("tokens", "grafana-token") and not target.endswith(":ro")
    }
    assert writers == {("influx-apply", "tokens"), ("influx-apply", "grafana-token")}


def test_an_anonymous_viewer_of_grafana_can_change_nothing_and_cannot_sign_up() -> None:
    variables = services()["grafana"]["environment"]
    assert variables["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"
    assert variables["GF_USERS_ALLOW_SIGN_UP"] == "false"


def test_no_service_reports_to_the_internet() -> None:
    variables = services()["grafana"]["environment"]
    for name in (
        "ANALYTICS_REPORTING_ENABLED", "ANALYTICS_CHECK_FOR_UPDATES", "ANALYTICS_CHECK_FOR_PLUGIN_UPDATES",
        "NEWS_NEWS_FEED_ENABLED",
    ):  # fmt: skip
        assert variables[f"GF_{name}"] == "false"
    assert variables["GF_SECURITY_DISABLE_GRAVATAR"] == "true"
    assert services()["influxdb"]["environment"]["INFLUXD_REPORTING_DISABLED"] == "true"


# The sections of Grafana's own configuration that we set something in, and the names that may be set.
GRAFANA = {
    "GF_SECURITY_ADMIN_PASSWORD__FILE", "GF_SECURITY_DISABLE_GRAVATAR", "GF_SERVER_ROOT_URL",
    "GF_AUTH_ANONYMOUS_ENABLED", "GF_AUTH_ANONYMOUS_ORG_ROLE", "GF_USERS_ALLOW_SIGN_UP",
    "GF_SMTP_ENABLED", "GF_SMTP_HOST", "GF_SMTP_FROM_ADDRESS", "GF_SMTP_USER", "GF_SMTP_PASSWORD__FILE",
    "GF_ANALYTICS_REPORTING_ENABLED", "GF_ANALYTICS_CHECK_FOR_UPDATES", "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES",
    "GF_NEWS_NEWS_FEED_ENABLED", "GF_LOG_MODE", "GF_DASHBOARDS_MIN_REFRESH_INTERVAL",
    "GF_UNIFIED_ALERTING_ALERTMANAGER_CONFIG_POLL_INTERVAL", "GF_UNIFIED_ALERTING_EVALUATION_TIMEOUT",
    "GF_UNIFIED_ALERTING_MAX_ATTEMPTS",
}  # fmt: skip


def test_each_variable_of_grafana_is_one_that_grafana_knows() -> None:
    """Grafana ignores an unknown name without a message."""
    assert {name for name in services()["grafana"]["environment"] if name.startswith("GF_")} == GRAFANA


def test_tmpfs_and_logs_are_bounded() -> None:
    for name, entry in services().items():
        assert all(re.fullmatch(r"/tmp:mode=1777,size=\d+m", mount) for mount in entry["tmpfs"]), name
        assert entry["logging"]["driver"] == "json-file"
        assert set(entry["logging"]["options"]) == {"max-size", "max-file"}, name


def megabytes(entry: str) -> int:
    return int(entry[:-1]) * {"m": 1, "g": 1024}[entry[-1]]


def test_kafkas_heap_leaves_room_below_its_limit() -> None:
    kafka = services()["kafka"]
    heap = re.search(r"-Xmx(\d+[mg])", kafka["environment"]["KAFKA_HEAP_OPTS"])
    assert heap is not None
    assert megabytes(heap[1]) * 1.5 <= megabytes(kafka["mem_limit"])


@pytest.mark.parametrize("service", services())
def test_each_memory_limit_is_a_variable_named_after_its_service(service: str) -> None:
    stanza = COMPOSE.partition(f"\n  {service}:\n")[2].partition("mem_limit: ")[2].partition("\n")[0]
    name = "OPS" if service == "influx-apply" else service.removesuffix("-2").upper()
    assert stanza.startswith(f"${{MEMORY_{name}:-"), "and .env.example has it"


def test_no_secret_is_in_an_environment_or_an_address() -> None:
    for name, entry in services().items():
        environment: dict[str, Any] = entry.get("environment", {})
        for variable, value in environment.items():
            secret = re.search(r"PASSWORD|TOKEN|SECRET", variable) and not variable.endswith("_FILE")
            assert not secret, f"{name}: {variable}"
            assert not re.search(r"://[^/@]*:[^/@]*@", str(value)), f"{name}: {variable}"


def test_an_address_of_a_channel_comes_from_the_secret_of_that_channel() -> None:
    for name, entry in ours().items():
        for variable, value in entry.get("environment", {}).items():
            if re.fullmatch(r"WARDWATCH_(MAIL|CHAT|SMS)_URL_FILE", variable):
                assert value == f"/run/secrets/{variable.removeprefix('WARDWATCH_').removesuffix('_FILE').lower()}", (
                    name
                )


def test_a_secret_has_the_name_of_its_file() -> None:
    for name, entry in composed()["secrets"].items():
        assert entry == {"file": f"./secrets/{name}"}


def test_each_mqtt_client_has_the_password_of_its_own_user() -> None:
    for name, entry in ours().items():
        if path := entry.get("environment", {}).get("WARDWATCH_MQTT_PASSWORD_FILE"):
            user = urlsplit(entry["environment"]["WARDWATCH_MQTT_URL"]).username
            assert path == f"/run/secrets/mqtt_{user}", name
    clients = {name for name, entry in ours().items() if "WARDWATCH_MQTT_PASSWORD_FILE" in entry.get("environment", {})}
    assert clients == {"bridge", "bridge-2", "simulators", "ops"}
