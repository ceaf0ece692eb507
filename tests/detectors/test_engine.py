"""What the engine does with any detector: rows, places, configs, endings, and readings that come as they please."""

from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec
import numpy as np
import pytest

from detectors.base.detector import Detector, Evidence, Explanation
from detectors.engine.engine import Engine
from detectors.limits import LimitsParams
from tests.detectors.builders import at, high, reading, rule, span, stay, ward
from ward.config.config import Config
from ward.finding import Edge, End, Finding, Kind
from ward.inventory import Assignment
from ward.reading import Flag, Reading

DAY = 86_400.0
Assignments = dict[str, tuple[Assignment, ...]]


class Ward:
    """An engine, and what it has found so far."""

    def __init__(self, config: Config) -> None:
        self.engine = Engine(config)
        self.engine.expect(config.inventory.devices, at(0))
        self.found: list[Finding] = []
        self.late = self.unusable = 0

    def hears(self, *readings: Reading) -> list[str]:
        judged = self.engine.judge(readings)
        self.late += judged.late
        self.unusable += judged.unusable
        return self._note(judged.findings)

    def waits(self, until: float) -> list[str]:
        return self._note(self.engine.advance(at(until)).findings)

    def changes(self, config: Config, now: float) -> list[str]:
        return self._note(self.engine.configure(config, at(now)).findings)

    def _note(self, findings: Iterable[Finding]) -> list[str]:
        self.found += (new := list(findings))
        return [f"{f.rule} {f.device} {f.edge} {f.ended or f.severity}" for f in new]


def beats(device: str, values: dict[float, float], **rest: Any) -> list[Reading]:
    return [reading(device, t, heart_rate=x, **rest) for t, x in values.items()]


# Rows


def test_a_stranger_is_watched_by_rules_for_everybody_within_45_seconds() -> None:
    here = Ward(ward(high(for_="15s"), high("elsewhere", where={"device_kind": ["monitor"]})))
    said = [here.hears(reading("x7", t, heart_rate=190)) for t in range(45)]
    assert [(t, found) for t, found in enumerate(said) if found] == [(15, ["tachycardia x7 raised medium"])]
    assert here.found[0].ward == "w1"
    assert here.found[0].bed == ""


def test_a_stranger_is_of_the_kind_it_says_or_unknown() -> None:
    loggers = rule("dry", "limits", "humidity", where={"device_kind": ["humidity_logger"]}, side="low", medium=30)
    strangers = rule("odd", "limits", "humidity", where={"device_kind": ["unknown"]}, side="low", medium=30)
    here = Ward(ward(loggers, strangers))
    assert here.hears(reading("g1", 0, humidity=10, device_kind="humidity_logger")) == ["dry g1 raised medium"]
    assert here.hears(reading("g2", 0, humidity=10)) == ["odd g2 raised medium"]
    assert here.hears(reading("g2", 1, humidity=10, device_kind="humidity_logger")) == [
        "odd g2 cleared rule changed", "dry g2 raised medium",
    ]  # fmt: skip


def test_a_row_asks_what_the_overrides_for_its_place_ask() -> None:
    rules = high(overrides=[
        {"where": {"bed": ["b2"]}, "set": {"medium": 130}}, {"where": {"patient": ["p1"]}, "set": {"medium": 150}},
    ])  # fmt: skip
    here = Ward(ward(rules, devices=3, stays=(stay("p1", "b3"),)))
    told = here.hears(*(reading(f"m{n}", 0, heart_rate=140) for n in (1, 2, 3)))
    assert told == ["tachycardia m1 raised medium", "tachycardia m2 raised medium"]
    assert [f.limit for f in here.found] == [100, 130]


def test_several_rules_may_watch_one_series() -> None:
    here = Ward(ward(high(), high("higher", medium=150), high("mean", every="10s")))
    assert here.hears(reading("m1", 0, heart_rate=160)) == ["tachycardia m1 raised medium", "higher m1 raised medium"]


# Places


