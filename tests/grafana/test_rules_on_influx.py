"""Grafana's rules on a real InfluxDB: when they hold, when they are over, and that nothing missing reads as fine."""

import urllib.request
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import count
from typing import Any

import pytest

from tests.engines.influx import Influx
from tests.grafana.evaluator import NoData, asked, holds
from tests.grafana.filled import Filled
from tests.grafana.given import alerting_files
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


class Ward:
    """An InfluxDB with what the programs write, up to `NOW` unless told otherwise."""

    def __init__(self, influx: Influx) -> None:
        self.url, self.database = f"http://127.0.0.1:{influx.port}", f"rules{next(_databases)}"
        influx.create(self.database)

    def writes(self, lines: Iterator[str]) -> "Ward":
        body = "\n".join(lines).encode()
        with urllib.request.urlopen(f"{self.url}/write?db={self.database}&precision=s", body, timeout=10) as answer:
            assert answer.status == 204
        return self

    def pulses(self, *programs: str, ago: int = 0, more: str = "quarantined=0,oldest_notification_seconds=0") -> "Ward":
        """The pulses of ten minutes, the last of them so many seconds ago."""
        stop = int(NOW) - ago
        return self.writes(
            f"pipeline,program={program},instance=i up_since=1,{more} {at}"
            for program in programs
            for at in range(stop - 600, stop + 1, 5)
        )

    def canaries(self, ago: int = 0) -> "Ward":
        """Those of ten minutes, the last of them so many seconds ago."""
        stop = int(NOW) - ago
        return self.writes(
            f"canary,device=canary-i number=1,latency_s=0.01 {at}" for at in range(stop - 600, stop + 1, 10)
        )

    def heart_rate(self, *runs: tuple[int, float], bed: str = "icu-01", ago: int = 0) -> "Ward":
        """Runs of seconds and values, oldest first, the last of them so many seconds ago."""
        at = int(NOW) - ago - sum(seconds for seconds, _ in runs) + 1
        lines = []
        for seconds, value in runs:
            lines += [f"vitals,ward=icu,bed={bed},device=mon-{bed} heart_rate={value} {at + i}" for i in range(seconds)]
            at += seconds
        return self.writes(iter(lines))

    def holds(self, uid: str, after: float = 0.0) -> list[bool]:
        return sorted(holds(rules()[uid], self.url, self.database, NOW + after).values())


@pytest.fixture
def ward(influx: Influx) -> Ward:
    return Ward(influx)


# Every question, on the week that dashboards are tested with.


@pytest.mark.parametrize("uid", sorted(rules()))
def test_every_question_of_a_rule_is_answered_with_one_number_a_series(filled: Filled, uid: str) -> None:
    for part in rules()[uid]["data"]:
        if "query" in part["model"]:
            found = asked(part["model"]["query"], filled.url, filled.database, filled.end / SECOND,
                          part["relativeTimeRange"]["from"])  # fmt: skip
            assert found, part["model"]["query"]


# (c) the safety net


NET = "ward-net-tachycardia"  # above 150 for 10 s; over at 145 for 20 s


def net(ward: Ward, *runs: tuple[int, float], ago: int = 0) -> bool:
    (found,) = ward.pulses("alerts").pulses("detectors", ago=200).heart_rate(*runs, ago=ago).holds(NET)
    return found


def test_the_net_holds_what_stays_beyond_the_limit(ward: Ward) -> None:
    assert net(ward, (300, 80), (40, 170))


def test_the_net_is_silent_below_the_widest_limit_of_all(ward: Ward) -> None:
    assert not net(ward, (300, 149))


def test_one_spike_is_nothing(ward: Ward) -> None:
    assert not net(ward, (300, 80), (3, 190), (40, 80))


def test_between_limit_and_recovery_limit_it_goes_on(ward: Ward) -> None:
    assert net(ward, (300, 80), (40, 170), (120, 147))


def test_below_the_recovery_limit_for_long_enough_it_is_over(ward: Ward) -> None:
    assert not net(ward, (300, 80), (40, 170), (60, 140))


def test_between_the_limits_from_the_beginning_it_never_holds(ward: Ward) -> None:
    assert not net(ward, (900, 147))


def test_a_signal_that_is_lost_changes_nothing(ward: Ward) -> None:
    assert net(ward, (300, 80), (40, 170), ago=900)


def test_a_limit_below_works_the_other_way_round(ward: Ward) -> None:
    ward.pulses("alerts").pulses("detectors", ago=200).heart_rate((300, 80), (60, 25))
    assert ward.holds("ward-net-bradycardia") == [True]
    assert ward.holds(NET) == [False]


def test_while_the_detectors_live_the_net_rests(ward: Ward) -> None:
    ward.pulses("alerts", "detectors").heart_rate((300, 170))
    assert ward.holds(NET) == [False]


