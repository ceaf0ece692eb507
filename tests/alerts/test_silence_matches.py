"""What is remembered of silences and alerts mutes exactly what matching them anew would mute."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.model.timed_silence import TimedSilence
from alerts.model.tracked_alert import TrackedAlert
from alerts.stages.silence_matches import SilenceMatches
from tests.kit.examples import examples
from tests.kit.guarantees import Figure
from ward.alert import Alert
from ward.finding import Kind, Severity
from ward.matcher import Matcher
from ward.silence import Silence

MATCHERS = (
    'bed=~"icu-[12]"',
    "bed=icu-1",
    'bed!~"icu-2|"',
    "alertname=fast",
    'severity=~"high|medium"',
    'bed=~"icu.*"',
)


def tracked(id_: str, **labels: str) -> TrackedAlert:
    alert = Alert(id=id_, labels=labels, annotations={}, severity=Severity.LOW, kind=Kind.TECHNICAL, starts_at=0,
                  updated_at=0)  # fmt: skip
    return TrackedAlert(alert=alert, tracked_since=0, changed_at=0, unacknowledged_since=0)


def silence(id_: str, start: int, end: int, *matchers: str) -> TimedSilence:
    parsed = tuple(Matcher.parse(text) for text in matchers)
    body = Silence(id=id_, matchers=parsed, starts_at=start, ends_at=end, by="x", comment="x", updated_at=0)
    return TimedSilence(silence=body, start=start, end=end)


def matched_anew(
    alerts: Sequence[TrackedAlert], silences: Sequence[TimedSilence], now: int
) -> dict[str, tuple[str, ...]]:
    found = {
        one.alert.id: tuple(
            timed.silence.id for timed in silences
            if timed.start <= now < timed.end and timed.silence.mutes(one.alert.labels)
        )
        for one in alerts
    }  # fmt: skip
    return {id_: by for id_, by in found.items() if by}


@given(st.randoms(use_true_random=False))
@settings(max_examples=examples(40, 1000), deadline=None)
def test_what_is_remembered_equals_matching_anew_after_any_sequence(rng: random.Random) -> None:
    matches, alerts, silences, now = SilenceMatches(), dict[str, TrackedAlert](), dict[str, TimedSilence](), 0
    for _ in range(30):
        id_ = f"x{rng.randrange(4)}"
        match rng.randrange(6):
            case 0 | 1:
                labels = {"alertname": rng.choice(("fast", "slow")), "severity": rng.choice(("low", "medium", "high"))}
                alerts[id_] = tracked(id_, **labels, bed=rng.choice(("icu-1", "icu-2", "hdu-1")))
            case 2:
                alerts.pop(id_, None)
            case 3:  # a new silence, or the same id with other matchers or times
                start = now + rng.randrange(-3, 4)
                silences[id_] = silence(
                    id_, start, start + rng.randrange(8), *rng.sample(MATCHERS, rng.randrange(1, 3))
                )
            case 4:
                silences.pop(id_, None)
            case _:
                now += rng.randrange(5)
        given_alerts, given_silences = list(alerts.values()), list(silences.values())
        assert matches.active(given_alerts, given_silences, now) == matched_anew(given_alerts, given_silences, now)


@pytest.mark.guarantee("A step matches only the alerts and silences that have changed, however many there are.")
def test_a_step_matches_only_what_changed(monkeypatch: pytest.MonkeyPatch, figure: Figure) -> None:
    asked = 0
    matches = Matcher.matches

    def counted(matcher: Matcher, labels: dict[str, str]) -> bool:
        nonlocal asked
        asked += 1
        return matches(matcher, labels)

    alerts = [tracked(f"x{n}", bed=f"icu-{n}", alertname="fast") for n in range(500)]
    silences = [silence(f"s{n}", 0, 100, f'bed=~".*-{n}"') for n in range(20)]
    another = silence("new", 0, 100, "bed=icu-1")
    remembered = SilenceMatches()
    remembered.active(alerts, silences, 1)
    monkeypatch.setattr(Matcher, "matches", counted)
    remembered.active(alerts, silences, 2)
    assert asked == 0
    alerts[7] = tracked("x7", bed="icu-7", alertname="slow")
    remembered.active(alerts, silences, 3)
    assert asked == 20
    remembered.active(alerts, [*silences, another], 4)
    assert asked == 520
    remembered.active(alerts, silences, 101)
    assert asked == 520
    figure("1 changed alert of 500 with 20 silences: 20 matches")


def test_nothing_is_remembered_of_alerts_and_silences_that_are_gone() -> None:
    remembered = SilenceMatches()
    alerts = [tracked(f"x{n}", bed="icu-1") for n in range(50)]
    remembered.active(alerts, [silence("s", 0, 100, "bed=icu-1")], 1)
    assert len(remembered) == 51
    remembered.active(alerts[:1], [silence("s", 0, 100, "bed=icu-1")], 100)
    assert len(remembered) == 1
