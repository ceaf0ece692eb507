"""What a nurse reads when real detectors raise, change, repeat and end: no text can be taken for something else."""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from alerts.pipeline import Pipeline
from alerts.storage.outbox_file import OutboxFile
from detectors.engine.engine import Engine
from tests.detectors.builders import T0, at, reading, rule, ward
from tests.kit.alert_timeline import Replaceable, open_store, ward_config
from tests.kit.log_records import log_messages
from ward.adapters.memory.log import MemoryLog
from ward.clock import ManualClock
from ward.config.config import Config
from ward.config.rule import Rule
from ward.finding import Finding, Kind
from ward.metrics import Metrics
from ward.reading import Flag
from ward.topics import ALERTS, FINDINGS
from ward.wire import ALERT_WIRE, FINDING_WIRE

PATIENT = Kind.PHYSIOLOGICAL
ROUTE = {"receiver": "nurses", "group_by": ["bed"], "group_wait": "1s", "group_interval": "1s", "repeat_interval": "5m"}
Step = Mapping[str, float] | None


class OneBed:
    """One monitor at bed 1, the engine, the alerts, and the messages they send; a second of readings a step."""

    def __init__(self, folder: Path, *rules: Rule, zone: str = "Europe/Berlin", **config: Any) -> None:
        self.folder = folder
        self.rules = rules
        self.alerting = ward_config(route=ROUTE, timezone=zone).alerting
        self.live = Replaceable(self.configured(*rules, **config))
        self.clock = ManualClock(T0)
        self.log = MemoryLog()
        self.engine = Engine(self.live.config, updates=True)
        self.engine.add_expected(["m1"], T0)
        self.store = open_store(folder, self.clock)
        self.pipeline = Pipeline(self.log, self.live, self.store, self.clock, Metrics())
        self.second = 0
        self.subjects: list[str] = []
        self.bodies: list[str] = []

    def configured(self, *rules: Rule, **config: Any) -> Config:
        return dataclasses.replace(ward(*rules, devices=1, **config), alerting=self.alerting)

    def run(self, steps: Iterable[Step], implausible: str = "", **rest: Any) -> "OneBed":
        """Take one step a second; None is a second without a reading."""
        for values in steps:
            now = at(self.second)
            found: list[Finding] = []
            if values is not None:
                bad = (implausible,) if implausible else ()
                found += self.engine.evaluate([reading("m1", self.second, implausible=bad, **values, **rest)]).findings
            found += self.engine.advance(now).findings
            self.send(found)
            self.second += 1
            self.clock.advance(1)
        return self

    def reload(self, *rules: Rule) -> None:
        self.live.config = self.configured(*rules, hash_="c2")
        self.send(self.engine.configure(self.live.config, at(self.second)).findings)

    def send(self, findings: list[Finding]) -> None:
        self.log.send(FINDINGS, [(finding.device, FINDING_WIRE.encode(finding)) for finding in findings])
        self.pipeline.step(0)
        self.pipeline.step(0)
        if not self.store.backlogs():  # opening a file takes longer than all the rest of a step
            return
        outbox = OutboxFile.in_folder(self.folder, durable=False)
        for entry in list(outbox.waiting("nurse")):
            self.subjects.append(entry.message.subject)
            self.bodies.append(entry.message.body)
            outbox.delivered(entry)
        outbox.close()


def each(signal: str, *values: float, times: int = 1) -> Iterator[Step]:
    return ({signal: value} for value in values for _ in range(times))


def sloping(signal: str, start: float, step: float, count: int) -> Iterator[Step]:
    return ({signal: start + step * i} for i in range(count))


SPO2_LOW = rule(
    "spo2-low", "limits", "spo2", kind=PATIENT, side="low", low=92, medium=90, high=85, hysteresis=2, for_="10s",
    keep_firing_for="10s",
)  # fmt: skip
FALLING = rule(
    "spo2-falling", "rolling", "spo2", kind=PATIENT, measure="slope", window="2m", per="2m", limit=6, side="low",
    severity={"low": 1, "medium": 1.5}, for_="10s", keep_firing_for="10s",
)  # fmt: skip
SILENT = rule("device-silent", "absent", after="15s", severity={"low": 1, "medium": 4})


