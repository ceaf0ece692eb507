"""Reports that were asked for, folded from the log of actions."""

from typing import NamedTuple

from ward.action import Action, ActionType
from ward.clock import Micros

_MOST = 1000


class SentReport(NamedTuple):
    """A report: the id of its action, what it is about, when it was asked for, by whom and for which receivers."""

    id: str
    subject: str
    at: Micros
    by: str
    receivers: tuple[str, ...]


class ReportIndex:
    """The newest reports by the id of their action."""

    def __init__(self) -> None:
        self._reports: dict[str, SentReport] = {}

    def apply(self, action: Action) -> None:
        """Apply an action of the log. Applying it twice changes nothing."""
        if action.type is ActionType.REPORT and action.report is not None and action.id not in self._reports:
            self._reports[action.id] = SentReport(
                action.id, action.subject, action.at, action.by, action.report.receivers
            )
            while len(self._reports) > _MOST:
                del self._reports[next(iter(self._reports))]

    def has(self, action: str) -> bool:
        """Whether an action with this id is in the log."""
        return action in self._reports

    def of(self, subject: str) -> list[SentReport]:
        """The reports about a subject, oldest first."""
        return [report for report in self._reports.values() if report.subject == subject]
