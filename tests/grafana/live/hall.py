"""A hall with a Grafana on its wall: our programs on real engines, a week behind them, everything on loopback."""

import json
import os
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.engines.engine import Engine, free_port
from tests.engines.grafana import Grafana
from tests.faults.hospital import Mails, Program
from tests.grafana.filled import Filled
from ward.adapters.influx.http import InfluxSettings
from ward.adapters.influx.store import InfluxStore
from ward.clock import SystemClock
from ward.ports import Point, Series

ROOT = Path(__file__).parents[3]
PROVISIONING = ROOT / "grafana" / "provisioning"
PROGRAMS = ("bridge", "detectors", "alerts", "rollups", "web", "simulators")


class Hook:
    """A chat's webhook: what was posted to it."""

    def __init__(self) -> None:
        posts: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                posts.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.posts = posts
        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Hall:
    """Mosquitto, Kafka and InfluxDB, six programs, a mail server and a webhook of Grafana's own, and Grafana."""

    def __init__(self, folder: Path, home: Path, engines: tuple[Engine, Engine, Engine], week: Filled) -> None:
        mosquitto, kafka, influx = engines
        self.mosquitto, self.influx, self.week = mosquitto, influx, week
        self.mails, self.told, self.hook, self.web = Mails(), Mails(), Hook(), free_port()
        environ = {
            "WARDWATCH_CONFIG": str(ROOT / "config"), "WARDWATCH_DATA": str(folder / "data"),
            "WARDWATCH_MQTT_URL": f"mqtt://127.0.0.1:{mosquitto.port}",
            "WARDWATCH_LOG_URL": f"kafka://127.0.0.1:{kafka.port}?prefix=hall.&session=6",
            "WARDWATCH_STORE_URL": f"influx://127.0.0.1:{influx.port}?bucket={week.database}&version=1",
            "WARDWATCH_HTTP_PORT": str(self.web), "WARDWATCH_MAIL_URL": self.told.url,
            "WARDWATCH_EXTERNAL_URL": f"http://127.0.0.1:{self.web}", "PYTHONPATH": str(ROOT),
            "PATH": os.environ["PATH"],
        }  # fmt: skip
        self.programs = {name: Program(folder, name, environ, self.web) for name in PROGRAMS}
        smtp = self.mails.url.removeprefix("mailto://").partition("/")[0]
        self.grafana = Grafana(folder / "grafana", home, PROVISIONING, {
            "WARDWATCH_INFLUX_URL": week.url, "WARDWATCH_INFLUX_DATABASE": week.database,
            "WARDWATCH_GRAFANA_TOKEN": "none-is-asked", "WARDWATCH_WEB_URL": f"http://127.0.0.1:{self.web}",
            "WARDWATCH_GRAFANA_DASHBOARDS": str(PROVISIONING / "dashboards" / "json"),
            "WARDWATCH_GRAFANA_MAIL": "technician@ward.test", "WARDWATCH_GRAFANA_CHAT": self.hook.url,
            "GF_SMTP_ENABLED": "true", "GF_SMTP_HOST": smtp, "GF_SMTP_FROM_ADDRESS": "grafana@ward.test",
            "GF_SMTP_SKIP_VERIFY": "true",
        })  # fmt: skip

    def start(self) -> None:
        self._settle()
        for program in self.programs.values():
            program.start()
        self.grafana.start()
        # Before its release, 9.4 drops `database` from a data source it adds, and keeps it when it reads it again.
        reload = "/api/admin/provisioning/datasources/reload"
        self.until(lambda: self.grafana.ask(reload, {}), 60, "Grafana does not read its data sources again")

    def _settle(self) -> None:
        """Our notifier knows nothing of the week: what stood at its end would come back to it by way of Grafana."""
        last = self.week.rows('SELECT last("rank") AS rank FROM autogen.active_alerts GROUP BY *')
        tags = [{name: tag for name, tag in row.items() if name not in ("time", "rank") and tag} for row in last]
        over = {"rank": 0.0, "lost": 0.0, "acknowledged": 0.0}
        store = InfluxStore(InfluxSettings(url=self.week.url, bucket=self.week.database, version=1))
        store.write([Point(Series.of("active_alerts", **of), self.week.end, over) for of in tags])
        store.close()

    def rules(self) -> dict[str, dict[str, Any]]:
        """Grafana's rules by name, with state, health and alerts."""
        groups = self.grafana.ask("/api/prometheus/grafana/api/v1/rules")["data"]["groups"]
        return {rule["name"]: rule for group in groups for rule in group["rules"]}

    def firing(self, name: str) -> list[dict[str, str]]:
        """The labels under which a rule fires now."""
        alerts = self.rules()[name].get("alerts") or []
        return [alert["labels"] for alert in alerts if alert["state"].startswith(("Alerting", "firing"))]

    def ours(self) -> list[dict[str, Any]]:
        """Our alerts, by Grafana's own data source for them."""
        found: list[dict[str, Any]] = self.grafana.ask("/api/alertmanager/wardwatch-alertmanager/api/v2/alerts")
        return found

    def until(self, done: Callable[[], object], seconds: float, what: str) -> None:
        """Wait for something to become true: real programs and a real Grafana take the time they take."""
        clock = SystemClock()
        end = clock.monotonic() + seconds
        while not _safely(done):
            if clock.monotonic() > end:
                pytest.fail(f"after {seconds:.0f} s: {what}\n{self.mails.subjects()}\n{self._states()}")
            clock.wait(1.0)

    def _states(self) -> str:
        try:
            return json.dumps({name: rule["state"] for name, rule in self.rules().items()})
        except OSError as error:
            return f"Grafana does not answer: {error}"

    def close(self) -> None:
        self.grafana.end()
        for program in self.programs.values():
            program.end()
        for end in (self.mails, self.told, self.hook):
            end.close()


def _safely(done: Callable[[], object]) -> bool:
    try:
        return bool(done())
    except (OSError, KeyError):
        return False
