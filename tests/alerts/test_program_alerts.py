"""The alerts watch ourselves: a program without a heartbeat raises an alert, and no other does."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from tests.alerts.test_crash import script_of_findings
from tests.kit.alert_timeline import AlertTimeline, between, subjects, ward_config
from tests.kit.examples import FULL
from tests.kit.kill_switch import Killed, KillSwitch
from tests.kit.killable import KillableLog
from ward.clock import SECOND
from ward.topics import HEARTBEATS
from ward.wire import HEARTBEAT_WIRE, Heartbeat

SETTINGS: dict[str, Any] = {
    "channels": [{"name": "nurse", "urls": ["json://127.0.0.1:9"]}],
    "receivers": [{"name": "nurses", "channels": ["nurse"]}],
    "route": {"receiver": "nurses", "group_wait": "2s", "group_interval": "5s", "repeat_interval": "12h"},
}
INTAKE = "intake: no connection to the MQTT broker at mqtt://broker: refused"


def program_timeline(path: Path, grace: float = 0.0, **more: Any) -> AlertTimeline:
    return AlertTimeline(path, ward_config(**{**SETTINGS, **more}), grace=grace)


def send_heartbeat(
    timeline: AlertTimeline, program: str, instance: str = "h-1", problem: Iterable[str] = (), error: str = ""
) -> None:
    """One heartbeat, now."""
    health = Heartbeat(
        program=program, instance=instance, at=timeline.clock.now() // SECOND * SECOND,
        started=timeline.began, config="c", problems=list(problem), reload_error=error,
    )  # fmt: skip
    send(timeline, health)


def send(timeline: AlertTimeline, health: Heartbeat) -> None:
    timeline.log.send(HEARTBEATS, [(f"{health.program}/{health.instance}", HEARTBEAT_WIRE.encode(health))])


def heartbeats(
    timeline: AlertTimeline, program: str, start: float, end: float, instance: str = "h-1", **fields: Any
) -> None:
    """A program with a heartbeat every five seconds."""
    second = start
    while second < end:
        timeline.at(second).then(lambda: send_heartbeat(timeline, program, instance, **fields))
        second += 5


# Devices


def test_too_many_unregistered_devices_are_one_alert_that_ends_when_none_is_refused_any_more(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path)
    for second in range(0, 60, 5):
        for instance in ("h-1", "h-2"):
            exceeded = 10 <= second < 30 and instance == "h-2"
            timeline.at(second).then(partial(send_devices, timeline, instance, exceeded))
    many = "MEDIUM priority, 5000 devices send that are not in ward.yaml"
    timeline.want(between(12, 13), many)
    timeline.want(between(32, 33), "ALERT ENDED: Devices that are not in ward.yaml: no longer too many")
    timeline.run(60)
    (alert,) = timeline.alerts().values()
    assert (alert.labels["alertname"], alert.active) == ("too-many-devices", False)


@pytest.mark.guarantee("A device that sends more than it can measure is an alert with its name.")
def test_each_device_that_floods_is_an_alert_with_its_name_until_it_stops(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path)
    for second in range(0, 60, 5):
        floods = {"m9": 3000.0} if 10 <= second < 30 else {}
        floods |= {"m8": 40.0} if second >= 20 else {}
        timeline.at(second).then(partial(send_floods, timeline, floods))
    timeline.want(between(12, 13), "MEDIUM priority, Device m9 sends 3,000 readings a second, more than it can measure")
    timeline.want(between(22, 23), "MEDIUM priority, Device m8 sends 40 readings a second")
    timeline.want(between(32, 33), "ALERT ENDED: Device m9 sends at a normal rate again")
    timeline.run(60)
    active = {alert.labels["device_id"]: alert.active for alert in timeline.published()}
    assert active == {"m9": False, "m8": True}


def test_a_bridge_that_starts_again_has_not_seen_the_end_of_a_flood(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path)
    start = timeline.clock.now() + 20 * SECOND
    for second in range(0, 420, 5):
        floods, started = ({"m9": 3000.0}, 0) if second < 20 else ({}, start)
        timeline.at(second).then(partial(send_floods, timeline, floods, started))
    timeline.want(between(2, 3), "MEDIUM priority, Device m9 sends 3,000 readings a second")
    timeline.want(between(322, 323), "ALERT ENDED: Device m9 sends at a normal rate again")
    timeline.run(420)


def test_a_code_that_no_mapping_has_is_an_alert_while_a_device_reports_it(tmp_path: Path) -> None:
    """A bridge that has just started has not heard the device yet, and ends nothing."""
    timeline = program_timeline(tmp_path)
    start = timeline.clock.now() + 20 * SECOND
    name = 'wardwatch_bridge_unknown_alarm_code{code="E 99",device="pump-1"}'
    for second in range(0, 420, 5):
        codes, started = ({name: 1.0}, 0) if second < 20 else ({}, start)
        timeline.at(second).then(partial(send_bridge, timeline, codes, started))
    timeline.want(
        between(2, 3), "LOW priority, Device pump-1 reports an alarm of its own, code 'E 99', that bridge.yaml does not"
    )
    timeline.want(between(322, 323), "ALERT ENDED: Device pump-1 no longer reports an unknown alarm")
    timeline.run(420)


def test_a_device_that_invents_codes_has_one_alert(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path)
    for i in range(12):
        name = f'wardwatch_bridge_unknown_alarm_code{{code="E {i}",device="pump-1"}}'
        timeline.at(5 * i).then(partial(send_bridge, timeline, {name: 1.0}))
    timeline.want(between(2, 3), "LOW priority, Device pump-1 reports an alarm of its own, code 'E 0'")
    timeline.run(60)
    published = list(timeline.published())
    assert len({alert.id for alert in published if alert.labels["alertname"] == "unknown-alarm-code"}) == 1
    assert "code 'E 11'" in published[-1].annotations["summary"]


def send_bridge(timeline: AlertTimeline, numbers: dict[str, float], started: int = 0) -> None:
    """A heartbeat of a bridge."""
    numbers = {"wardwatch_bridge_unregistered_devices": 0.0, **numbers}
    at = timeline.clock.now()
    send(timeline, Heartbeat(program="bridge", instance="h-1", at=at, started=started, config="c", numbers=numbers))


def send_floods(timeline: AlertTimeline, floods: dict[str, float], started: int = 0) -> None:
    """A heartbeat of a bridge, with readings a second of each device that floods."""
    name = "wardwatch_bridge_flooding_device_readings_per_second"
    numbers = {f'{name}{{device="{device}"}}': rate for device, rate in floods.items()}
    numbers["wardwatch_bridge_unregistered_devices_exceeded"] = 0.0
    at = timeline.clock.now()
    send(timeline, Heartbeat(program="bridge", instance="h-1", at=at, started=started, config="c", numbers=numbers))


def send_devices(timeline: AlertTimeline, instance: str, exceeded: bool) -> None:
    """A heartbeat of a bridge that remembers 5,000 unregistered devices."""
    number = "wardwatch_bridge_unregistered_devices"
    health = Heartbeat(
        program="bridge", instance=instance, at=timeline.clock.now(), started=timeline.began, config="c",
        numbers={f"{number}_exceeded": float(exceeded), number: 5000.0},
    )  # fmt: skip
    send(timeline, health)


# Silent


@pytest.mark.guarantee("A program without a heartbeat for 20 s is reported, and its return too.")
@pytest.mark.parametrize(
    ("program", "head"),
    [
        (
            "bridge",
            "HIGH priority, Program bridge: no heartbeat since 16:01:00 UTC; no readings are received",
        ),
        (
            "detectors",
            "HIGH priority, Program detectors: no heartbeat since 16:01:00 UTC; readings are not checked, watch",
        ),
        ("web", "MEDIUM priority, Program web: no heartbeat since 16:01:00 UTC; the ward screen is down"),
        (
            "simulators",
            "LOW priority, Program simulators: no heartbeat since 16:01:00 UTC; simulated devices send no readings",
        ),
        ("other", "MEDIUM priority, Program other: no heartbeat since 16:01:00 UTC"),
    ],
)
def test_a_program_without_heartbeat_for_20_seconds_is_reported_and_its_return_too(
    tmp_path: Path, program: str, head: str
) -> None:
    timeline = program_timeline(tmp_path)
    heartbeats(timeline, program, 0, 61)
    heartbeats(timeline, program, 200, 300)
    timeline.want(between(80, 84), head)
    timeline.want(between(230, 235), f"ALERT ENDED: Program {program}: heartbeat is back (was ")
    timeline.run(295)
    alert = timeline.alerts()[f"program-silent {program}"]
    assert (alert.starts_at - timeline.began, str(alert.kind)) == (60 * SECOND, "technical")
    assert alert.annotations["ended"].endswith(f"Program {program}: heartbeat is back")


def test_an_instance_that_was_replaced_is_not_missed(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path)
    heartbeats(timeline, "bridge", 0, 60, "host-11")
    heartbeats(timeline, "bridge", 70, 200, "host-12")
    heartbeats(timeline, "detectors", 0, 60, "a")
    heartbeats(timeline, "detectors", 0, 200, "b")
    timeline.run(200)


def test_a_program_that_comes_and_goes_has_one_alert_until_it_stays(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path)
    heartbeats(timeline, "detectors", 0, 31)
    for start in range(60, 180, 40):
        heartbeats(timeline, "detectors", start, start + 11, f"h-{start}")
    heartbeats(timeline, "detectors", 200, 300, "h-9")
    timeline.want(between(50, 51), "HIGH priority, Program detectors: no heartbeat")
    timeline.want(between(230, 235), "ALERT ENDED: Program detectors: heartbeat is back")
    timeline.run(290)


def test_each_gap_in_heartbeats_is_an_alert_of_its_own(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path)
    for start, end in ((0, 11), (60, 111), (180, 240)):
        heartbeats(timeline, "bridge", start, end)
    timeline.advance_to(235)
    timeline.pipeline.close()
    assert len({a.id for a in timeline.published()}) == 2


def test_no_program_is_reported_silent_within_the_grace_after_a_start(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path, grace=30)
    for program in ("bridge", "detectors"):
        send_heartbeat(timeline, program)
    timeline.clock.advance(75)
    heartbeats(timeline, "bridge", 95, 200)
    timeline.want(between(105, 106), "HIGH priority, Program detectors: no heartbeat since 16:00:00 UTC")
    timeline.run(190)


def test_a_program_without_heartbeat_for_a_day_is_not_reported(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path)
    send_heartbeat(timeline, "bridge")
    timeline.clock.advance(86_401)
    timeline.run(86_401 + 60)


def test_silent_simulators_are_forgotten_after_a_day_and_a_bridge_never(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path)
    for program in ("bridge", "simulators"):
        send_heartbeat(timeline, program)
    timeline.advance_to(30)
    timeline.clock.advance(86_400)
    timeline.advance_to(86_500)
    timeline.pipeline.close()
    alerts = timeline.alerts()
    assert str(alerts["program-silent simulators"].ended) == "paused"
    assert alerts["program-silent bridge"].active
    assert any(
        "ALERT CLOSED, NO LONGER CHECKED (paused): was LOW priority: Program simulators" in notified.message.body
        for notified in timeline.notified
    )


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_step_of_the_clock_makes_no_program_silent(tmp_path: Path, hours: int) -> None:
    timeline = program_timeline(tmp_path)
    heartbeats(timeline, "bridge", 0, 200)
    timeline.at(61).steps_the_clock(hours * 3600)
    timeline.run(195)


def test_the_clock_of_another_machine_makes_no_program_silent(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path, grace=30)
    for second in range(0, 200, 5):
        health = Heartbeat(program="bridge", instance="far", at=timeline.time_at(second - 900), started=0, config="c")
        timeline.at(second).then(partial(send, timeline, health))
    timeline.run(195)


def test_after_a_pause_of_the_alerts_no_program_is_reported_immediately(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path, grace=30)
    heartbeats(timeline, "bridge", 0, 60)
    timeline.advance_to(58)
    timeline.clock.advance(300)  # stopped, and the bridge too
    heartbeats(timeline, "bridge", 378, 500)
    timeline.run(490)


def test_a_heartbeat_that_cannot_be_decoded_is_counted_and_the_others_are_read(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path)
    timeline.log.send(HEARTBEATS, [("a", b"\xff"), ("b", b'{"v":9}'), ("bridge/1", b"[]")])
    health = Heartbeat(program="<script>", instance="x", at=0, started=0, config="c")
    send(timeline, health)
    heartbeats(timeline, "bridge", 0, 31)
    timeline.want(between(50, 51), "HIGH priority, Program bridge: no heartbeat")
    timeline.run(60)
    assert timeline.metrics.samples()["wardwatch_alerts_heartbeats_unreadable_total"] == 4


# In problem


def test_a_lasting_problem_is_reported_and_its_end_after_30_healthy_seconds(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path)
    heartbeats(timeline, "bridge", 0, 20)
    heartbeats(timeline, "bridge", 20, 31, problem=["archive: the store takes nothing"])
    heartbeats(timeline, "bridge", 35, 60)
    heartbeats(timeline, "bridge", 60, 100, problem=["archive: the store takes nothing: \x1b[31m" + "x" * 5000])
    heartbeats(timeline, "bridge", 100, 200)
    timeline.want(
        between(77, 79),
        "MEDIUM priority, Program bridge reports a problem: archive: the store takes nothing: \\x1b[31mxxx",
    )
    timeline.want(between(127, 132), "ALERT ENDED: Program bridge reports no problem any more")
    timeline.run(195)
    assert len(timeline.alerts()["program-problem bridge"].annotations["summary"]) < 330


def test_a_part_that_keeps_dying_is_one_lasting_problem(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path)
    for second in range(0, 120, 5):
        problems = ["senders died: OSError: disk full"] if second % 10 == 0 and second < 60 else []
        timeline.at(second).then(partial(send_heartbeat, timeline, "web", problem=problems))
    timeline.want(between(22, 23), "MEDIUM priority, Program web reports a problem: senders died: OSError: disk full")
    timeline.want(between(80, 85), "ALERT ENDED: Program web reports no problem any more")
    timeline.run(115)


def test_a_bridge_without_broker_is_high_priority_also_when_it_had_another_problem(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path)
    heartbeats(timeline, "bridge", 0, 40, problem=["archive: the store takes nothing"])
    heartbeats(timeline, "bridge", 40, 80, problem=["archive: the store takes nothing", INTAKE])
    heartbeats(timeline, "bridge", 80, 150)
    timeline.want(between(17, 18), "MEDIUM priority, Program bridge reports a problem: archive")
    timeline.want(
        between(40, 41),
        "HIGH priority, Program bridge reports a problem; no readings are received, watch patients at the bedside ("
        "archive: the store takes nothing; intake: no connection to the MQTT broker",
    )
    timeline.want(between(107, 110), "ALERT ENDED: Program bridge reports no problem any more")
    timeline.run(145)
    assert len({a.id for a in timeline.published()}) == 1


def test_detectors_that_are_behind_for_long_are_high_priority_and_a_backlog_of_one_device_is_not(
    tmp_path: Path,
) -> None:
    timeline = program_timeline(tmp_path)
    one = "detectors work off a backlog: what mon-icu-01 sent in the last 61 s is not evaluated yet"
    behind = "detectors are behind: readings of the last 9 s are not evaluated yet"
    heartbeats(timeline, "detectors", 0, 40, problem=[one])
    heartbeats(timeline, "detectors", 40, 80, problem=[behind])
    heartbeats(timeline, "detectors", 80, 150)
    timeline.want(between(17, 18), "MEDIUM priority, Program detectors reports a problem: detectors work off a backlog")
    timeline.want(
        between(40, 41),
        "HIGH priority, Program detectors reports a problem; readings are not checked, watch patients at the bedside ("
        "detectors are behind: readings of the last 9 s are not evaluated yet)",
    )
    timeline.want(between(107, 110), "ALERT ENDED: Program detectors reports no problem any more")
    timeline.run(145)


def test_a_problem_does_not_end_when_its_program_dies(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path)
    heartbeats(timeline, "bridge", 0, 31, problem=[INTAKE])
    timeline.want(between(15, 16), "HIGH priority, Program bridge reports a problem")
    timeline.want(between(50, 51), "HIGH priority, Program bridge: no heartbeat")
    timeline.run(200)
    assert timeline.alerts()["program-problem bridge"].active


# A config that was refused


def test_a_rejected_config_is_one_alert_with_the_first_fault_until_it_is_accepted(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path)
    for program in ("bridge", "detectors", "web"):
        heartbeats(timeline, program, 0, 20)
        heartbeats(timeline, program, 20, 60, error="thresholds.yaml:3:5: not a number\nward.yaml:1:1: what?")
        heartbeats(timeline, program, 60, 100)
    head = (
        "LOW priority, New config rejected by bridge, detectors, web; the previous config stays in force: "
        "thresholds.yaml:3:5: not a number"
    )
    timeline.want(between(22, 23), head)
    timeline.want(
        between(62, 63), "ALERT ENDED: Config accepted by all programs (was LOW priority: New config rejected by"
    )
    timeline.run(95)


# Restarts


def everything(timeline: AlertTimeline) -> None:
    """A program that is killed and comes back, one with a problem, and a rejected config."""
    for program in ("detectors", "alerts"):
        heartbeats(timeline, program, 0, 200)
    heartbeats(timeline, "bridge", 0, 11)
    heartbeats(timeline, "bridge", 80, 200, "h-2")
    heartbeats(timeline, "web", 0, 10)
    heartbeats(timeline, "web", 10, 60, problem=["recall: the store does not answer"])
    heartbeats(timeline, "web", 60, 80, error="ward.yaml:1:1: what?")
    heartbeats(timeline, "web", 80, 200)


RAISED = [
    "HIGH priority, Program bridge: no heartbeat since 16:00:10 UTC; no readings are received, "
    "watch patients at the bedside",
    "MEDIUM priority, Program web reports a problem: recall: the store does not answer",
    "LOW priority, New config rejected by web; the previous config stays in force: ward.yaml:1:1: what?",
]
NOW = [
    "Program bridge: heartbeat is back",
    "Program web reports no problem any more",
    "Config accepted by all programs",
]
WANTED = sorted(
    RAISED
    + [f"ALERT ENDED: {now} (was {raised.replace(', ', ': ', 1)}" for now, raised in zip(NOW, RAISED, strict=True)]
)


@pytest.mark.parametrize("first", range(1, 5))
def test_a_restart_of_the_alerts_repeats_nothing_and_loses_no_end(tmp_path: Path, first: int) -> None:
    for second in range(first, 110, 4 if FULL else 24):
        path = tmp_path / str(second)
        path.mkdir()
        timeline = program_timeline(path)
        everything(timeline)
        timeline.at(second + 0.5).restarts()
        timeline.advance_to(150, every=0.5)
        timeline.pipeline.close()
        found = sorted(subjects(timeline.notified))
        assert [head.split("; lasted ")[0] for head in found] == WANTED, second
        assert len({a.id for a in timeline.published()}) == 3


def test_a_lost_state_file_is_rebuilt_from_the_log(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path)
    everything(timeline)
    timeline.advance_to(60)
    timeline.pipeline.close()
    (tmp_path / "alerts.db").unlink()
    timeline.pipeline = timeline.open()
    timeline.advance_to(195)
    timeline.pipeline.close()
    ids = [alert.id for alert in timeline.published() if alert.labels["alertname"] == "program-silent"]
    assert len(set(ids)) == 1
    assert not timeline.alerts()["program-silent bridge"].active


def killed(path: Path, switch: KillSwitch) -> tuple[AlertTimeline, int]:
    """The programs' timeline beside the findings' one, with a pipeline that may die; and how often it did."""
    timeline = script_of_findings(path, switch)
    everything(timeline)
    log: Any = timeline.log
    deaths = 0
    while timeline.now() <= 190:
        log.armed = False
        for entry in sorted(e for e in timeline.script if e[0] <= timeline.now()):
            timeline.script.remove(entry)
            entry[2]()
        log.armed = True
        try:
            timeline.pipeline.step(0)
        except Killed:
            deaths += 1
            timeline.pipeline.close()
            timeline.pipeline = timeline.open()
        timeline.listen()
        timeline.clock.advance(1)
    timeline.pipeline.close()
    return timeline, deaths


def states(timeline: AlertTimeline) -> list[tuple[str, str, str]]:
    """All alerts there have been, each as it ended. The time at which a problem was noticed may differ after a kill."""
    last = {alert.id: alert for alert in timeline.published()}.values()
    return sorted((a.labels["alertname"], a.labels.get("bed", ""), str(a.ended)) for a in last)


def read_headlines(timeline: AlertTimeline) -> set[str]:
    """The wanted headlines that were in any message."""
    lines = {line for notified in timeline.notified for line in notified.message.body.splitlines()}
    return {head for head in WANTED if any(line.startswith(head) for line in lines)}


def test_a_kill_before_any_write_neither_loses_nor_repeats_an_alert_of_a_program(tmp_path: Path) -> None:
    switch = KillSwitch()
    (tmp_path / "whole").mkdir()
    whole, deaths = killed(tmp_path / "whole", switch)
    assert isinstance(whole.log, KillableLog)
    ends = states(whole)
    assert (deaths, len(ends), read_headlines(whole)) == (0, 8, set(WANTED))
    for at in range(1, switch.count + 1, 5 if FULL else 61):
        path = tmp_path / str(at)
        path.mkdir()
        timeline, deaths = killed(path, KillSwitch(at))
        assert deaths == 1, at
        assert states(timeline) == ends, at
        assert read_headlines(timeline) == set(WANTED), at
        rmtree(path)  # some MiB each


# Just after our own start


def test_technical_alerts_within_the_grace_are_held_and_may_end_unsent(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path, grace=30)
    timeline.at(2).raises("silent", bed=1, severity="high").raises("silent", bed=2, severity="medium")
    timeline.at(3).raises("spo2_low", bed=3)
    timeline.at(20).clears("silent", bed=1)
    timeline.at(40).raises("silent", bed=4, severity="high")
    timeline.want(between(3, 3.5), "HIGH priority, ICU bed 3")
    timeline.want(between(30, 31), "MEDIUM priority, ICU bed 2")
    timeline.want(between(40, 41), "HIGH priority, ICU bed 4")
    timeline.run(60)


def test_messages_that_waited_during_a_downtime_raise_no_channel_alert(tmp_path: Path) -> None:
    channels = [{"name": name, "urls": ["json://127.0.0.1:9"]} for name in ("nurse", "chat")]
    timeline = program_timeline(tmp_path, grace=30, channels=channels, problem_after="60s")
    timeline.unavailable_channels = {"nurse"}
    timeline.at(1).raises("spo2_low", bed=1)
    timeline.advance_to(10)
    timeline.pipeline.close()
    timeline.clock.advance(90)
    timeline.pipeline = timeline.open()
    timeline.at(105).then(timeline.unavailable_channels.clear)
    timeline.want(between(105, 106), "HIGH priority, ICU bed 1")
    timeline.run(150)


def test_a_channel_that_does_not_deliver_after_the_grace_is_reported(tmp_path: Path) -> None:
    channels = [{"name": name, "urls": ["json://127.0.0.1:9"]} for name in ("nurse", "chat")]
    timeline = program_timeline(tmp_path, grace=30, channels=channels, problem_after="60s")
    timeline.unavailable_channels = {"nurse"}
    timeline.at(1).raises("spo2_low", bed=1)
    timeline.advance_to(10)
    timeline.pipeline.close()
    timeline.clock.advance(90)
    timeline.pipeline = timeline.open()
    timeline.want(between(130, 131.5), "HIGH priority, Channel nurse has delivered nothing", "chat")
    timeline.run(150)


def test_a_held_silence_alert_marks_no_alert_stale(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path, grace=30)
    for bed in (1, 2):
        timeline.at(1).raises("spo2_low", bed=bed).raises("silent", bed=bed, severity="medium")
    timeline.at(20).clears("silent", bed=1)
    timeline.want(between(1, 1.5), "HIGH priority, ICU bed 1: SpO2")
    timeline.want(between(1, 1.5), "HIGH priority, ICU bed 2: SpO2")
    timeline.want(between(30, 33), "SIGNAL LOST, alert still active: HIGH priority, ICU bed 2")
    timeline.want(between(30, 33), "MEDIUM priority, ICU bed 2: no data")
    timeline.run(60)


def test_technical_alerts_unsent_before_a_restart_are_held_after_it(tmp_path: Path) -> None:
    timeline = program_timeline(tmp_path, grace=30, route={"receiver": "nurses", "group_wait": "20s"})
    for bed in (1, 2):
        timeline.at(40).raises("silent", bed=bed, severity="medium")
    timeline.advance_to(41)
    timeline.pipeline.close()
    timeline.clock.advance(60)
    timeline.pipeline = timeline.open()
    timeline.at(120).clears("silent", bed=1)
    timeline.want(between(131, 133), "MEDIUM priority, ICU bed 2: no data")
    timeline.run(160)


# A clock that was set


def beats(timeline: AlertTimeline, program: str, start: int, end: int, step: float = 0.0) -> None:
    """A program with a heartbeat every five seconds, whose server clock was set by `step` seconds before."""
    for second in range(start, end, 5):
        timeline.at(second).then(lambda: send(timeline, stepped(timeline, program, step)))


def stepped(timeline: AlertTimeline, program: str, step: float) -> Heartbeat:
    numbers = {"wardwatch_clock_set_seconds": step}
    now = timeline.clock.now()
    return Heartbeat(program=program, instance="h-1", at=now, started=0, config="c", numbers=numbers)


@pytest.mark.guarantee("A server clock that is set raises one technical alert, however many programs run there.")
@pytest.mark.parametrize(("step", "text"), [(-3600.0, "back by 60 min"), (7200.0, "forward by 2 h")])
def test_a_server_clock_that_was_set_is_one_alert(tmp_path: Path, step: float, text: str) -> None:
    timeline = program_timeline(tmp_path)
    for program in ("bridge", "detectors"):
        beats(timeline, program, 0, 30)
        beats(timeline, program, 30, 600, step)
        beats(timeline, program, 600, 700)
    timeline.at(29).steps_the_clock(step)
    timeline.want(between(30, 35), f"MEDIUM priority, Server clock was set {text}")
    timeline.want(between(600, 610), "ALERT ENDED: Server clock")
    timeline.run(690)


def test_a_bridge_that_dies_ends_no_alert_that_it_reported(tmp_path: Path) -> None:
    """Its silence is no recovery."""
    timeline = program_timeline(tmp_path)
    number = "wardwatch_bridge_unregistered_devices"
    numbers = {f"{number}_exceeded": 1.0, number: 5000.0, "wardwatch_clock_set_seconds": 3600.0}

    def beat() -> None:
        at = timeline.clock.now()
        health = Heartbeat(program="bridge", instance="h-1", at=at, started=timeline.began, config="c", numbers=numbers)
        send(timeline, health)

    for second in range(0, 30, 5):
        timeline.at(second).then(beat)
    timeline.advance_to(80)
    active = {alert.labels["alertname"] for alert in timeline.alerts().values() if alert.active}
    assert active == {"program-silent", "too-many-devices", "server-clock-set"}
