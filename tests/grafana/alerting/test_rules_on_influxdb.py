"""Grafana's rules on a real InfluxDB: when they fire, when they end, and that missing data never count as OK."""

import urllib.request
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import count
from typing import Any

import pytest

from tests.engines.influx import Influx
from tests.grafana.alerting.evaluator import NoData, evaluate, run_query
from tests.grafana.filled_influxdb import FilledInfluxdb
from tests.grafana.generated import alerting_files
from ward.clock import SECOND
from ward.config.yaml.libyaml import parse_yaml

pytestmark = pytest.mark.engines
NOW = 1_790_000_041.0  # in the middle of a minute
PROGRAMS = ("bridge", "detectors", "alerts", "web")
_databases = count()


@cache
def rules() -> Mapping[str, Any]:
    """All rules by uid."""
    groups = (parse_yaml(text).get("groups", ()) for path, text in alerting_files().items() if "rules-" in path)
    return {rule["uid"]: rule for group in groups for entry in group for rule in entry["rules"]}


class WardDatabase:
    """An InfluxDB with data as the programs write them, up to `NOW` by default."""

    def __init__(self, influx: Influx) -> None:
        self.url, self.database = f"http://127.0.0.1:{influx.port}", f"rules{next(_databases)}"
        influx.create(self.database)

    def writes(self, lines: Iterator[str]) -> "WardDatabase":
        body = "\n".join(lines).encode()
        with urllib.request.urlopen(f"{self.url}/write?db={self.database}&precision=s", body, timeout=10) as answer:
            assert answer.status == 204
        return self

    def heartbeats(
        self, *programs: str, ago: int = 0, more: str = "quarantined=0,oldest_notification_seconds=0"
    ) -> "WardDatabase":
        """The heartbeats of ten minutes, the last of them `ago` seconds before `NOW`."""
        stop = int(NOW) - ago
        return self.writes(
            f"pipeline,program={program},instance=i up_since=1,{more} {at}"
            for program in programs
            for at in range(stop - 600, stop + 1, 5)
        )

    def canaries(self, ago: int = 0) -> "WardDatabase":
        """The canaries of ten minutes, the last of them `ago` seconds before `NOW`."""
        stop = int(NOW) - ago
        return self.writes(
            f"canary,device=canary-i number=1,latency_s=0.01 {at}" for at in range(stop - 600, stop + 1, 10)
        )

    def heart_rate(self, *runs: tuple[int, float], bed: str = "icu-01", ago: int = 0) -> "WardDatabase":
        """Values, each for so many seconds, oldest first, the last one `ago` seconds before `NOW`."""
        at = int(NOW) - ago - sum(seconds for seconds, _ in runs) + 1
        lines = []
        for seconds, value in runs:
            lines += [f"vitals,ward=icu,bed={bed},device=mon-{bed} heart_rate={value} {at + i}" for i in range(seconds)]
            at += seconds
        return self.writes(iter(lines))

    def fires(self, uid: str, after: float = 0.0) -> list[bool]:
        return sorted(evaluate(rules()[uid], self.url, self.database, NOW + after).values())


@pytest.fixture
def ward(influx: Influx) -> WardDatabase:
    return WardDatabase(influx)


# Every query, on the simulated week.


@pytest.mark.parametrize("uid", sorted(rules()))
def test_every_query_of_a_rule_returns_one_column(filled: FilledInfluxdb, uid: str) -> None:
    for part in rules()[uid]["data"]:
        if "query" in part["model"]:
            found = run_query(part["model"]["query"], filled.url, filled.database, filled.end / SECOND,
                          part["relativeTimeRange"]["from"])  # fmt: skip
            assert found, part["model"]["query"]


# The safety net.


NET = "ward-net-tachycardia"  # above 150 for 10 s; over at 145 for 20 s


def net(ward: WardDatabase, *runs: tuple[int, float], ago: int = 0) -> bool:
    (found,) = ward.heartbeats("alerts").heartbeats("detectors", ago=200).heart_rate(*runs, ago=ago).fires(NET)
    return found


def test_the_safety_net_fires_for_values_that_stay_beyond_the_limit(ward: WardDatabase) -> None:
    assert net(ward, (300, 80), (40, 170))


def test_the_safety_net_does_not_fire_within_the_widest_limit(ward: WardDatabase) -> None:
    assert not net(ward, (300, 149))


def test_a_single_spike_does_not_fire(ward: WardDatabase) -> None:
    assert not net(ward, (300, 80), (3, 190), (40, 80))


def test_between_limit_and_recovery_limit_the_alert_goes_on(ward: WardDatabase) -> None:
    assert net(ward, (300, 80), (40, 170), (120, 147))


def test_within_the_recovery_limit_for_long_enough_the_alert_ends(ward: WardDatabase) -> None:
    assert not net(ward, (300, 80), (40, 170), (60, 140))


def test_between_limit_and_recovery_limit_nothing_fires_at_first(ward: WardDatabase) -> None:
    assert not net(ward, (900, 147))


def test_a_lost_signal_changes_nothing(ward: WardDatabase) -> None:
    assert net(ward, (300, 80), (40, 170), ago=900)


def test_a_low_limit_fires_for_values_below_it(ward: WardDatabase) -> None:
    ward.heartbeats("alerts").heartbeats("detectors", ago=200).heart_rate((300, 80), (60, 25))
    assert ward.fires("ward-net-bradycardia") == [True]
    assert ward.fires(NET) == [False]


