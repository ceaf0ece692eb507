"""Which rules evaluate which series: for unregistered devices, at which place, and after a new config."""

import pytest

from tests.detectors.builders import at, high, reading, rule, span, stay, ward
from tests.detectors.engine_setup import EngineSetup, heart_rates
from ward.finding import EndReason, Kind, Transition
from ward.inventory import Assignment
from ward.reading import Flag

Assignments = dict[str, tuple[Assignment, ...]]


# Rows


def test_an_unregistered_device_is_evaluated_by_rules_for_all_devices() -> None:
    setup = EngineSetup(ward(high(for_="15s"), high("elsewhere", where={"device_kind": ["monitor"]})))
    new = [setup.receive(reading("x7", t, heart_rate=190)) for t in range(45)]
    assert [(t, found) for t, found in enumerate(new) if found] == [(15, ["tachycardia x7 raised medium"])]
    assert setup.found[0].ward == "w1"
    assert setup.found[0].bed == ""


def test_an_unregistered_device_has_the_kind_of_its_readings_or_none() -> None:
    loggers = rule("dry", "limits", "humidity", where={"device_kind": ["humidity_logger"]}, side="low", medium=30)
    others = rule("odd", "limits", "humidity", where={"device_kind": ["unknown"]}, side="low", medium=30)
    setup = EngineSetup(ward(loggers, others))
    assert setup.receive(reading("g1", 0, humidity=10, device_kind="humidity_logger")) == ["dry g1 raised medium"]
    assert setup.receive(reading("g2", 0, humidity=10)) == ["odd g2 raised medium"]
    assert setup.receive(reading("g2", 1, humidity=10, device_kind="humidity_logger")) == [
        "odd g2 cleared rule changed", "dry g2 raised medium",
    ]  # fmt: skip


def test_overrides_for_a_place_change_the_limits_there() -> None:
    rules = high(overrides=[
        {"where": {"bed": ["b2"]}, "set": {"medium": 130}}, {"where": {"patient": ["p1"]}, "set": {"medium": 150}},
    ])  # fmt: skip
    setup = EngineSetup(ward(rules, devices=3, stays=(stay("p1", "b3"),)))
    found = setup.receive(*(reading(f"m{n}", 0, heart_rate=140) for n in (1, 2, 3)))
    assert found == ["tachycardia m1 raised medium", "tachycardia m2 raised medium"]
    assert [f.limit for f in setup.found] == [100, 130]


def test_several_rules_evaluate_one_series() -> None:
    setup = EngineSetup(ward(high(), high("higher", medium=150), high("mean", every="10s")))
    assert setup.receive(reading("m1", 0, heart_rate=160)) == [
        "tachycardia m1 raised medium",
        "higher m1 raised medium",
    ]


# Places


def test_a_finding_belongs_to_the_patient_at_the_time_of_measurement() -> None:
    stays = (stay("p1", "b1", until=100), stay("p2", "b1", since=100))
    setup = EngineSetup(ward(high(), stays=stays))
    setup.receive(reading("m1", 99, 130, heart_rate=150))
    setup.receive(reading("m1", 101, 131, heart_rate=150))
    assert [(f.patient, f.bed, f.transition) for f in setup.found] == [("p1", "b1", Transition.RAISED)]


def test_a_backlog_of_the_previous_patient_is_not_evaluated() -> None:
    stays = (stay("p1", "b1", until=100), stay("p2", "b1", since=100))
    setup = EngineSetup(ward(high(), stays=stays))
    assert setup.receive(reading("m1", 90, 200, heart_rate=150, flags=int(Flag.BACKLOG))) == []
    assert setup.out_of_order == 1
    assert setup.receive(reading("m1", 110, 200, heart_rate=150, flags=int(Flag.BACKLOG))) == [
        "tachycardia m1 raised medium"
    ]
    assert setup.found[-1].patient == "p2"


def test_the_end_of_a_stay_ends_physiological_episodes_only() -> None:
    technical = high("noise", kind=Kind.TECHNICAL)
    setup = EngineSetup(ward(high(), technical, stays=(stay("p1", "b1", until=10.5),)))
    setup.receive(reading("m1", 9, heart_rate=150))
    assert setup.advance(10) == []
    assert setup.advance(11) == ["tachycardia m1 cleared discharged"]
    assert setup.found[-1].at == at(10.5)
    assert setup.found[-1].patient == "p1"
    assert setup.receive(reading("m1", 12, heart_rate=80)) == ["noise m1 cleared recovered"]


