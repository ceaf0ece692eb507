"""What was backed up is there again after everything was lost. The last of all: the ward is another one afterwards."""

import json
import os
import urllib.request
from functools import partial

import pytest

from tests.compose.project import Project, until
from tests.compose.walk import PATIENCE, Walk

pytestmark = pytest.mark.compose


def script(ward: Project, name: str, *arguments: str) -> str:
    """One of deploy/*.sh, as an administrator calls it."""
    environ = {
        "COMPOSE": " ".join(ward.command), "CONFIG_DIR": str(ward.folder / "config"), "SECRETS_DIR": str(ward.secrets),
    }  # fmt: skip
    variables = [f"{name}={value}" for name, value in environ.items()]
    return ward.docker.run(["env", *variables, "sh", f"deploy/{name}", *arguments], 400, cwd=ward.root)


def alerts_of(ward: Project, device: str) -> list[str]:
    """The ids of all alerts there ever were about a device."""
    with urllib.request.urlopen(
        f"http://127.0.0.1:{ward.screen}/api/v1/alerts?state=all&limit=1000", timeout=5
    ) as answer:
        body = json.load(answer)
    found = body["alerts"] if isinstance(body, dict) else body
    return sorted(alert["id"] for alert in found if device in json.dumps(alert))


def test_a_restored_backup_has_all_data_after_everything_was_removed(ward: Project) -> None:
    walk = Walk(ward, "walk-kept")
    try:
        walk.go()
    finally:
        walk.close()
    known = alerts_of(ward, "walk-kept")
    assert known
    target = ward.folder / "backup"
    output = script(ward, "backup.sh", str(target))
    print(output)
    assert {path.name for path in target.iterdir()} >= {
        "kafka-data.tar", "influxdb-data.tar", "alerts-data.tar", "mosquitto-data.tar", "config.tar", "secrets.tar",
    }  # fmt: skip
    assert all(path.stat().st_mode & 0o077 == 0 for path in target.iterdir()), "secrets are in it"

    secret = (ward.secrets / "mqtt_devices").read_text(encoding="utf-8")
    (ward.secrets / "mqtt_devices").unlink()
    with pytest.raises(AssertionError, match="--yes"):
        script(ward, "restore.sh", str(target))
    ward.close_mailbox()
    print(script(ward, "restore.sh", str(target), "--yes"))
    assert (ward.secrets / "mqtt_devices").read_text(encoding="utf-8") == secret
    for service in ward.services():
        until(partial(ward.well, service), PATIENCE, f"{service} is healthy")
    until(lambda: set(known) <= set(alerts_of(ward, "walk-kept")), PATIENCE, "alerts of before are known")
    assert walk.in_store(), "a reading of before is in the database"
    ward.open_mailbox()
    again = Walk(ward, "walk-after")
    try:
        again.go()
    finally:
        again.close()


def test_a_damaged_backup_is_refused_before_anything_is_removed(ward: Project) -> None:
    target = ward.folder / "backup"
    with (target / "kafka-data.tar").open("r+b") as file:
        file.seek(1000, os.SEEK_SET)
        file.write(b"changed")
    with pytest.raises(AssertionError, match="damaged"):
        script(ward, "restore.sh", str(target), "--yes")
    assert ward.health("web") == "healthy"
