"""What is remembered of inhibition rules and alerts mutes exactly what matching them anew would mute."""

import random
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.model.now import Now
from alerts.model.tracked_alert import TrackedAlert
from alerts.routing.alert_routes import RouteCache
from alerts.stages.batch import AlertBatch, BatchItem
from alerts.stages.inhibit import inhibit
from alerts.stages.inhibition_roles import InhibitionRoles
from tests.alerts.test_silence_matches import tracked
from tests.kit.examples import examples
from ward.alert import State
from ward.config.alerting import Alerting, Inhibition
from ward.config.config import Config
from ward.inventory import Inventory
from ward.matcher import Matcher
from ward.signals import Catalogue

RULES = [
    Inhibition(source=tuple(map(Matcher.parse, source)), target=tuple(map(Matcher.parse, target)), equal=tuple(equal))
    for source, target, equal in (
        (["alertname=a"], ["alertname=~b|c"], ["bed"]),
        (['alertname=~"a|b"'], ['alertname=~"a|b"'], ["bed"]),
        (["alertname=c"], ["severity=low"], ["bed", "severity"]),
        (["alertname=b"], ["alertname=c"], []),
    )
]


def config(rules: Sequence[Inhibition]) -> Config:
    return Config("0", Catalogue(), Inventory(), alerting=Alerting(inhibit=tuple(rules)))


def inhibited(alerts: Sequence[TrackedAlert], used: Config, roles: InhibitionRoles) -> dict[str, set[str]]:
    batch = AlertBatch(
        now=Now(1, 1), config=used, routes=RouteCache(used.alerting), inhibition_roles=roles,
        items=tuple(BatchItem(tracked=alert) for alert in alerts),
    )  # fmt: skip
    return {item.id: set(item.inhibited_by) for item in inhibit(batch).items if item.inhibited_by}


def anew(alerts: Sequence[TrackedAlert], rules: Sequence[Inhibition]) -> dict[str, set[str]]:
    """By the definition: each pair of alerts by each rule."""
    found: dict[str, set[str]] = {}
    active = [alert.alert for alert in alerts if alert.alert.active]
    for rule in rules:
        sources = {a.id for a in active if all(m.matches(a.labels) for m in rule.source)}
        targets = {a.id for a in active if all(m.matches(a.labels) for m in rule.target)}
        for a in active:
            for b in active:
                equal = all(a.labels.get(n) and a.labels.get(n) == b.labels.get(n) for n in rule.equal)
                both = {a.id, b.id} <= sources & targets
                if a.id in sources and b.id in targets and a.id != b.id and equal and not both:
                    found.setdefault(b.id, set()).add(a.id)
    return found


@given(st.randoms(use_true_random=False))
@settings(max_examples=examples(40, 1000), deadline=None)
def test_what_is_remembered_equals_matching_anew_after_any_sequence(rng: random.Random) -> None:
    roles, alerts, used = InhibitionRoles(), dict[str, TrackedAlert](), config(RULES)
    for _ in range(25):
        id_ = f"x{rng.randrange(6)}"
        match rng.randrange(8):
            case 0:  # a reload
                used = config(rng.sample(RULES, rng.randrange(5)))
            case 1:
                alerts.pop(id_, None)
            case 2 if id_ in alerts:
                ended = replace(alerts[id_].alert, state=State.ENDED)
                alerts[id_] = replace(alerts[id_], alert=ended)
            case _:
                labels = {"alertname": rng.choice("abc"), "severity": rng.choice(("low", "high"))}
                alerts[id_] = tracked(id_, **labels, bed=rng.choice(("", "icu-1", "icu-2")))
        given_alerts = list(alerts.values())
        assert inhibited(given_alerts, used, roles) == anew(given_alerts, used.alerting.inhibit)
