"""A row whose level changed → a finding with its text."""

from typing import Any

from msgspec.structs import replace

from detectors.base.derived_signals import signal_of
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation
from detectors.engine.devices import DeviceState
from detectors.engine.rule_assignment import ForcedEnd
from detectors.engine.tables.level_change import LevelChange
from detectors.engine.tables.rule_row import RuleRow
from ward.bed_subject import is_bed_subject
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.finding import EndReason, Finding, Severity, Transition
from ward.ids import digest
from ward.text_template import TextKind, TextTemplate

_ENDED = {
    EndReason.SIGNAL_LOST: TextTemplate(TextKind.CLOSING, "No data any more, it is not known whether this is over"),
    EndReason.RULE_CHANGED: TextTemplate(TextKind.CLOSING, "Rule changed by config, or device moved"),
    EndReason.REMOVED: TextTemplate(TextKind.CLOSING, "Removed by config: no longer checked"),
    EndReason.DISCHARGED: TextTemplate(TextKind.CLOSING, "Patient discharged or moved"),
}
_BEFORE = TextTemplate(
    TextKind.CLOSING, "{end}; before: {text}", end="Rule changed by config, or device moved", text="SpO2 84 % < 88"
)  # fmt: skip


class FindingBuilder:
    """Builds findings with the labels, places and hash of one config."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def build(
        self, change: LevelChange, device: DeviceState, received_at: Micros, failures: dict[str, Exception]
    ) -> Finding:
        """The finding of a change of level. `received_at` is when the bridge received the reading that decided; what a
        detector raises instead of a text is added to `failures` by the name of the detector."""
        row, at, onset = change.row, round(change.t * SECOND), round(change.onset * SECOND)
        subject, about, signal = _about(row, device)
        place = self._config.inventory.place(about or subject, at, device.ward, device.device_kind)
        explanation = self._explain(change, signal, self._device_label(place.device_kind), failures)
        last = row.last_finding
        if last:  # the bridge's clock may have been set back, and a later finding must not seem older
            received_at = max(received_at, last.received_at)
        return Finding(
            episode=last.episode if last else digest(row.rule.name, row.device, row.signal, onset),
            transition=_transition(change), rule=row.rule.name, detector=row.rule.detector, kind=row.rule.kind,
            severity=Severity.of_rank(change.after or change.before), onset=onset, at=at, received_at=received_at,
            text=explanation.text, device=about, subject=subject, signal=signal, ward=place.ward, bed=place.bed,
            patient=place.patient, value=explanation.value, limit=explanation.limit, **_worst(change, explanation),
            ended=None if change.after else EndReason.RECOVERED, config=self._config.hash, runbook=row.rule.runbook,
        )  # fmt: skip

    def end(self, ending: ForcedEnd) -> Finding:
        """The last finding of an episode that ends for another reason than its values. It belongs to the place and the
        patient that it was raised for."""
        last = ending.last_finding
        end = ending.text or _ENDED[ending.reason]()
        return replace(
            last, transition=Transition.CLEARED, at=ending.at, received_at=max(ending.at, last.received_at),
            ended=ending.reason, text=_BEFORE(end=end, text=last.text), config=self._config.hash,
        )  # fmt: skip

    def _explain(self, change: LevelChange, signal: str, device: str, failures: dict[str, Exception]) -> Explanation:
        """The text of a change. Neither the priority nor how long it has been so is in it: the alert has both."""
        row = change.row
        detector = Detector.registry[row.rule.detector]()
        evidence: Evidence[Any] = Evidence(
            params=row.resolved.params, p=change.p, state=change.state, decision=row.resolved.decision,
            kind=row.rule.kind, signal=self._config.catalogue.known(signal), device=device,
            level=change.after or change.before, x=change.x, score=change.score, onset=change.onset, since=change.since,
            idle=change.idle, t=change.t, parts=tuple(self._config.catalogue.known(part) for part in row.rule.parts),
        )  # fmt: skip
        try:
            return detector.explain(evidence) if change.after else detector.explain_end(evidence)
        except Exception as failure:  # noqa: BLE001 - it is reported, and a finding with a plain text is still a finding
            failures[row.rule.detector] = failure
            return Explanation(None, None, row.rule.label or row.rule.name)

    def _device_label(self, device_kind: str) -> str:
        """What people call a kind of device: `Bedside monitor`."""
        known = self._config.inventory.device_kinds.get(device_kind)
        return known.label if known else "Device"


def _about(row: RuleRow, device: DeviceState) -> tuple[str, str, str]:
    """The patient, bed or cohort that was evaluated, empty for a device by itself; the device that a finding is about,
    empty for one about a patient or a bed; and the signal."""
    if device.cohort:
        return row.device, row.signal, device.cohort.signal
    signal = signal_of(row.signal)
    return (row.device, "", signal) if is_bed_subject(row.device) else ("", row.device, signal)


def _worst(change: LevelChange, explanation: Explanation) -> dict[str, Any]:
    """The worst value and its time, where there are values at all."""
    if explanation.value is None or change.worst != change.worst:
        return {}
    return {"worst": change.worst, "worst_at": round(change.worst_at * SECOND)}


def _transition(change: LevelChange) -> Transition:
    if change.before == 0:
        return Transition.RAISED
    if change.before == change.after:
        return Transition.UPDATED
    return Transition.CHANGED if change.after else Transition.CLEARED