def test_while_the_alerts_are_dead_the_net_holds_too(ward: Ward) -> None:
    ward.pulses("detectors").pulses("alerts", ago=200).heart_rate((300, 170))
    assert ward.holds(NET) == [True]


def test_each_bed_is_looked_at_alone(ward: Ward) -> None:
    ward.heart_rate((300, 80), bed="icu-02")
    ward.pulses("alerts").pulses("detectors", ago=200).heart_rate((300, 170))
    assert ward.holds(NET) == [False, True]


def test_a_store_that_knows_of_no_detectors_is_no_answer(ward: Ward) -> None:
    ward.pulses("alerts").heart_rate((300, 80))
    with pytest.raises(NoData):
        ward.holds(NET)
    assert rules()[NET]["noDataState"] == "Alerting"


# (b) the pipeline


def test_the_pipeline_is_fine_while_everything_lives(ward: Ward) -> None:
    ward.pulses(*PROGRAMS).canaries().heart_rate((600, 80))
    for uid in (uid for uid in rules() if uid.startswith("ward-pipeline-")):
        assert ward.holds(uid) == [False], uid


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_silent_program_is_found_and_over_only_when_it_has_lived_for_minutes(ward: Ward, program: str) -> None:
    uid = f"ward-pipeline-silent-{program}"
    ward.pulses(*(name for name in PROGRAMS if name != program)).pulses(program, ago=180)
    assert ward.holds(uid) == [True]
    ward.writes(f"pipeline,program={program},instance=i up_since=1 {int(NOW) + s}" for s in range(0, 420, 5))
    assert ward.holds(uid, after=30) == [True]
    assert ward.holds(uid, after=400) == [False]


def test_nothing_arriving_is_found_first_by_zeros_and_then_by_no_answer(ward: Ward) -> None:
    ward.pulses(*PROGRAMS).heart_rate((600, 80), ago=180)
    uid = "ward-pipeline-nothing-arriving"
    assert ward.holds(uid) == [True]
    with pytest.raises(NoData):
        ward.holds(uid, after=600)
    assert rules()[uid]["noDataState"] == "Alerting"


def test_a_canary_that_does_not_come_is_found_whoever_else_gives_a_pulse(ward: Ward) -> None:
    uid = "ward-pipeline-canary-old"
    ward.pulses(*PROGRAMS).heart_rate((600, 80)).canaries(ago=180)
    assert ward.holds(uid) == [True]
    ward.writes(f"canary,device=canary-i number=1,latency_s=0.01 {int(NOW) + s}" for s in range(0, 420, 10))
    assert ward.holds(uid, after=30) == [True]
    assert ward.holds(uid, after=400) == [False]


def test_quarantine_is_rising_when_many_are_set_aside_and_a_restart_is_none(ward: Ward) -> None:
    stop = int(NOW)
    uid = "ward-pipeline-quarantine-rising"
    ward.writes(
        f"pipeline,program=bridge,instance=i up_since=1,quarantined={max(0, 40 - s // 5)} {stop - s}"
        for s in range(0, 600, 5)
    )  # fmt: skip
    assert ward.holds(uid) == [True]
    ward.writes(f"pipeline,program=bridge,instance=i up_since=1,quarantined=0 {stop + s}" for s in range(5, 400, 5))
    assert ward.holds(uid, after=390) == [False]


def test_a_notice_that_waits_is_found(ward: Ward) -> None:
    ward.pulses("alerts", ago=30).pulses("bridge")
    assert ward.holds("ward-pipeline-outbox-stuck") == [False]
    ward.writes(f"pipeline,program=alerts,instance=i oldest_notification_seconds=130 {int(NOW)}" for _ in range(1))
    assert ward.holds("ward-pipeline-outbox-stuck") == [True]


# (a) our alerts as data


def standing(ward: Ward, rank: int, ago: int = 0) -> None:
    labels = "wardwatch_alert=fever,ward=icu,bed=icu-01,device_id=mon-icu-01,metric=temperature,kind=physiological"
    ward.writes(iter([f"active_alerts,{labels} rank={rank},lost=0,acknowledged=0 {int(NOW) - ago}"]))


def test_an_alert_stands_until_its_end_was_written_however_long_nothing_is(ward: Ward) -> None:
    standing(ward, 2, ago=20 * 86_400)
    assert ward.holds("ward-active-medium") == [True]
    assert ward.holds("ward-active-high") == [False]
    standing(ward, 3, ago=100)
    assert (ward.holds("ward-active-medium"), ward.holds("ward-active-high")) == ([False], [True])
    standing(ward, 0)
    assert ward.holds("ward-active-high") == [False]
