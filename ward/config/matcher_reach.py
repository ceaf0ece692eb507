"""What matchers can match: the names that a config defines, and where they are found together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ward.config.known_names import SELF_MONITORING_ALERTS
from ward.config.rule import Rule
from ward.config.yaml.fault_collector import FaultCollector
from ward.finding import Kind, Severity
from ward.ids import printable
from ward.inventory import Inventory
from ward.matcher import Matcher
from ward.signals import Catalogue

Labels = Mapping[str, str]

PROGRAMS = frozenset({"bridge", "detectors", "alerts", "web", "rollups", "simulators"})
OTHER_LABELS = frozenset({"notifier", "schedule", "sender", "sender_severity"})  # their values are not compared
PLACE = ("ward", "bed", "device_id", "patient_id")
RULE = ("alertname", "kind", "metric")
_WORDS = {"alertname": "alert", "patient_id": "patient", "device_id": "device", "metric": "signal"}


@dataclass(frozen=True, slots=True)
class MatcherReach:
    """The values that each label of our own alerts can have, and the places and rules that have them together.

    Another system may post alerts with any labels, and an unregistered device has any id: what is reported here is a
    warning, never a fault.
    """

    values: Mapping[str, frozenset[str]]
    places: Sequence[Labels]
    rules: Sequence[Labels]

    @classmethod
    def of(
        cls, inventory: Inventory, catalogue: Catalogue, rules: Iterable[Rule], channels: Iterable[str]
    ) -> "MatcherReach":
        """What the matchers of this config can match."""
        of_rules = [*_rules(rules), *({"alertname": name, "kind": "technical"} for name in SELF_MONITORING_ALERTS)]
        values = {
            "alertname": frozenset(labels["alertname"] for labels in of_rules),
            "severity": frozenset(map(str, Severity)), "kind": frozenset(map(str, Kind)),
            "ward": frozenset(inventory.wards), "bed": frozenset(inventory.beds),
            "device_id": frozenset(inventory.devices), "metric": frozenset(catalogue),
            "patient_id": frozenset(stay.patient for stay in inventory.stays),
            "program": PROGRAMS, "channel": frozenset(channels),
        }  # fmt: skip
        return cls(values, list(_places(inventory)), of_rules)

    def warnings(self, matchers: Sequence[Matcher]) -> list[str]:
        """Why these matchers match no alert that this config can raise, a sentence each; empty where they may."""
        alone = [f"{matchers[i]}: {text}" for i, text in self.unknown_values(matchers)]
        together = self.never_together(matchers)
        return alone or ([together] if together else [])

    def unknown_values(self, matchers: Sequence[Matcher]) -> Iterator[tuple[int, str]]:
        """(number, text) of each matcher that no known value of its label satisfies."""
        for i, matcher in enumerate(matchers):
            known = self.values.get(matcher.label)
            if matcher.matches({}) or matcher.label in OTHER_LABELS:
                continue
            if known is None:
                guess = FaultCollector().guess(matcher.label, self.values.keys() | OTHER_LABELS)
                yield i, f"alerts of ours have no label '{printable(matcher.label, 64)}'{guess}"
                continue
            if any(matcher.matches({matcher.label: one}) for one in known):
                continue
            what = _WORDS.get(matcher.label, matcher.label)
            if matcher.op == "=~":
                yield i, f"no {what} of this config matches '{printable(matcher.value, 64)}'"
            elif matcher.op == "=":
                guess = FaultCollector().guess(matcher.value, known)
                yield i, f"there is no {what} '{printable(matcher.value, 64)}'{guess}"

    def never_together(self, matchers: Sequence[Matcher]) -> str:
        """The matchers that each match something and together nothing; "" where there may be such an alert."""
        for labels, found, what in ((PLACE, self.places, "place"), (RULE, self.rules, "rule")):
            own = [matcher for matcher in matchers if matcher.label in labels]
            absent = all(matcher.matches({}) for matcher in own)
            if len(own) > 1 and not absent and not any(all(m.matches(one) for m in own) for one in found):
                return f"there is no {what} with {printable(' and '.join(map(str, own)), 200)}"
        return ""


def _rules(rules: Iterable[Rule]) -> Iterator[Labels]:
    for rule in rules:
        for signal in rule.alert_signals:
            yield {"alertname": rule.name, "kind": str(rule.kind), "metric": signal}


def _places(inventory: Inventory) -> Iterator[Labels]:
    """Each device at each of its beds with each patient of the bed, at any time; and each ward alone."""
    patients: dict[str, list[str]] = {}
    for stay in inventory.stays:
        patients.setdefault(stay.bed, []).append(stay.patient)
    for device in inventory.devices.values():
        for assignment in device.assignments:
            for patient in ("", *patients.get(assignment.bed, ())):
                yield {
                    "ward": assignment.ward, "bed": assignment.bed, "device_id": device.id, "patient_id": patient,
                }  # fmt: skip
    for ward in inventory.wards:
        yield {"ward": ward}
    for bed in inventory.beds.values():
        for patient in ("", *patients.get(bed.id, ())):
            yield {"ward": bed.ward, "bed": bed.id, "patient_id": patient}
