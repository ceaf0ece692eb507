"""The pages of reports. They are made whole on the server: a printed page is what it was at one instant."""

from fastapi import FastAPI, Query, Response

from ward.clock import Micros
from ward.config.shift import shift_at, shift_before
from web.api.alarm_load import AlarmLoads
from web.api.handover import Handovers
from web.dependencies import Dependencies
from web.pages.screens import Screens
from web.presentation.instants import rfc3339
from web.reports.alarm_load_text import budget_line, load_facts, noisiest_line
from web.reports.handover import nothing_to_say
from web.reports.handover_text import (
    bed_heading,
    bed_sections,
    counts_line,
    quiet_line,
    values_line,
    ward_sections,
)
from web.reports.times import ReportTimes


class ReportPages:
    """`/handover` and `/alarm-load`."""

    def __init__(self, deps: Dependencies, screens: Screens, handovers: Handovers, loads: AlarmLoads) -> None:
        self._deps = deps
        self._screens = screens
        self._handovers = handovers
        self._loads = loads

    def serve(self, app: FastAPI) -> None:
        """Add the pages to an application."""
        app.add_api_route("/handover", self._handover, include_in_schema=False)
        app.add_api_route("/alarm-load", self._alarm_load, include_in_schema=False)

    async def _handover(
        self, ward: str = "", shift: str = "", start: str = Query("", alias="from"), end: str = Query("", alias="to")
    ) -> Response:
        span = self._handovers.span(shift, start, end)
        report = await self._handovers.handover(self._handovers.ward(ward), span)
        times = self._times(self._deps.clock.now())
        beds = [
            {"id": bed["bed"], "heading": bed_heading(bed, times), "now": values_line(bed),
             "sections": bed_sections(bed, times)}
            for bed in report["beds"] if not nothing_to_say(bed)
        ]  # fmt: skip
        receivers = self._deps.live.config.alerting.handover.receivers
        return self._screens.page("handover", {
            "title": "Handover", "report": report, "times": times, "counts": counts_line(report), "beds": beds,
            "sections": ward_sections(report, times), "quiet": quiet_line(report["beds"]), "receivers": receivers,
            "shifts": self._shifts(), "span_chosen": shift or ("" if start or end else self._chosen(span.end)),
            "advice": "Advisory: look at the patients.",
        })  # fmt: skip

    async def _alarm_load(
        self, ward: str = "", start: str = Query("", alias="from"), end: str = Query("", alias="to")
    ) -> Response:
        load = await self._loads.load(ward, start, end)
        return self._screens.page("alarm-load", {
            "title": "Alarm load", "load": load, "times": self._times(self._deps.clock.now()),
            "facts": load_facts(load), "budget": budget_line(load), "noisiest": noisiest_line(load),
        })  # fmt: skip

    def _shifts(self) -> list[tuple[str, str, str]]:
        """For each shift that can be chosen: its parameter, its name, and when it is."""
        alerting, now = self._deps.live.config.alerting, self._deps.clock.now()
        times = self._times(now)
        current = shift_at(alerting.handover.shifts, alerting.timezone, now)
        last = shift_before(alerting.handover.shifts, alerting.timezone, now)
        return [
            ("current", f"this shift ({current.name})", f"since {times.at(current.start)}"),
            ("last", f"last shift ({last.name})", times.span(rfc3339(last.start), rfc3339(last.end))),
        ]

    def _chosen(self, end: Micros) -> str:
        return "current" if end > self._deps.clock.now() else "last"

    def _times(self, now: Micros) -> ReportTimes:
        return ReportTimes(self._deps.live.config.alerting.timezone, now)