def test_a_finding_belongs_to_the_patient_of_the_time_it_was_measured() -> None:
    stays = (stay("p1", "b1", until=100), stay("p2", "b1", since=100))
    here = Ward(ward(high(), stays=stays))
    here.hears(reading("m1", 99, 130, heart_rate=150))
    here.hears(reading("m1", 101, 131, heart_rate=150))
    assert [(f.patient, f.bed, f.edge) for f in here.found] == [("p1", "b1", Edge.RAISED)]


def test_a_backlog_of_the_patient_before_is_not_mixed_with_the_one_who_is_there() -> None:
    stays = (stay("p1", "b1", until=100), stay("p2", "b1", since=100))
    here = Ward(ward(high(), stays=stays))
    assert here.hears(reading("m1", 90, 200, heart_rate=150, flags=int(Flag.BACKLOG))) == []
    assert here.late == 1
    assert here.hears(reading("m1", 110, 200, heart_rate=150, flags=int(Flag.BACKLOG))) == [
        "tachycardia m1 raised medium"
    ]
    assert here.found[-1].patient == "p2"


def test_the_end_of_a_stay_ends_what_was_judged_of_the_patient_and_nothing_else() -> None:
    technical = high("noise", kind=Kind.TECHNICAL)
    here = Ward(ward(high(), technical, stays=(stay("p1", "b1", until=10.5),)))
    here.hears(reading("m1", 9, heart_rate=150))
    assert here.waits(10) == []
    assert here.waits(11) == ["tachycardia m1 cleared discharged"]
    assert here.found[-1].at == at(10.5)
    assert here.found[-1].patient == "p1"
    assert here.hears(reading("m1", 12, heart_rate=80)) == ["noise m1 cleared recovered"]


def test_a_change_of_patient_ends_it_too_and_the_next_one_is_judged_afresh() -> None:
    stays = (stay("p1", "b1", until=10), stay("p2", "b1", since=10))
    here = Ward(ward(high(for_="3s"), stays=stays))
    here.hears(*beats("m1", dict.fromkeys(range(10), 150)))
    told = [here.hears(reading("m1", t, heart_rate=150)) for t in range(10, 15)]
    assert told == [["tachycardia m1 cleared discharged"], [], [], ["tachycardia m1 raised medium"], []]
    assert [f.patient for f in here.found] == ["p1", "p1", "p2"]


def test_what_was_learned_of_one_patient_is_not_asked_of_the_next() -> None:
    stays = (stay("p1", "b1", until=20), stay("p2", "b1", since=20))
    shift = rule("shift", "cusum", "heart_rate", kind=Kind.PHYSIOLOGICAL, calibrate_values=10, sd_floor=1)
    here = Ward(ward(shift, stays=stays))
    here.hears(*beats("m1", dict.fromkeys(range(20), 70)))
    here.hears(*beats("m1", dict.fromkeys(range(20, 60), 100)))
    assert here.found == []


def test_that_somebody_is_admitted_where_nobody_was_known_changes_nothing() -> None:
    here = Ward(ward(high(), stays=(stay("p1", "b1", since=10),)))
    here.hears(reading("m1", 9, heart_rate=150))
    assert here.waits(20) == []
    here.hears(reading("m1", 21, heart_rate=80))
    assert here.found[-1].ended is End.RECOVERED


def test_a_device_that_moves_to_another_bed_starts_afresh_unless_its_patient_comes_along() -> None:
    assignments: Assignments = {
        name: (
            Assignment(ward="w1", bed=bed, span=span(until=10)),
            Assignment(ward="w1", bed=next_, span=span(since=10)),
        )
        for name, bed, next_ in (("m1", "b1", "b3"), ("m2", "b2", "b4"))
    }
    stays = (stay("p2", "b2", until=10), stay("p2", "b4", since=10))
    here = Ward(ward(high(), assignments=assignments, stays=stays))
    here.hears(reading("m1", 9, heart_rate=150), reading("m2", 9, heart_rate=150))
    assert here.waits(11) == ["tachycardia m1 cleared discharged"]
    here.hears(reading("m2", 12, heart_rate=150), reading("m2", 13, heart_rate=80))
    assert (here.found[-1].bed, here.found[-1].ended) == ("b4", End.RECOVERED)


# Configs


