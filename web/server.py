"""The HTTP server."""

import logging
import threading
import time
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse
from prometheus_client import generate_latest

from ward.action import Action, Deed
from ward.alert import Alert
from ward.clock import Clock, format_instant
from ward.ids import digest
from ward.metrics import Metrics
from ward.ports import Log, Store
from ward.topics import ACTIONS, ALERTS
from ward.wire import ACTION, ALERT

_PAGE = """<!doctype html><meta charset=utf-8><title>Wardwatch</title><h1>Wardwatch</h1><pre id=p></pre><script>
setInterval(async()=>{const b=await(await fetch('/api/v1/beds')).json(),a=await(await fetch('/api/v2/alerts')).json();
document.getElementById('p').textContent=JSON.stringify(b,null,1)+"\\n"+JSON.stringify(a,null,1)},1000)</script>"""


def make_app(log: Log, store: Store, clock: Clock, metrics: Metrics) -> FastAPI:
    """The API on a log and a store."""
    app = FastAPI(title="Wardwatch", docs_url=None, redoc_url=None)

    @app.get("/", response_class=HTMLResponse)
    def page() -> str:
        return _PAGE

    @app.get("/-/healthy", response_class=PlainTextResponse)
    def healthy() -> str:
        return "ok"

    @app.get("/metrics", response_class=PlainTextResponse)
    def numbers() -> str:
        return generate_latest(metrics.registry).decode()

    @app.get("/api/v1/beds")
    def beds() -> dict[str, dict[str, tuple[str, float]]]:
        latest = store.latest("vitals", "device", clock.now() - 60_000_000)
        return {d: {s: (format_instant(at), x) for s, (at, x) in fields.items()} for d, fields in latest.items()}

    @app.get("/api/v2/alerts")
    def alerts() -> list[dict[str, object]]:
        return [
            {"id": a.id, "labels": a.labels, "annotations": a.annotations, "state": a.state, "ack": a.ack and a.ack.by}
            for a in _alerts(log)
        ]

    @app.post("/api/v1/alerts/{alert}/ack", status_code=202)
    def ack(alert: str, by: str) -> dict[str, str]:
        now = clock.now()
        action = Action(id=digest(alert, by, now), deed=Deed.ACKNOWLEDGE, subject=alert, by=by, at=now)
        log.send(ACTIONS, [(alert, ACTION.encode(action))]).settled(5)
        return {"id": action.id}

    return app


def _alerts(log: Log) -> list[Alert]:
    found = [a for p in log.partitions(ALERTS) for b in log.scan(p) for a in ALERT.decode_many(b.values)]
    return [alert for alert in found if isinstance(alert, Alert)]


class Server:
    """A part: serves an application on a port until it is closed."""

    def __init__(self, make: Callable[[], FastAPI], host: str, port: int) -> None:
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        self._server = uvicorn.Server(
            uvicorn.Config(make(), host=host, port=port, access_log=False, log_level="warning")
        )
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)
        self._thread.start()

    def step(self, wait: float) -> int:
        time.sleep(wait)
        return 0

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(3)
