"""A whole site on loopback: Wardwatch on real engines with a week of data, a mail server, a webhook, and Grafana."""

import json
import os
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.engines.engine import Engine, free_port
from tests.engines.grafana import Grafana
from tests.faults.hospital import Mails, Program
from tests.grafana.filled_influxdb import FilledInfluxdb
from ward.adapters.influx.http import InfluxSettings
from ward.adapters.influx.store import InfluxStore
from ward.clock import SystemClock
from ward.ports import Point, Series

ROOT = Path(__file__).parents[3]
PROVISIONING = ROOT / "grafana" / "provisioning"
PROGRAMS = ("bridge", "detectors", "alerts", "rollups", "web", "simulators")


class Webhook:
    """The webhook of a chat: it stores what is posted to it."""

    def __init__(self) -> None:
        posts: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                posts.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self.posts = posts
        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Site:
    """Mosquitto, Kafka and InfluxDB, six programs, Grafana, and the mail server and webhook that it uses."""

    def __init__(self, folder: Path, home: Path, engines: tuple[Engine, Engine, Engine], week: FilledInfluxdb) -> None:
        mosquitto, kafka, influx = engines
        self.mosquitto, self.influx, self.week = mosquitto, influx, week
        self.grafana_mails, self.mails, self.webhook, self.web = Mails(), Mails(), Webhook(), free_port()
        environ = {
            "WARDWATCH_CONFIG": str(ROOT / "config"), "WARDWATCH_DATA": str(folder / "data"),
            "WARDWATCH_MQTT_URL": f"mqtt://127.0.0.1:{mosquitto.port}",
            "WARDWATCH_LOG_URL": f"kafka://127.0.0.1:{kafka.port}?prefix=site.&session=6",
            "WARDWATCH_STORE_URL": f"influx://127.0.0.1:{influx.port}?bucket={week.database}&version=1",
            "WARDWATCH_HTTP_PORT": str(self.web), "WARDWATCH_MAIL_URL": self.mails.url,
            "WARDWATCH_EXTERNAL_URL": f"http://127.0.0.1:{self.web}", "PYTHONPATH": str(ROOT),
            "PATH": os.environ["PATH"], "WARDWATCH_GRAFANA_SENDER_PASSWORD": "of this test",
        }  # fmt: skip
        self.programs = {name: Program(folder, name, environ, self.web) for name in PROGRAMS}
        smtp = self.grafana_mails.url.removeprefix("mailto://").partition("/")[0]
        self.grafana = Grafana(folder / "grafana", home, PROVISIONING, {
            "WARDWATCH_INFLUX_URL": week.url, "WARDWATCH_INFLUX_DATABASE": week.database,
            "WARDWATCH_GRAFANA_TOKEN": "none-is-asked", "WARDWATCH_WEB_URL": f"http://127.0.0.1:{self.web}",
            "WARDWATCH_GRAFANA_DASHBOARDS": str(PROVISIONING / "dashboards" / "json"),
            "WARDWATCH_GRAFANA_MAIL": "technician@ward.test", "WARDWATCH_GRAFANA_CHAT": self.webhook.url,
            "GF_SMTP_ENABLED": "true", "GF_SMTP_HOST": smtp, "GF_SMTP_FROM_ADDRESS": "grafana@ward.test",
            "GF_SMTP_SKIP_VERIFY": "true", "WARDWATCH_GRAFANA_SENDER_PASSWORD": "of this test",
        })  # fmt: skip

    def start(self) -> None:
        self._end_alerts_of_the_week()
        for program in self.programs.values():
            program.start()
        self.grafana.start()
        # Pre-releases of 9.4 lose `database` of a data source that they add, and keep it when they read it again.
        reload = "/api/admin/provisioning/datasources/reload"
        self.until(lambda: self.grafana.ask(reload, {}), 60, "Grafana does not reload its data sources")

    def _end_alerts_of_the_week(self) -> None:
        """Else Grafana would send the alerts that were active at the end of the week: the programs do not know them."""
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
        """The labels of each alert of a rule that fires."""
        alerts = self.rules()[name].get("alerts") or []
        return [alert["labels"] for alert in alerts if alert["state"].startswith(("Alerting", "firing"))]

    def kept(self) -> set[str]:
        """The rules of which Grafana's own Alertmanager has an alert that has not ended."""
        return {alert["labels"]["alertname"] for alert in self.grafana.ask("/api/alertmanager/grafana/api/v2/alerts")}

    def our_alerts(self) -> list[dict[str, Any]]:
        """The alerts of Wardwatch, as Grafana's data source for them returns them."""
        found: list[dict[str, Any]] = self.grafana.ask("/api/alertmanager/wardwatch-alertmanager/api/v2/alerts")
        return found

    def acknowledge_what_is_over(self, device: str) -> None:
        """A person acknowledges the latched alerts of a device: HIGH about a patient does not end before."""
        api = f"http://127.0.0.1:{self.web}/api/v1/alerts"
        for alert in httpx.get(f"{api}?state=active", timeout=10).json()["alerts"]:
            if alert["device"] == device and alert["latched"]:
                httpx.post(f"{api}/{alert['id']}/ack", json={"by": "Nurse Ada"}, timeout=10)

    def until(self, done: Callable[[], object], seconds: float, what: str) -> None:
        """Wait until `done` is true; fails after so many seconds with a text."""
        clock = SystemClock()
        end = clock.monotonic() + seconds
        while not _safely(done):
            if clock.monotonic() > end:
                pytest.fail(f"after {seconds:.0f} s: {what}\n{self.grafana_mails.subjects()}\n{self._states()}")
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
        for end in (self.grafana_mails, self.mails, self.webhook):
            end.close()


def _safely(done: Callable[[], object]) -> bool:
    try:
        return bool(done())
    except (OSError, KeyError, httpx.TransportError):
        return False