def test_only_what_asks_something_else_starts_afresh() -> None:
    here = Ward(ward(high(for_="10s"), high("changed", for_="10s"), high("going", for_="2s")))
    here.hears(*beats("m1", dict.fromkeys(range(5), 150)))
    assert here.changes(ward(high(for_="10s"), high("changed", for_="9s"), hash_="c2"), 5) == [
        "going m1 cleared rule changed"
    ]
    told = [(t, here.hears(reading("m1", t, heart_rate=150))) for t in range(5, 16)]
    assert [(t, said) for t, said in told if said] == [
        (10, ["tachycardia m1 raised medium"]), (14, ["changed m1 raised medium"]),
    ]  # fmt: skip
    assert {f.config for f in here.found[-2:]} == {"c2"}


def test_a_new_name_on_the_door_changes_no_verdict() -> None:
    here = Ward(ward(high()))
    here.hears(reading("m1", 0, heart_rate=150))
    relabelled = ward(high(), high("new"), devices=3, hash_="c2")
    assert here.changes(relabelled, 1) == []
    assert here.hears(reading("m1", 2, heart_rate=150)) == ["new m1 raised medium"]


def test_an_override_ends_the_episodes_of_its_bed_only() -> None:
    here = Ward(ward(high()))
    here.hears(reading("m1", 0, heart_rate=150), reading("m2", 0, heart_rate=150))
    tuned = high(overrides=[{"where": {"bed": ["b2"]}, "set": {"medium": 160}}])
    assert here.changes(ward(tuned), 1) == ["tachycardia m2 cleared rule changed"]
    assert here.found[-1].text.startswith("the rule was changed; last: Heart rate 150 /min > 100")


def test_a_patient_gone_by_a_new_inventory_is_discharged() -> None:
    here = Ward(ward(high(), stays=(stay("p1", "b1"),)))
    here.hears(reading("m1", 0, heart_rate=150))
    assert here.changes(ward(high()), 5) == ["tachycardia m1 cleared discharged"]


def test_a_device_that_joins_the_inventory_is_expected_from_then_on() -> None:
    here = Ward(ward(rule("gone", "silence"), devices=1))
    assert here.changes(ward(rule("gone", "silence"), devices=2), 100) == []
    here.engine.expect(["m2"], at(100))
    here.hears(*(reading("m1", t, heart_rate=80) for t in range(1, 116)))
    assert here.waits(116) == ["gone m2 raised medium"]


def test_a_device_without_a_post_is_in_the_store_room_and_not_missed() -> None:
    assignments: Assignments = {"m1": (Assignment(ward="w1", bed="b1", span=span(until=50)),)}
    here = Ward(ward(rule("gone", "silence"), devices=1, assignments=assignments))
    assert here.waits(40) == ["gone m1 raised medium"]
    assert here.waits(51) == ["gone m1 cleared rule changed"]
    assert here.waits(500) == []


# Endings


def test_a_lost_signal_never_clears_a_physiological_finding() -> None:
    here = Ward(ward(high(), rule("gone", "silence")))
    here.hears(*beats("m1", {0: 150}), *beats("x7", {0: 150}))
    told = here.waits(30 * DAY)
    assert "tachycardia m1 raised medium" not in told
    assert all(f.rule == "gone" for f in here.found if f.edge is Edge.CLEARED)


def test_a_technical_finding_ends_an_hour_after_the_signal_that_would_end_it() -> None:
    here = Ward(ward(high("noise", kind=Kind.TECHNICAL)))
    here.hears(reading("m1", 10, heart_rate=150))
    assert here.waits(3609) == []
    assert here.waits(3610) == ["noise m1 cleared signal lost"]
    assert here.found[-1].at == at(3610)
    assert here.hears(reading("m1", 4000, heart_rate=150)) == ["noise m1 raised medium"]


def test_a_slow_series_is_given_more_time() -> None:
    drift = rule("drift", "cusum", "heart_rate", every="1h", target=80, sd=1, limit=1)
    here = Ward(ward(drift))
    here.hears(*(reading("m1", 60 * m, heart_rate=100) for m in range(200)))
    assert [f.edge for f in here.found] == [Edge.RAISED]
    assert here.waits(199 * 60 + 3 * 3600 - 1) == []
    assert here.waits(199 * 60 + 3 * 3600) == ["drift m1 cleared signal lost"]