def test_a_change_of_priority_has_value_limit_and_both_priorities_once(tmp_path: Path) -> None:
    here = OneBed(tmp_path, SPO2_LOW, signals={"spo2": 1})
    here.run(each("spo2", 97, 89, 84, 88, 93, 97, times=20))
    assert here.subjects == [
        "MEDIUM priority, Bed 1: SpO2 89 % < 90",
        "HIGH priority, Bed 1: SpO2 84 % < 85 (was MEDIUM priority)",
        "MEDIUM priority, Bed 1: SpO2 88 % < 90 (worst 84 %; was HIGH priority)",
        "LOW priority, Bed 1: SpO2 93 %, again above 92, not yet ended (worst 84 %; alert for 71 s; was MEDIUM "
        "priority)",
        "ALERT ENDED, Bed 1: SpO2 97 %, back above 94 (was HIGH priority: SpO2 84 % < 85; lasted 90 s)",
    ]


def test_a_worst_value_whose_digits_are_in_the_value_now_is_shown_too(tmp_path: Path) -> None:
    here = OneBed(tmp_path, SPO2_LOW, signals={"spo2": 1})
    here.run(each("spo2", 97, 8, 88, times=20))
    assert here.subjects[-1] == "MEDIUM priority, Bed 1: SpO2 88 % < 90 (worst 8 %; was HIGH priority)"


def test_a_repeat_says_the_value_now_and_no_old_priority(tmp_path: Path) -> None:
    here = OneBed(tmp_path, SPO2_LOW, signals={"spo2": 1})
    here.run(each("spo2", 97, 89, 84, times=20)).run(each("spo2", 83, times=330))
    assert here.subjects[2:] == [
        "HIGH priority, Bed 1: SpO2 83 % < 85 (alert for 5 min 30 s; not acknowledged for 5 min)"
    ]


def test_the_end_of_a_fall_at_a_low_value_says_first_that_another_alert_goes_on(tmp_path: Path) -> None:
    here = OneBed(tmp_path, SPO2_LOW, FALLING, signals={"spo2": 1})
    here.run(sloping("spo2", 98, 0, 130)).run(sloping("spo2", 98, -0.4, 100)).run(each("spo2", 58, times=200))
    assert any(s.startswith("MEDIUM priority, Bed 1: SpO2 fell from 98 to ") for s in here.subjects)
    end = next(s for s in here.subjects if "ALERT ENDED" in s)
    assert end.startswith("HIGH priority STILL ACTIVE, Bed 1: SpO2 58 % < 85; ALERT ENDED: SpO2 no longer falling, ")
    assert ", 58 % now (was MEDIUM priority: SpO2 fell from 98 to " in end


def test_a_fall_says_from_where_to_where_and_gives_no_slope_as_a_value(tmp_path: Path) -> None:
    here = OneBed(tmp_path, FALLING, signals={"spo2": 1})
    here.run(sloping("spo2", 98, 0, 130)).run(sloping("spo2", 98, -0.2, 100))
    assert re.fullmatch(r"LOW priority, Bed 1: SpO2 fell from 98 to \d\d % in \d+ s", here.subjects[0])
    value = next(line for line in here.bodies[0].split("\n") if line.startswith("Value"))
    assert re.fullmatch(r"Value 8\d % at 02:0\d:\d\d CEST", value)


def test_a_disconnected_monitor(tmp_path: Path) -> None:
    offline = rule("device-offline", "limits", "online", side="low", medium=0.5)
    here = OneBed(tmp_path, offline, signals={}).run(each("online", 1, 0, 1, times=3))
    assert here.subjects == [
        "MEDIUM priority, Bed 1: Monitor disconnected",
        "ALERT ENDED, Bed 1: Monitor connected again (was MEDIUM priority: Monitor disconnected; lasted 3 s)",
    ]
    assert not any(line.startswith("Value") for line in here.bodies[0].split("\n"))


