"""The order of alerts."""

from itertools import permutations

from ward.alert import EXTERNAL, Ack, Alert, State
from ward.alert_order import by_priority, gravest
from ward.finding import EndReason, Kind, Severity
from ward.signals import Catalogue, Signal

CATALOGUE = Catalogue(
    {
        name: Signal(name=name, label=name, unit="1", display="", gravity=gravity)
        for name, gravity in (("temperature", None), ("heart_rate", 2), ("spo2", 1), ("flow", None))
    }
)


def alert(id_: str, metric: str = "spo2", at: int = 0, severity: Severity = Severity.MEDIUM,
          kind: Kind = Kind.PHYSIOLOGICAL, **more: object) -> Alert:  # fmt: skip
    return Alert(
        id=id_, labels={"alertname": id_, "metric": metric}, annotations={}, severity=severity, kind=kind, starts_at=at,
        updated_at=at, **more,  # type: ignore[arg-type]
    )  # fmt: skip


IN_ORDER = [
    alert("high", "flow", severity=Severity.HIGH),
    alert("high, ended, not acknowledged", severity=Severity.HIGH, latched=EndReason.RECOVERED),
    alert("high, of equipment", severity=Severity.HIGH, kind=Kind.TECHNICAL),
    alert("a score of the whole patient", ""),
    alert("newer", "spo2", 2),
    alert("older", "spo2", 1),
    alert("second by gravity", "heart_rate"),
    alert("first of the catalogue without gravity", "temperature"),
    alert("second of the catalogue without gravity", "flow"),
    alert("not in the catalogue", "bis"),
    alert("of another system", source=EXTERNAL),
    alert("acknowledged", severity=Severity.HIGH, ack=Ack(by="Ada", at=0)),
    alert("ended", severity=Severity.HIGH, state=State.ENDED),
]


def test_alerts_are_in_the_order_in_which_a_person_should_act() -> None:
    assert [found.id for found in by_priority(reversed(IN_ORDER), CATALOGUE)] == [known.id for known in IN_ORDER]


def test_the_order_does_not_depend_on_the_order_of_arrival() -> None:
    for shuffled in permutations(IN_ORDER[:5]):
        assert by_priority(shuffled, CATALOGUE) == IN_ORDER[:5]


def test_the_gravest_alert_is_named_also_if_somebody_has_acknowledged_it() -> None:
    assert gravest(IN_ORDER[2:], CATALOGUE).id == "acknowledged"
    assert gravest([IN_ORDER[6], IN_ORDER[5]], CATALOGUE).id == "older", "the gravest sign, of the same severity"