def test_a_new_patient_ends_the_episode_and_starts_with_fresh_state() -> None:
    stays = (stay("p1", "b1", until=10), stay("p2", "b1", since=10))
    setup = EngineSetup(ward(high(for_="3s"), stays=stays))
    setup.receive(*heart_rates("m1", dict.fromkeys(range(10), 150)))
    found = [setup.receive(reading("m1", t, heart_rate=150)) for t in range(10, 15)]
    assert found == [["tachycardia m1 cleared discharged"], [], [], ["tachycardia m1 raised medium"], []]
    assert [f.patient for f in setup.found] == ["p1", "p1", "p2"]


def test_a_baseline_of_one_patient_is_not_used_for_the_next() -> None:
    stays = (stay("p1", "b1", until=20), stay("p2", "b1", since=20))
    shift = rule("shift", "cusum", "heart_rate", kind=Kind.PHYSIOLOGICAL, calibrate_values=10, sd_floor=1)
    setup = EngineSetup(ward(shift, stays=stays))
    setup.receive(*heart_rates("m1", dict.fromkeys(range(20), 70)))
    setup.receive(*heart_rates("m1", dict.fromkeys(range(20, 60), 100)))
    assert setup.found == []


def test_an_admission_to_a_bed_without_a_known_patient_changes_nothing() -> None:
    setup = EngineSetup(ward(high(), stays=(stay("p1", "b1", since=10),)))
    setup.receive(reading("m1", 9, heart_rate=150))
    assert setup.advance(20) == []
    setup.receive(reading("m1", 21, heart_rate=80))
    assert setup.found[-1].ended is EndReason.RECOVERED


def test_a_device_that_moves_to_another_bed_starts_again_and_with_its_patient_only_alerts_do() -> None:
    """The alert of a patient who moves with a monitor ends at the bed where the next patient may be, and is raised at
    the new one; what was learned of the patient stays."""
    assignments: Assignments = {
        name: (
            Assignment(ward="w1", bed=bed, span=span(until=10)),
            Assignment(ward="w1", bed=next_, span=span(since=10)),
        )
        for name, bed, next_ in (("m1", "b1", "b3"), ("m2", "b2", "b4"))
    }
    stays = (stay("p2", "b2", until=10), stay("p2", "b4", since=10))
    setup = EngineSetup(ward(high(), assignments=assignments, stays=stays))
    setup.receive(reading("m1", 9, heart_rate=150), reading("m2", 9, heart_rate=150))
    assert setup.advance(11) == ["tachycardia m1 cleared discharged", "tachycardia m2 cleared discharged"]
    assert [finding.bed for finding in setup.found[-2:]] == ["b1", "b2"]
    assert setup.receive(reading("m2", 12, heart_rate=150)) == ["tachycardia m2 raised medium"]
    assert setup.found[-1].bed == "b4"


def test_what_was_learned_of_a_patient_stays_when_the_monitor_moves_along() -> None:
    places = (
        Assignment(ward="w1", bed="b2", span=span(until=60)), Assignment(ward="w1", bed="b4", span=span(since=60)),
    )  # fmt: skip
    stays = (stay("p2", "b2", until=60), stay("p2", "b4", since=60))
    learns = rule("shift", "cusum", "heart_rate", calibrate_values=30, sd_floor=1.0, severity="low")
    setup = EngineSetup(ward(learns, assignments={"m2": places}, stays=stays))
    setup.receive(*heart_rates("m2", dict.fromkeys(range(59), 70)))
    setup.advance(61)
    assert setup.receive(*heart_rates("m2", dict.fromkeys(range(62, 70), 90)))[:1] == ["shift m2 raised low"]


# Configs


def test_only_rows_whose_rule_asks_something_else_start_again() -> None:
    setup = EngineSetup(ward(high(for_="10s"), high("changed", for_="10s"), high("going", for_="2s")))
    setup.receive(*heart_rates("m1", dict.fromkeys(range(5), 150)))
    assert setup.configure(ward(high(for_="10s"), high("changed", for_="9s"), hash_="c2"), 5) == [
        "going m1 cleared removed by config"
    ]
    found = [(t, setup.receive(reading("m1", t, heart_rate=150))) for t in range(5, 16)]
    assert [(t, new) for t, new in found if new] == [
        (10, ["tachycardia m1 raised medium"]), (14, ["changed m1 raised medium"]),
    ]  # fmt: skip
    assert {f.config for f in setup.found[-2:]} == {"c2"}


def test_a_config_with_the_same_rule_changes_no_finding() -> None:
    setup = EngineSetup(ward(high()))
    setup.receive(reading("m1", 0, heart_rate=150))
    relabelled = ward(high(), high("new"), devices=3, hash_="c2")
    assert setup.configure(relabelled, 1) == []
    assert setup.receive(reading("m1", 2, heart_rate=150)) == ["new m1 raised medium"]


