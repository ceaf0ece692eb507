"""How many alerts another system may post: by number and by rate."""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ward.alert import EXTERNAL, SENDER, alert_labels, fingerprint
from ward.clock import Micros
from ward.config.alerting import Alerting
from ward.finding import Finding, Kind, Transition
from web.api import refusals
from web.dependencies import Dependencies

MAX_SENDERS = 1000
_MINUTE = 60.0
# Seconds after which an accepted alert is among the active ones of the log, or was refused by `alerts`.
_KNOWN_AFTER = 10.0


class Admission(NamedTuple):
    """The findings of a request that are written; how many are not taken, why, and when to try again (seconds)."""

    taken: list[tuple[str, Finding]]
    left: int = 0
    why: str = ""
    retry_after: int = 0


@dataclass(slots=True)
class _Sender:
    """`allowed` alerts may be posted at `at` (monotonic). `accepted` has when the newest ones were, by fingerprint."""

    allowed: float
    at: float
    accepted: dict[str, float] = field(default_factory=dict)


class SenderLimits:
    """Admits at most `external_rate` alerts a minute of a sender, and at most `external_limit` active ones.

    The most urgent of a request come first. What a sender has active already may change and end beyond the number. The
    program `alerts` has the last word on the number, since several processes may accept alerts; of those that are left,
    one is passed on to it, so that its alert `sender-limit` says so. Any thread may call `admit`.
    """

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._lock = threading.Lock()
        self._senders: dict[str, _Sender] = {}

    def __len__(self) -> int:
        """How many senders are remembered."""
        return len(self._senders)

    def admit(self, sender: str, findings: Sequence[tuple[str, Finding]]) -> Admission:
        """Which of the findings of one request are taken. They keep their order."""
        alerting, now = self._deps.live.config.alerting, self._deps.clock.monotonic()
        with self._lock:
            known = self._sender(sender, alerting, now)
            urgent_first = sorted(range(len(findings)), key=lambda n: _urgency(findings[n][1]))
            in_rate = urgent_first[: int(known.allowed)]
            taken, passed_on = self._in_number(known, sender, [(n, findings[n][1]) for n in in_rate], alerting, now)
            known.allowed -= len(taken) + len(passed_on)
            left = len(findings) - len(taken)
            slow = len(in_rate) < len(findings)
            wait = math.ceil((len(findings) - len(in_rate)) * _MINUTE / alerting.external_rate) if slow else 60
        chosen = [findings[n] for n in sorted({*taken, *passed_on})]
        why = _too_fast(alerting) if slow else _too_many(alerting)
        return Admission(chosen, left, why, max(1, min(60, wait))) if left else Admission(chosen)

    def _sender(self, name: str, alerting: Alerting, now: float) -> _Sender:
        known = self._senders.pop(name, None) or _Sender(alerting.external_rate, now)
        self._senders[name] = known  # the last one that posted is the last one to be forgotten
        while len(self._senders) > MAX_SENDERS:
            del self._senders[next(iter(self._senders))]
        gained = max(0.0, now - known.at) * alerting.external_rate / _MINUTE
        known.allowed, known.at = min(alerting.external_rate, known.allowed + gained), now
        known.accepted = {key: at for key, at in known.accepted.items() if now - at < _KNOWN_AFTER}
        return known

    def _in_number(
        self, known: _Sender, sender: str, findings: Sequence[tuple[int, Finding]], alerting: Alerting, now: float
    ) -> tuple[list[int], list[int]]:
        """The numbers of the findings that are taken; and of one that is passed on although it is not."""
        for _, finding in findings:
            if finding.transition is Transition.CLEARED:
                known.accepted.pop(fingerprint(alert_labels(finding)), None)
        raised = {n: fingerprint(alert_labels(f)) for n, f in findings if f.transition is Transition.RAISED}
        with self._deps.model.lock:
            alerts = [alert for alert in self._deps.model.alerts if alert.active]
        own = [alert for alert in alerts if alert.source == EXTERNAL and alert.annotations.get(SENDER, "") == sender]
        if len(own) + len(known.accepted) + len(set(raised.values())) <= alerting.external_limit:
            known.accepted |= dict.fromkeys(raised.values(), now)
            return [n for n, _ in findings], []
        active = {alert.fingerprint for alert in own} | known.accepted.keys()
        of_others = {alert.fingerprint for alert in alerts} - active
        taken, beyond = [], []
        for n, _ in findings:
            key = raised.get(n)
            if key is not None and key not in active and key not in of_others:
                if len(active) >= alerting.external_limit:
                    beyond.append(n)
                    continue
                active.add(key)
                known.accepted[key] = now
            taken.append(n)
        return taken, beyond[:1]


def _urgency(finding: Finding) -> tuple[int, bool, Micros]:
    return -finding.severity.rank, finding.kind is not Kind.PHYSIOLOGICAL, finding.onset


def _too_many(alerting: Alerting) -> str:
    return refusals.SENDER_TOO_MANY(limit=alerting.external_limit)


def _too_fast(alerting: Alerting) -> str:
    return refusals.SENDER_TOO_FAST(rate=alerting.external_rate)