def test_a_stranger_that_is_gone_for_a_day_is_forgotten_unless_it_was_ill() -> None:
    here = Ward(ward(high(), rule("gone", "silence"), devices=0))
    here.hears(*(reading("x1", t, heart_rate=80) for t in range(40)))
    here.hears(*(reading("x2", t, heart_rate=150) for t in range(40)))
    assert here.waits(100) == ["gone x1 raised medium", "gone x2 raised medium"]
    assert here.waits(DAY + 60) == ["gone x1 cleared signal lost", "gone x2 cleared signal lost"]
    assert here.engine.gone() == ["x1"]
    here.engine.forget(["x1"])
    assert here.hears(reading("x1", DAY + 90, heart_rate=150)) == ["tachycardia x1 raised medium"]


# Readings


def test_a_value_older_than_one_judged_before_is_counted_and_not_judged() -> None:
    here = Ward(ward(high()))
    assert here.hears(reading("m1", 10, heart_rate=80), reading("m1", 9, 10, heart_rate=150)) == []
    assert here.hears(reading("m1", 10, heart_rate=150)) == []
    assert here.late == 2


def test_a_backlog_is_judged_in_its_own_time() -> None:
    here = Ward(ward(high(for_="10s", keep="5s")))
    here.hears(*(reading("m1", t, 900, heart_rate=150 if t < 30 else 80) for t in range(100)))
    told = [(f.edge, (f.at - at(0)) / 1e6, f.seen) for f in here.found]
    assert told == [(Edge.RAISED, 10, at(900)), (Edge.CLEARED, 35, at(900))]
    assert here.found[0].text == "Heart rate 150 /min > 100 for 10 s"


def test_signals_of_a_device_may_come_apart_and_in_any_combination() -> None:
    low = rule("low", "limits", "spo2", side="low", medium=90)
    here = Ward(ward(high(), low))
    told = here.hears(
        reading("m1", 1, heart_rate=80), reading("m1", 2, spo2=80), reading("m1", 1.5, 2, heart_rate=150),
        reading("m1", 3, heart_rate=80, spo2=95, other=1),
    )  # fmt: skip
    assert told == [
        "low m1 raised medium", "tachycardia m1 raised medium", "tachycardia m1 cleared recovered",
        "low m1 cleared recovered",
    ]  # fmt: skip


def test_readings_with_one_value_or_none_may_come_together() -> None:
    here = Ward(ward(high(), devices=0))
    assert here.hears(reading("x1", 0), reading("x2", 0, heart_rate=150)) == ["tachycardia x2 raised medium"]
    assert here.hears(reading("x1", 1), reading("x3", 1)) == []
    assert here.hears(reading("x2", 2, heart_rate=80), reading("x3", 2, heart_rate=150)) == [
        "tachycardia x2 cleared recovered", "tachycardia x3 raised medium",
    ]  # fmt: skip


def test_a_number_too_large_to_calculate_with_is_counted_and_spoils_nothing() -> None:
    noise = rule("noise", "rolling", "other", measure="sd", window="10s", limit=5, least=3)
    here = Ward(ward(noise))
    here.hears(*(reading("m1", t, other=1e300 if t == 5 else 1.0) for t in range(20)))
    assert (here.found, here.unusable) == ([], 1)
    assert here.hears(*(reading("m1", t, other=100.0 * (t % 2)) for t in range(20, 30))) == ["noise m1 raised medium"]


def test_a_bridge_whose_clock_was_set_back_does_not_blind_us() -> None:
    gone = rule("gone", "silence")
    here = Ward(ward(high(for_="2s"), gone, devices=1))
    here.hears(*(reading("m1", t, heart_rate=80) for t in range(4000, 4060)))
    here.found.clear()
    told = [here.hears(reading("m1", t, heart_rate=150)) for t in range(400, 404)]
    assert told == [[], [], ["tachycardia m1 raised medium"], []]
    assert here.waits(417) == []
    assert here.waits(418) == ["gone m1 raised medium"]


