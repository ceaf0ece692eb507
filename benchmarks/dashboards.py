"""The queries of the dashboards on a real InfluxDB: three days of raw readings of twenty beds, and a month rolled up.

    python -m benchmarks.dashboards

Every question of the overview is asked together, as a refresh does; every question of the bed dashboard
about each of twenty beds over the last three days, and about all of them; and over a month by hour means.
"""

import json
import math
import re
import time
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from app.console.cli_context import config_of
from benchmarks.external_engines import running
from benchmarks.result import BenchmarkResult
from benchmarks.tables import print_results
from grafana.dashboard_files import all_dashboards
from tests.engines.influx import Influx
from ward.clock import SECOND, SystemClock
from ward.config.config import Config

SHIPPED = Path(__file__).parents[1] / "config"
BEDS = 20
DAYS, MONTH = 3, 30
EVERY = 2.5  # seconds between two readings of a monitor
POST = 20_000
ROUNDS = 5
WHOLE_OVERVIEW, BED, OVER_A_MONTH = 200.0, 100.0, 300.0  # limits in milliseconds
_VARIABLE = re.compile(r"\$\{(\w+)(?::\w+)?\}")
_VITALS = {
    "heart_rate": 75, "systolic_bp": 120, "diastolic_bp": 78, "spo2": 97, "temperature": 36.8, "respiratory_rate": 15,
}  # fmt: skip


def run() -> Sequence[BenchmarkResult]:
    """The three figures."""
    with running(Influx) as engine:
        assert isinstance(engine, Influx)
        engine.create("ward")
        url = f"http://127.0.0.1:{engine.port}"
        fill(url, SystemClock().now() / SECOND)
        return measured(url)


def measured(url: str) -> Sequence[BenchmarkResult]:
    """All queries run once before they are measured, as on a dashboard that is open already."""
    overviews = [sum(times(url, "ward-overview", 1 / 24, "autogen", {})) for _ in range(ROUNDS + 1)][1:]
    beds = [{"bed": f"icu-{n:02}"} for n in range(BEDS)]
    near = [t for bed in beds for t in times(url, "ward-bed", DAYS, "autogen", bed)]
    far = [t for bed in [*beds, {}] for t in times(url, "ward-bed", MONTH, "hours", bed)]
    return [
        upper("overview, all its questions together", median(overviews), WHOLE_OVERVIEW, overviews),
        upper(f"bed over {DAYS} days of raw readings, p95 of a question", p95(near), BED, near),
        upper(f"bed over {MONTH} days by hour means, p95 of a question", p95(far), OVER_A_MONTH, far),
    ]


def upper(name: str, value: float, wanted: float, each: Sequence[float]) -> BenchmarkResult:
    return BenchmarkResult(name=name, value=value, wanted=wanted, unit="ms", less=True, each=(min(each), max(each)))


def p95(each: Sequence[float]) -> float:
    return quantiles(each, n=20)[-1]


def times(url: str, uid: str, days: float, resolution: str, chosen: dict[str, str]) -> Iterator[float]:
    """Milliseconds of each question of a dashboard's panels."""
    now = round(SystemClock().now() / SECOND * 1000)
    begin = now - round(days * 86_400_000)
    span = f"time >= {begin}ms AND time <= {now}ms"
    every = f"{max(5, round(days * 86_400 / 500))}s"
    for query in questions(uid):
        values = {"resolution": resolution, "__from": str(begin), "__to": str(now), **chosen}
        asked = _VARIABLE.sub(lambda found: values.get(found[1], ".*"), query)  # noqa: B023 - used at once
        asked = asked.replace("$timeFilter", span).replace("$__interval", every)
        began = time.perf_counter()
        ask(url, asked)
        yield (time.perf_counter() - began) * 1000


def questions(uid: str) -> Iterable[str]:
    """What its panels ask."""
    (page,) = [p for p in all_dashboards(config()) if p.uid == uid]
    panels: list[dict[str, Any]] = json.loads(page.json())["panels"]
    return [target["query"] for panel in panels for target in panel.get("targets", ()) if "query" in target]


@cache
def config() -> Config:
    return config_of(SHIPPED, SystemClock().now())


def ask(url: str, query: str) -> None:
    form = urllib.parse.urlencode({"db": "ward", "epoch": "ms", "q": query})
    with urllib.request.urlopen(f"{url}/query?{form}", timeout=60) as answer:
        (result,) = json.load(answer)["results"]
    assert "error" not in result, result["error"]


def fill(url: str, now: float) -> None:
    """Raw readings and hour means of vital signs, the overview now, and a month of alerts."""
    for policy in ("minutes", "hours", "facts", "overview"):
        form = {"q": f'CREATE RETENTION POLICY "{policy}" ON "ward" DURATION INF REPLICATION 1', "db": "ward"}
        urllib.request.urlopen(f"{url}/query", urllib.parse.urlencode(form).encode(), timeout=30).close()
    raw = (now - i * EVERY for i in range(round(DAYS * 86_400 / EVERY)))
    post(url, "autogen", (line for at in raw for line in readings(at)))
    hours = (now - i * 3600 for i in range(MONTH * 24))
    post(url, "hours", (line for at in hours for line in readings(at)))
    post(url, "facts", (alert(now, i) for i in range(MONTH * 200)))
    post(url, "overview", (line for i in range(3) for line in snapshot(now + 5 * i)))


def readings(at: float) -> Iterator[str]:
    for bed in range(BEDS):
        swing = math.sin(at / 3000 + bed)
        fields = ",".join(f"{name}={value + swing:.1f}" for name, value in _VITALS.items())
        yield f"vitals,ward=icu,bed=icu-{bed:02},device=m-{bed:02},device_kind=bedside_monitor {fields} {stamp(at)}"


def snapshot(at: float) -> Iterator[str]:
    fields = ",".join(f"{n}={v},{n}_age=2,{n}_beyond=0" for n, v in _VITALS.items())
    texts = 'bed_name="ICU bed",summary="no alert",priority="no alert",unacknowledged=0,beat=1,since_s=3'
    for ward in ("_all", "icu"):
        for place in range(BEDS):
            bed = f'bed="icu-{place:02}"'
            yield f"overview,ward={ward},place={place + 1:02} {bed},{texts},{fields} {stamp(at)}"
        counts = 'beds=20,unacknowledged=0,high=0,medium=0,lost=0,no_data=0,summary="ok"'
        yield f"overview_wards,ward={ward} {counts} {stamp(at)}"


def alert(now: float, number: int) -> str:
    tags = f"alertname=tachycardia,ward=icu,bed=icu-{number % BEDS:02},device=m,signal=heart_rate,kind=physiological"
    texts = 'severity="low",summary="Heart rate 111 /min > 110",explanation="for 10 s",ended="recovered"'
    numbers = "level=1,active=0,acknowledged=1,notified=1,acknowledged_after_s=70,duration_s=200,low=1,medium=0,high=0"
    return f'episodes,{tags} {texts},acknowledged_by="staff-1",{numbers} {stamp(now - number * 86_400 / 200)}'


def stamp(at: float) -> int:
    return round(at * 1e9)


def post(url: str, policy: str, lines: Iterable[str]) -> None:
    batch: list[str] = []
    for line in lines:
        batch.append(line)
        if len(batch) == POST:
            _post(url, policy, batch)
            batch.clear()
    _post(url, policy, batch)


def _post(url: str, policy: str, batch: Sequence[str]) -> None:
    urllib.request.urlopen(f"{url}/write?db=ward&rp={policy}", "\n".join(batch).encode(), timeout=60).close()


if __name__ == "__main__":
    print_results(run())
