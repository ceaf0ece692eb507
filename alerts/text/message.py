"""A notice in words: the subject first, then what a nurse needs on a phone at three in the morning. Plain text only."""

from collections.abc import Iterator, Sequence

from alerts.self_monitoring.delivery_alerts import REBUILT
from alerts.stages.batch import Member
from alerts.text import annotations
from alerts.text.places import place, places
from alerts.text.text_limits import cut, plain
from alerts.tracking.tracked_alert import LastNotification, TrackedAlert
from ward.alert import Alert
from ward.clock import SECOND, Micros, format_span
from ward.config.config import Config
from ward.finding import End, Kind, Severity
from ward.ids import printable
from ward.reason import Reason

MOST_LINES = 40
LONGEST_SUBJECT = 200
OVER = {
    End.RECOVERED: "ENDED (recovered)",
    End.DISCHARGED: "ENDED (discharged)",
    End.SUPERSEDED: "ENDED (superseded)",
    End.SIGNAL_LOST: "SIGNAL LOST (not known to be over)",
    End.RULE_CHANGED: "NO LONGER JUDGED (rule changed)",
    End.PAUSED: "NO LONGER WATCHED (paused)",
}
News = tuple[Member, Reason]


class MessageWriter:
    """Writes notices with the names and the time zone of a config, at one instant of the wall clock."""

    def __init__(self, config: Config, wall: Micros, steady: Micros) -> None:
        self._config = config
        self._zone = config.alerting.timezone
        self._wall = wall
        self._steady = steady

    def headline(self, case: TrackedAlert, reason: Reason | None = None, said: LastNotification | None = None) -> str:
        """`HIGH ICU bed 7: SpO2 84 % < 88 for 15 s`, and after it what is special about it now."""
        alert = case.alert
        head = OVER[alert.ended or End.RECOVERED] if not alert.active else str(alert.severity).upper()
        if reason is Reason.LOST:
            head = f"SIGNAL LOST, not over: {head}"
        notes = "".join(f" ({note})" for note in self._notes(case, reason, said))
        return printable(f"{head} {alert.annotations.get('summary', alert.id)}{notes}", annotations.LONGEST)

    def _notes(self, case: TrackedAlert, reason: Reason | None, said: LastNotification | None) -> Iterator[str]:
        alert = case.alert
        if reason in (Reason.WORSE, Reason.MILDER) and said is not None:
            yield f"was {Severity.of_rank(said.rank)}"
        if reason in (Reason.AGAIN, Reason.FURTHER):
            yield f"nobody has it for {format_span((self._steady - case.unowned) / SECOND)}"
        if alert.late:
            yield annotations.late(alert)
        if alert.latched is not None and alert.source != REBUILT:
            yield f"{annotations.ENDS[alert.latched]}; stays until acknowledged"
        elif alert.lost_since is not None:
            yield annotations.lost(alert.lost_since, self._wall, self._zone)

    def subject(self, news: Sequence[News]) -> str:
        """The most severe news in one line, and how many more there are."""
        first, reason = news[0]
        line = self.headline(first.item.case, reason, first.item.case.told.get(first.path.receiver))
        if len(news) == 1:
            return printable(line, LONGEST_SUBJECT)
        return printable(self._storm(news) or f"{line} and {len(news) - 1} more", LONGEST_SUBJECT)

    def _storm(self, news: Sequence[News]) -> str:
        """`MEDIUM Intensive care: 40 times device-silent: ICU beds 1, 2, 3, … and 30 more`, for what fails together."""
        alerts = [member.item.case.alert for member, _ in news]
        kinds = {(a.labels.get("alertname", ""), a.labels.get("ward", ""), a.kind, a.ended) for a in alerts}
        name, ward, kind, ended = kinds.pop()
        if len(alerts) < 3 or kinds or kind is not Kind.TECHNICAL:
            return ""
        known = self._config.inventory.wards.get(ward)
        where = f"{known.name if known else ward}: " if ward else ""
        names = [place(alert, self._config.inventory) for alert in alerts]
        if not all(names):
            return ""
        head = str(alerts[0].severity).upper() if ended is None else OVER[ended]
        return f"{head} {where}{len(alerts)} times {name}: {places(names)}"

    def single(self, case: TrackedAlert, reason: Reason, said: LastNotification | None) -> str:
        """The body for one alert."""
        alert = case.alert
        lines = [self.headline(case, reason, said), "", *self._facts(case), ""]
        lines += [f"What to do: {alert.annotations['runbook_url']}"] if "runbook_url" in alert.annotations else []
        lines += [f"{'Acknowledge' if alert.active else 'See'}: {self._link(alert)}", f"Why this: {reason}"]
        return text(lines)

    def digest(self, news: Sequence[News], also: Sequence[Member]) -> str:
        """The body for a group: news first, a line each where they fail together, then what is still active."""
        lines: list[str] = []
        storm = self._storm(news) != ""
        for member, reason in news[:MOST_LINES]:
            case = member.item.case
            lines.append(self.headline(case, reason, case.told.get(member.path.receiver)))
            lines += [] if storm else [*self._brief(case), ""]
        lines += [f"… and {len(news) - MOST_LINES} more"] if len(news) > MOST_LINES else []
        lines += [""] if lines[-1] else []
        if also:
            lines += ["Still active:", *(self._still(m.item.case) for m in also[:MOST_LINES])]
            lines += [f"… and {len(also) - MOST_LINES} more"] if len(also) > MOST_LINES else []
            lines.append("")
        lines.append(f"All of them: {annotations.page(self._config.alerting.external_url)}")
        return text(lines)

    def _facts(self, case: TrackedAlert) -> Iterator[str]:
        alert, said = case.alert, case.alert.annotations
        if "value" in said:
            yield f"Value {said['value']}" + (f", limit {said['limit']}" if "limit" in said else "")
        span = format_span(((alert.ends_at or self._wall) - alert.starts_at) / SECOND)
        yield f"Since {annotations.local(alert.starts_at, self._zone, self._wall)}, for {span}"
        if "ended" in said:
            yield said["ended"].capitalize()
        if alert.ack is not None:
            note = f": {alert.ack.note}" if alert.ack.note else ""
            yield f"Acknowledged by {alert.ack.by} at {annotations.local(alert.ack.at, self._zone, self._wall)}{note}"
        for name, label in (("Patient", "patient_id"), ("Device", "device_id"), ("Ward", "ward")):
            if label in alert.labels:
                yield f"{name} {alert.labels[label]}"
        yield f"Rule {said.get('rule', alert.labels.get('alertname', ''))}, config {said.get('config') or 'not ours'}"
        if "override" in said:
            yield f"Limits of its own: {said['override']}"

    def _brief(self, case: TrackedAlert) -> Iterator[str]:
        alert = case.alert
        yield f"  since {annotations.local(alert.starts_at, self._zone, self._wall)}"
        if "ended" in alert.annotations:
            yield f"  {alert.annotations['ended']}"
        if alert.active:
            yield f"  acknowledge: {self._link(alert)}"

    def _still(self, case: TrackedAlert) -> str:
        ack = case.alert.ack
        return self.headline(case) + (f" (acknowledged by {ack.by})" if ack else "")

    def _link(self, alert: Alert) -> str:
        return annotations.page(self._config.alerting.external_url, alert.labels.get("bed", ""), alert.id)

    def short(self, case: TrackedAlert, subject: str, key: str, limit: int) -> tuple[str, str]:
        """Subject and body that fit into `limit` characters with all that is put around them, the most needed first."""
        room = max(0, limit - around(key))
        subject = cut(plain(subject), room)
        body = ""
        for part in (
            f"since {annotations.local(case.alert.starts_at, self._zone, self._wall)}",
            self._link(case.alert),
        ):
            longer = f"{body} {plain(part)}".strip()
            if len(subject) + len(longer) <= room:
                body = longer
        return subject, body


def around(key: str) -> int:
    """How many characters a notifier needs beyond subject and body: the line break, and the key at the end."""
    return len(f"\r\n\n\nkey: {key}")


def text(lines: Sequence[str]) -> str:
    """Lines as a body: nothing in them but what can be printed."""
    return "\n".join(printable(line, 2 * annotations.LONGEST) for line in lines)