def test_an_override_ends_the_episodes_of_its_bed_only() -> None:
    setup = EngineSetup(ward(high()))
    setup.receive(reading("m1", 0, heart_rate=150), reading("m2", 0, heart_rate=150))
    tuned = high(overrides=[{"where": {"bed": ["b2"]}, "set": {"medium": 160}}])
    assert setup.configure(ward(tuned), 1) == ["tachycardia m2 cleared rule changed"]
    assert setup.found[-1].text.startswith("Rule changed by config, or device moved; before: Heart rate 150 /min > 100")


def test_a_patient_missing_from_a_new_inventory_is_discharged() -> None:
    setup = EngineSetup(ward(high(), stays=(stay("p1", "b1"),)))
    setup.receive(reading("m1", 0, heart_rate=150))
    assert setup.configure(ward(high()), 5) == ["tachycardia m1 cleared discharged"]


def test_a_device_that_joins_the_inventory_is_expected_from_then_on() -> None:
    setup = EngineSetup(ward(rule("gone", "absent"), devices=1))
    assert setup.configure(ward(rule("gone", "absent"), devices=2), 100) == []
    setup.engine.add_expected(["m2"], at(100))
    setup.receive(*(reading("m1", t, heart_rate=80) for t in range(1, 116)))
    assert setup.advance(116) == ["gone m2 raised medium"]


def test_a_device_without_an_assignment_is_not_missed() -> None:
    assignments: Assignments = {"m1": (Assignment(ward="w1", bed="b1", span=span(until=50)),)}
    setup = EngineSetup(ward(rule("gone", "absent"), devices=1, assignments=assignments))
    assert setup.advance(40) == ["gone m1 raised medium"]
    assert setup.advance(51) == ["gone m1 cleared rule changed"]
    assert setup.advance(500) == []


def test_a_device_of_a_kind_without_signals_is_missed_like_any_other() -> None:
    setup = EngineSetup(ward(rule("gone", "absent"), devices=1, signals={}))
    assert setup.advance(20) == ["gone m1 raised medium"]


# What a config takes away


ABSENT = rule("gone", "absent", for_="0s")


@pytest.mark.guarantee("What a config takes away ends as *removed by config*, never as recovered.")
def test_a_device_that_never_sent_and_is_removed_has_not_recovered() -> None:
    setup = EngineSetup(ward(ABSENT, devices=1))
    setup.engine.add_expected(["m1"], at(0))
    assert setup.advance(20) == ["gone m1 raised medium"]

    assert setup.configure(ward(ABSENT, devices=0, hash_="c2"), 30) == ["gone m1 cleared removed by config"]
    assert setup.found[-1].text == "Removed by config: no longer checked; before: Monitor: no data yet after 15 s"
    assert setup.advance(3000) == []


def test_a_device_that_sent_and_is_removed_while_silent_is_not_missed_any_more() -> None:
    setup = EngineSetup(ward(ABSENT, devices=1))
    setup.receive(*heart_rates("m1", dict.fromkeys(range(60), 80)))
    assert setup.advance(80) == ["gone m1 raised medium"]

    assert setup.configure(ward(ABSENT, devices=0, hash_="c2"), 81) == ["gone m1 cleared removed by config"]
    assert setup.advance(3000) == []


def test_the_alert_of_a_patient_whose_device_is_removed_ends_as_removed() -> None:
    setup = EngineSetup(ward(high(), stays=(stay("p1", "b1"),)))
    setup.receive(reading("m1", 0, heart_rate=150))

    assert setup.configure(ward(high(), devices=0, hash_="c2"), 5) == ["tachycardia m1 cleared removed by config"]
    assert setup.found[-1].bed == "b1"


def test_a_signal_that_is_no_longer_expected_has_not_come_back() -> None:
    missing = rule("missing", "absent", "heart_rate", after="5s")
    setup = EngineSetup(ward(missing, signals={"heart_rate": 1.0, "spo2": 1.0}))
    setup.receive(*(reading("m1", t, heart_rate=80, spo2=97) for t in range(60)))
    found = [text for t in range(60, 70) for text in setup.receive(reading("m1", t, spo2=97))]
    assert found == ["missing m1 raised medium"]

    assert setup.configure(ward(missing, signals={"spo2": 1.0}, hash_="c2"), 70) == [
        "missing m1 cleared removed by config"
    ]
    assert [text for t in range(70, 200) for text in setup.receive(reading("m1", t, spo2=97))] == []


def test_a_rule_that_is_removed_ends_its_alert_as_removed_and_one_that_is_changed_as_changed() -> None:
    setup = EngineSetup(ward(high(), high("other")))
    setup.receive(reading("m1", 0, heart_rate=150))

    assert sorted(setup.configure(ward(high(medium=160), hash_="c2"), 5)) == [
        "other m1 cleared removed by config", "tachycardia m1 cleared rule changed",
    ]  # fmt: skip