def test_a_device_with_no_end_of_combinations_of_signals_does_not_fill_memory() -> None:
    here = Ward(ward(high(), devices=1))
    for t in range(300):
        names: dict[str, Any] = {f"s{i}": 1.0 for i in range(9) if t >> i & 1}
        here.hears(reading("m1", t, **names), reading("m1", t + 0.5, heart_rate=150.0 if t == 200 else 80.0))
    assert [(f.edge, f.at) for f in here.found] == [(Edge.RAISED, at(200.5)), (Edge.CLEARED, at(201.5))]
    assert len(here.engine.devices.patterns) < 300


# Words


def test_findings_are_told_in_the_instruments_words_and_steps() -> None:
    low = rule("low", "limits", "spo2", kind=Kind.PHYSIOLOGICAL, side="low", low=92, medium=90, high=85, hysteresis=2,
               for_="15s", keep="20s")  # fmt: skip
    here = Ward(ward(low, devices=1))
    values = [(20, 84), (60, 88), (120, 93), (180, 97)]
    t = 0
    for until, value in values:
        while t < until:
            here.hears(reading("m1", t, spo2=value))
            t += 1
    assert [f.text for f in here.found] == [
        "SpO2 84 % < 85 for 15 s",
        "SpO2 88 %, back above 87 for 20 s, still medium",
        "SpO2 93 %, back above 92 for 20 s, still low",
        "SpO2 97 %, back above 94 for 20 s",
    ]
    assert [f.limit for f in here.found] == [85, 85, 90, 92]
    assert [str(f.severity) for f in here.found] == ["high", "medium", "low", "low"]


def test_a_limit_is_told_as_finely_as_it_is() -> None:
    off = rule("offline", "limits", "online", side="low", medium=0.5)
    here = Ward(ward(off, devices=1))
    here.hears(reading("m1", 0, online=0))
    assert here.found[0].text == "Online 0 < 0.5"


def test_a_value_that_would_be_shown_as_its_limit_is_told_more_finely() -> None:
    here = Ward(ward(rule("slow", "limits", "heart_rate", side="low", medium=45), devices=1))
    here.hears(reading("m1", 0, heart_rate=44.6))
    assert here.found[0].text == "Heart rate 44.6 /min < 45"


# Detectors that fail


class BrokenParams(LimitsParams):
    """As any."""


@pytest.fixture
def broken() -> Iterable[type[Detector[Any]]]:
    class Broken(Detector[BrokenParams], kind="broken"):
        sample: ClassVar[dict[str, Any]] = {}
        words = False

        def update(self, state: Any, x: Any, t: Any, p: Any) -> Any:
            if not Broken.words:
                raise ZeroDivisionError("on purpose")
            return np.full(len(x), 2.0)

        def explain(self, case: Evidence[Any]) -> Explanation:
            raise KeyError("on purpose")

    yield Broken
    del Detector.registry["broken"]


def test_one_detectors_fault_silences_no_other(broken: Any) -> None:
    here = Ward(ward(rule("bad", "broken", "heart_rate", side="high", medium=1), high(), devices=1))
    judged = here.engine.judge([reading("m1", 0, heart_rate=150)])
    assert [f.rule for f in judged.findings] == ["tachycardia"]
    assert isinstance(judged.failures["broken"], ZeroDivisionError)


def test_a_finding_without_words_is_still_told(broken: Any) -> None:
    broken.words = True
    here = Ward(ward(rule("bad", "broken", "heart_rate", side="high", medium=1), devices=1))
    judged = here.engine.judge([reading("m1", 0, heart_rate=150)])
    assert [f.text for f in judged.findings] == ["bad"]
    assert isinstance(judged.failures["broken"], KeyError)


# The broker speaks for a device


def status(device: str, t: float, online: float = 1) -> Reading:
    return reading(device, t, online=online, flags=int(Flag.STATUS))


def test_a_status_message_neither_hides_nor_ends_the_silence_of_a_device() -> None:
    here = Ward(ward(rule("gone", "silence", after="6s", keep="2s"), devices=1))
    here.hears(*beats("m1", dict.fromkeys(range(3), 80.0)))
    assert here.hears(status("m1", 5), status("m1", 7)) == []
    assert here.waits(10) == ["gone m1 raised medium"]
    assert here.found[0].onset == at(8)
    assert here.hears(status("m1", 11, 0), status("m1", 12, 1)) == []
    assert here.waits(60) == []
    assert here.hears(*beats("m1", dict.fromkeys(range(61, 66), 80.0))) == ["gone m1 cleared recovered"]


