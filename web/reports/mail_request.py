"""The request to mail a report, as an action of the log: `alerts` queues it in its outbox, once by the action's id."""

from ward.action import Action, ActionType, Report
from ward.clock import SECOND, Micros
from web.reports.mail_text import MailText

# Whoever asks for the mails of reports at the set times.
WARDWATCH = "wardwatch"
# A report that was not queued so long after it was asked for is not news any more.
_LASTS = 2 * 3600 * SECOND


def report_action(id_: str, subject: str, by: str, receivers: tuple[str, ...], mail: MailText, now: Micros) -> Action:
    """The action; `subject` is what the report is about, as in `web.reports.handover.handover_subject`."""
    report = Report(
        receivers=receivers, subject=mail.subject, body=mail.body, short=mail.short, until=now + _LASTS
    )  # fmt: skip
    return Action(id=id_, type=ActionType.REPORT, subject=subject, by=by, at=now, report=report)
