"""Which libraries a process loads: those of the programs that it runs, and no others."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.commands.run import NAMES

ROOT = Path(__file__).parents[2]
# Libraries that no running program needs: analyses of long periods, and generators of files.
NEVER = {"pandas", "statsmodels", "scipy", "grafana_foundation_sdk", "rich"}
WEB = {"fastapi", "starlette", "uvicorn", "jinja2", "web"}
# Libraries of engines that these programs do not use: the log is in memory, the store is SQLite.
ENGINES = {"confluent_kafka", "influxdb_client", "aiosmtpd", "iotcore"}
OTHERS = {
    "bridge": WEB | {"apprise", "simulators", "alerts", "detectors.worker"},
    "detectors": WEB | {"apprise", "simulators", "alerts", "paho", "bridge.intake"},
    "alerts": WEB | {"simulators", "paho", "detectors.worker", "bridge.intake"},
    "web": {"apprise", "simulators", "paho", "detectors.worker", "bridge.intake"},
    "rollups": WEB | {"apprise", "simulators", "paho", "detectors.worker"},
    "simulators": WEB | {"apprise", "alerts", "detectors.worker", "bridge.intake"},
}
OWN = {
    "bridge": "bridge.intake", "detectors": "detectors.worker.worker", "alerts": "alerts.pipeline", "web": "web.server",
    "rollups": "rollups.worker", "simulators": "simulators.live.simulation",
}  # fmt: skip
# Builds the parts of a program as `wardwatch run` does, steps each once, and prints the loaded modules.
SCRIPT = """
import sys
from app.runtime.program_parts import PROGRAMS
from app.runtime.program_runner import ProgramRunner
from app.runtime.resources import Resources
from app.settings.loader import load_settings

name, data = sys.argv[1:]
settings = load_settings({"data": data, "log_url": "memory:", "mqtt_url": "mqtt://127.0.0.1:9", "http_port": 0})
resources = Resources(settings)
runner = ProgramRunner(resources, {name: PROGRAMS[name](resources)}).runner
parts = [factory.make() for factory in runner.factories if factory.name != "config"]
for part in parts:
    part.step(0)
for part in parts:
    part.close()
resources.close()
print(*sys.modules)
"""


@pytest.mark.parametrize("name", NAMES)
def test_a_program_loads_no_library_of_another(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, name, str(tmp_path)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr
    loaded = set(found.stdout.split())
    assert OWN[name] in loaded
    assert not loaded & (NEVER | ENGINES | OTHERS[name])
