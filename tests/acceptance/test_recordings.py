"""Recordings of real patients at the shipped limits: which alerts a nurse would see."""

from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path

import simulators.recordings.recording
from app.settings.config_reader import config_reader
from detectors.engine.engine import Engine
from simulators.recordings.recording import read_recording
from simulators.recordings.replay import readings, repeat_samples
from tests.config.config_reader import SHIPPED
from ward.clock import SECOND
from ward.finding import EndReason, Finding, Severity, Transition

RECORDINGS = Path(simulators.recordings.recording.__file__).parent
START = 20_000 * 86_400 * SECOND
BED = "mon-icu-02"  # a bed without limits of its own


@cache
def evaluated(name: str, *, all_rules: bool = True) -> tuple[list[Finding], set[str]]:
    """The findings of a recording with one value a minute, repeated every 2.5 s; and the names of the limit rules.

    A day and a half takes long: without `all_rules` only the limits are evaluated, which do not depend on others.
    """
    config = config_reader(SHIPPED, {})(START)
    if not all_rules:
        config = replace(config, rules=tuple(rule for rule in config.rules if rule.detector == "limits"))
    engine, found = Engine(config), []
    engine.add_expected([BED], START)
    replayed = readings(repeat_samples(read_recording(RECORDINGS / name), 2.5), BED, "icu", START)
    while batch := list(islice(replayed, 2000)):
        found += engine.evaluate(batch).findings
        found += engine.advance(batch[-1].received_at).findings
    return found, {rule.name for rule in config.rules if rule.detector == "limits"}


def episodes(found: list[Finding], rules: set[str]) -> list[tuple[int, str, str]]:
    """Minute of the onset, rule, and severity at worst, of each episode of some rules."""
    worst: dict[str, Finding] = {}
    rank = [Severity.LOW, Severity.MEDIUM, Severity.HIGH]
    for finding in found:
        if finding.rule in rules and finding.transition is not Transition.CLEARED:
            known = worst.get(finding.episode, finding)
            worst[finding.episode] = max(known, finding, key=lambda f: rank.index(f.severity))
    return sorted((round((f.onset - START) / SECOND / 60), f.rule, str(f.severity)) for f in worst.values())


def test_a_deteriorating_patient_raises_these_alerts() -> None:
    found, limits = evaluated("s25047-2704-05-04-10-44n.csv")
    assert episodes(found, limits) == [
        (2, "hypotension", "high"), (6, "diastolic_hypotension", "medium"), (32, "diastolic_hypotension", "medium"),
        (32, "hypotension", "high"), (35, "diastolic_hypertension", "medium"), (37, "bradycardia", "medium"),
        (39, "hypotension", "medium"), (40, "bradypnoea", "high"), (40, "desaturation", "high"),
        (44, "tachypnoea", "high"), (51, "hypotension", "high"), (55, "diastolic_hypotension", "medium"),
        (55, "hypotension", "high"), (56, "desaturation", "high"), (64, "bradypnoea", "high"),
        (70, "desaturation", "high"),
    ]  # fmt: skip


def test_a_heart_rate_that_stays_lost_raises_an_alert_and_clears_none() -> None:
    found, _ = evaluated("s25047-2704-05-04-10-44n.csv")
    lost = [f for f in found if f.rule == "signal-missing" and f.signal == "heart_rate"]
    after = [f for f in lost if f.onset > START + 40 * 60 * SECOND]
    assert [(round((f.at - START) / SECOND / 60), f.transition, f.severity) for f in after] == [
        (45, Transition.RAISED, Severity.LOW), (46, Transition.CHANGED, Severity.MEDIUM),
    ]  # fmt: skip
    assert not [f for f in found if f.transition is Transition.CLEARED and f.ended is EndReason.SIGNAL_LOST]


def test_a_quiet_patient_raises_alerts_of_slow_breathing() -> None:
    found, limits = evaluated("s00001-2896-10-10-00-31n.csv", all_rules=False)
    begun = episodes(found, limits)
    # The patient breathes eight times a minute for hours and needs a limit of the bed's own; the signals have gaps.
    assert Counter(rule for _, rule, _ in begun) == {"bradypnoea": 75, "bradycardia": 1}
    assert [minute for minute, rule, _ in begun if rule == "bradycardia"] == [1389], "the artefact"