def test_a_device_that_is_only_spoken_for_misses_no_signals() -> None:
    missing = rule("missing", "silence", "heart_rate", after="4s", keep="2s")
    here = Ward(ward(missing, rule("gone", "silence", after="6s"), devices=1))
    here.hears(*beats("m1", dict.fromkeys(range(3), 80.0)))
    here.waits(70)
    assert here.hears(*(status("m1", t) for t in range(75, 95))) == []
    assert here.waits(100) == []
    assert here.hears(*beats("m1", dict.fromkeys(range(101, 110), 80.0))) == ["gone m1 cleared recovered"]
    assert {finding.rule for finding in here.found} == {"gone"}


def test_what_the_broker_says_of_a_device_is_judged_itself() -> None:
    here = Ward(ward(rule("offline", "limits", "online", side="low", medium=0.5), devices=1))
    assert here.hears(status("m1", 1), status("m1", 5, 0)) == ["offline m1 raised medium"]
    assert here.waits(20) == []
    assert here.hears(status("m1", 21)) == ["offline m1 cleared recovered"]


def test_time_passes_for_a_device_that_the_broker_speaks_for() -> None:
    here = Ward(ward(high(), devices=1))
    here.hears(*beats("m1", {0: 80.0}), status("m1", 50.5))
    assert here.engine.lived(here.engine.devices.by_name["m1"]) == at(50)


def test_a_status_says_nothing_of_a_clock() -> None:
    here = Ward(ward(rule("skew", "limits", "clock_skew", side="high", low=5), devices=1))
    slow = reading("m1", 0, 60, heart_rate=80, flags=int(Flag.CLOCK_SKEWED))
    assert here.hears(slow, status("m1", 61)) == ["skew m1 raised low"]
    assert here.hears(reading("m1", 62, heart_rate=80)) == ["skew m1 cleared recovered"]


def test_a_stranger_of_whom_only_the_broker_speaks_is_kept_for_a_day() -> None:
    here = Ward(ward(rule("offline", "limits", "online", side="low", medium=0.5), devices=0))
    assert here.hears(status("x1", 1, 0)) == ["offline x1 raised medium"]
    assert here.waits(3600) == []
    assert here.waits(86_500) == ["offline x1 cleared signal lost"]
    assert here.engine.gone() == ["x1"]


def test_a_stranger_is_regular_from_its_first_own_reading_on() -> None:
    here = Ward(ward(rule("gone", "silence"), devices=0))
    here.hears(status("x1", 0))
    here.hears(*beats("x1", dict.fromkeys(range(3000, 3040), 80.0)))
    assert here.waits(3053) == []
    assert here.waits(3054) == ["gone x1 raised medium"]


def test_a_silence_says_what_is_missing_since_when_and_whether_it_ever_came() -> None:
    signals = {"heart_rate": 1.0, "spo2": 1.0}
    config = ward(rule("gone", "silence"), rule("missing", "silence", "spo2"), devices=2, signals=signals)
    here = Ward(config)
    for t in range(31):
        here.hears(reading("m1", t, heart_rate=80, spo2=97) if t < 10 else reading("m1", t, heart_rate=80))
    here.waits(60)
    here.hears(reading("m1", 61, heart_rate=80, spo2=97))
    here.waits(65)
    assert {(f.rule, f.device, f.text) for f in here.found} == {
        ("gone", "m2", "No reading yet, for 15 s"), ("missing", "m1", "SpO2: no value for 16 s"),
        ("gone", "m1", "No reading for 15 s"), ("gone", "m1", "Readings again"),
        ("missing", "m1", "SpO2: values again"),
    }  # fmt: skip


def test_an_instant_beyond_all_clocks_hurts_no_other_reading() -> None:
    here = Ward(ward(high()))
    wrong = msgspec.structs.replace(reading("m2", 0, heart_rate=70), at=10**20)
    assert here.hears(wrong, reading("m1", 0, heart_rate=190)) == ["tachycardia m1 raised medium"]