def test_a_monitor_without_data(tmp_path: Path) -> None:
    here = OneBed(tmp_path, SILENT, signals={"heart_rate": 1})
    here.run([{"heart_rate": 80.0}] * 3).run([None] * 400).run([{"heart_rate": 80.0}] * 10)
    assert here.subjects == [
        "LOW priority, Bed 1: Monitor: no data for 15 s",
        "MEDIUM priority, Bed 1: Monitor: no data for 60 s (was LOW priority)",
        "MEDIUM priority, Bed 1: Monitor: no data for 60 s (alert since 02:00:17 CEST; not acknowledged for 5 min)",
        "ALERT ENDED, Bed 1: Monitor: data again after 6 min 42 s (was MEDIUM priority: Monitor: no data for 60 s; "
        "lasted 6 min 27 s)",
    ]


def test_a_signal_that_is_back(tmp_path: Path) -> None:
    missing = rule("signal-missing", "absent", "spo2", after="12s", severity="low")
    here = OneBed(tmp_path, missing, signals={"spo2": 1, "heart_rate": 1})
    both = {"spo2": 97.0, "heart_rate": 80.0}
    here.run([both] * 3).run([{"heart_rate": 80.0}] * 90).run([both] * 10)
    assert here.subjects == [
        "LOW priority, Bed 1: SpO2: no data for 13 s",
        "ALERT ENDED, Bed 1: SpO2 signal back after 91 s (was LOW priority: SpO2: no data for 13 s; lasted 79 s)",
    ]


def test_a_slow_clock(tmp_path: Path) -> None:
    skew = rule("clock-wrong", "limits", "clock_skew", side="high", low=300)
    here = OneBed(tmp_path, skew, signals={"heart_rate": 1}).run(each("heart_rate", 80, times=3))
    here.run(each("heart_rate", 80, times=3), flags=int(Flag.CLOCK_BEHIND), device_time=at(3 - 600.4))
    here.run(each("heart_rate", 80, times=3))
    assert here.subjects == [
        "LOW priority, Bed 1: Monitor clock 10 min slow",
        "ALERT ENDED, Bed 1: Monitor clock correct again (was LOW priority: Monitor clock 10 min slow; lasted 3 s)",
    ]


def test_lost_readings_have_their_number_and_the_limit_of_the_priority(tmp_path: Path) -> None:
    lost = rule(
        "readings-lost", "event_count", "lost_readings", count=5, half_life="20s", severity={"low": 1, "medium": 3}
    )
    here = OneBed(tmp_path, lost, signals={}).run([{}] * 3).run([{}] * 8, lost=3).run([{}] * 120)
    assert here.subjects[0] == "LOW priority, Bed 1: 6 readings lost recently (limit 5): check network"
    assert here.subjects[1] == (
        "MEDIUM priority, Bed 1: 17 readings lost recently (limit 15): check network (was LOW priority)"
    )
    assert (
        here.subjects[2]
        == "LOW priority, Bed 1: 7 readings lost recently (limit 5): check network (was MEDIUM priority)"
    )
    assert here.subjects[3].startswith(
        "ALERT ENDED, Bed 1: Transmission normal again, no readings lost recently (was MEDIUM"
    )


def test_artefacts_name_the_probe_and_give_no_count_as_a_value(tmp_path: Path) -> None:
    bad = rule("temperature-artefacts", "event_count", "temperature", count=4, half_life="1m")
    here = OneBed(tmp_path, bad, signals={"temperature": 1}).run([{"heart_rate": 80.0}] * 6, implausible="temperature")
    assert here.subjects == ["MEDIUM priority, Bed 1: Temperature artefacts: check probe (5 recently, limit 4)"]
    assert not any(line.startswith("Value") for line in here.bodies[0].split("\n"))


def test_an_unchanged_value_is_no_duration_and_has_no_limit(tmp_path: Path) -> None:
    flat = rule("spo2-stuck", "flatline", "spo2", after="15m")
    here = OneBed(tmp_path, flat, signals={"spo2": 1}).run(each("spo2", 96)).run(each("spo2", 97, times=905))
    assert here.subjects == ["MEDIUM priority, Bed 1: SpO2 unchanged at 97 % for 15 min: check probe"]
    assert "Value 97 % at 02:15:01 CEST" in here.bodies[0].split("\n")