def test_the_safety_net_does_not_fire_while_the_detectors_run(ward: WardDatabase) -> None:
    ward.heartbeats("alerts", "detectors").heart_rate((300, 170))
    assert ward.fires(NET) == [False]


def test_the_safety_net_fires_while_the_alerts_do_not_run(ward: WardDatabase) -> None:
    ward.heartbeats("detectors").heartbeats("alerts", ago=200).heart_rate((300, 170))
    assert ward.fires(NET) == [True]


def test_each_bed_is_evaluated_separately(ward: WardDatabase) -> None:
    ward.heart_rate((300, 80), bed="icu-02")
    ward.heartbeats("alerts").heartbeats("detectors", ago=200).heart_rate((300, 170))
    assert ward.fires(NET) == [False, True]


def test_without_any_heartbeat_of_the_detectors_there_is_no_answer(ward: WardDatabase) -> None:
    ward.heartbeats("alerts").heart_rate((300, 80))
    with pytest.raises(NoData):
        ward.fires(NET)
    assert rules()[NET]["noDataState"] == "Alerting"


# The pipeline.


def test_no_pipeline_rule_fires_while_everything_runs(ward: WardDatabase) -> None:
    ward.heartbeats(*PROGRAMS).canaries().heart_rate((600, 80))
    for uid in (uid for uid in rules() if uid.startswith("ward-pipeline-")):
        assert ward.fires(uid) == [False], uid


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_rule_about_a_silent_program_ends_after_minutes_of_heartbeats(ward: WardDatabase, program: str) -> None:
    uid = f"ward-pipeline-silent-{program}"
    ward.heartbeats(*(name for name in PROGRAMS if name != program)).heartbeats(program, ago=180)
    assert ward.fires(uid) == [True]
    ward.writes(f"pipeline,program={program},instance=i up_since=1 {int(NOW) + s}" for s in range(0, 420, 5))
    assert ward.fires(uid, after=30) == [True]
    assert ward.fires(uid, after=400) == [False]


def test_missing_vital_signs_are_first_zeros_and_then_no_answer(ward: WardDatabase) -> None:
    ward.heartbeats(*PROGRAMS).heart_rate((600, 80), ago=180)
    uid = "ward-pipeline-nothing-arriving"
    assert ward.fires(uid) == [True]
    with pytest.raises(NoData):
        ward.fires(uid, after=600)
    assert rules()[uid]["noDataState"] == "Alerting"


def test_a_missing_canary_fires_although_programs_send_heartbeats(ward: WardDatabase) -> None:
    uid = "ward-pipeline-canary-old"
    ward.heartbeats(*PROGRAMS).heart_rate((600, 80)).canaries(ago=180)
    assert ward.fires(uid) == [True]
    ward.writes(f"canary,device=canary-i number=1,latency_s=0.01 {int(NOW) + s}" for s in range(0, 420, 10))
    assert ward.fires(uid, after=30) == [True]
    assert ward.fires(uid, after=400) == [False]


def test_quarantine_rises_with_many_messages_but_not_with_a_restart(ward: WardDatabase) -> None:
    stop = int(NOW)
    uid = "ward-pipeline-quarantine-rising"
    ward.writes(
        f"pipeline,program=bridge,instance=i up_since=1,quarantined={max(0, 40 - s // 5)} {stop - s}"
        for s in range(0, 600, 5)
    )  # fmt: skip
    assert ward.fires(uid) == [True]
    ward.writes(f"pipeline,program=bridge,instance=i up_since=1,quarantined=0 {stop + s}" for s in range(5, 400, 5))
    assert ward.fires(uid, after=390) == [False]


def test_a_waiting_notification_fires(ward: WardDatabase) -> None:
    ward.heartbeats("alerts", ago=30).heartbeats("bridge")
    assert ward.fires("ward-pipeline-outbox-stuck") == [False]
    ward.writes(f"pipeline,program=alerts,instance=i oldest_notification_seconds=130 {int(NOW)}" for _ in range(1))
    assert ward.fires("ward-pipeline-outbox-stuck") == [True]


# Active alerts.


def active_alert(ward: WardDatabase, rank: int, ago: int = 0) -> None:
    labels = "wardwatch_alert=fever,ward=icu,bed=icu-01,device_id=mon-icu-01,metric=temperature,kind=physiological"
    ward.writes(iter([f"active_alerts,{labels} rank={rank},lost=0,acknowledged=0 {int(NOW) - ago}"]))


def test_an_alert_stays_active_until_its_end_is_written(ward: WardDatabase) -> None:
    active_alert(ward, 2, ago=20 * 86_400)
    assert ward.fires("ward-active-medium") == [True]
    assert ward.fires("ward-active-high") == [False]
    active_alert(ward, 3, ago=100)
    assert (ward.fires("ward-active-medium"), ward.fires("ward-active-high")) == ([False], [True])
    active_alert(ward, 0)
    assert ward.fires("ward-active-high") == [False]


def test_an_alert_of_another_system_is_not_repeated(ward: WardDatabase) -> None:
    active_alert(ward, 2)
    labels = "wardwatch_alert=grafana-silent-web,kind=technical,source=external"
    ward.writes(iter([f"active_alerts,{labels} rank=3,lost=0,acknowledged=0 {int(NOW)}"]))
    assert (ward.fires("ward-active-medium"), ward.fires("ward-active-high")) == ([True], [False])