def test_a_temperature_that_rises_too_fast_is_a_probe(tmp_path: Path) -> None:
    jump = rule("temperature-jumping", "rolling", "temperature", measure="slope", window="20m", per="20m", limit=1.0,
                side="both", severity="low")  # fmt: skip
    here = OneBed(tmp_path, jump, signals={"temperature": 1})
    here.run(sloping("temperature", 36.5, 0, 1300)).run(sloping("temperature", 36.5, 0.001, 1300))
    assert re.fullmatch(
        r"LOW priority, Bed 1: Temperature rose from 36.5 to 3[67].\d °C in 18 min: check probe", here.subjects[0]
    )


def test_an_unsteady_heart_rate(tmp_path: Path) -> None:
    noisy = rule("noisy-heart-rate", "rolling", "heart_rate", measure="residual_sd", window="2m", limit=8,
                 severity="low")  # fmt: skip
    here = OneBed(tmp_path, noisy, signals={"heart_rate": 1}).run(each("heart_rate", *[70, 90] * 70))
    assert here.subjects[0].startswith("LOW priority, Bed 1: Heart rate unsteady (SD 10.1 /min, limit 8): check leads")
    assert re.search(r"^Value [79]0 /min at [\d:]+ CEST$", here.bodies[0], re.M)


def test_an_alert_closed_by_config_says_that_nobody_checks_any_more(tmp_path: Path) -> None:
    here = OneBed(tmp_path, SPO2_LOW, signals={"spo2": 1}).run(each("spo2", 97, 84, times=20))
    here.reload()
    here.run([None] * 10)
    assert here.subjects[1:] == [
        "ALERT CLOSED, NO LONGER CHECKED (removed by config), Bed 1: was HIGH priority: SpO2 84 % < 85 (lasted 20 s)"
    ]
    (end,) = [line for line in here.bodies[1].split("\n") if line.startswith("Closed")]
    assert re.fullmatch(r"Closed, no longer checked: removed by config, at 02:00:40 CEST after \d+ s", end)


def test_an_ended_alert_does_not_show_its_old_value_as_the_value_now(tmp_path: Path) -> None:
    here = OneBed(tmp_path, SPO2_LOW, signals={"spo2": 1}).run(each("spo2", 97, 84, 97, times=20))
    lines = here.bodies[-1].split("\n")
    assert "Worst value 84 % at 02:00:20 CEST, limit 85 %" in lines
    assert not any(line.startswith("Value 8") for line in lines)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata"])
def test_all_times_are_in_the_zone_of_the_site(tmp_path: Path, zone: str) -> None:
    here = OneBed(tmp_path, SPO2_LOW, SILENT, signals={"spo2": 1}, zone=zone)
    here.run(each("spo2", 97, 84, times=20)).run([None] * 400).run(each("spo2", 97, times=40))
    alerts = log_messages(here.log, ALERTS, ALERT_WIRE)
    annotations = [text for alert in alerts for text in alert.annotations.values()]
    assert {"since", "description", "ended"} <= {name for alert in alerts for name in alert.annotations}
    text = "\n".join(here.subjects + here.bodies + annotations)
    assert "UTC" not in text
    assert not re.search(r"\d\d:\d\d:\d\d(?! CEST| IST)", text)


def test_no_text_has_a_bare_priority(tmp_path: Path) -> None:
    here = OneBed(tmp_path, SPO2_LOW, FALLING, SILENT, signals={"spo2": 1})
    here.run(each("spo2", 97, 89, 84, 88, 93, 97, times=20)).run([None] * 400).run(each("spo2", 97, times=40))
    for text in here.subjects + here.bodies:
        assert not re.search(r"\b(low|medium|high)\b(?!-)", re.sub(r"https?://\S+|Rule \S+", "", text)), text
        assert not re.search(r"\b(LOW|MEDIUM|HIGH)\b(?! priority)", text), text
