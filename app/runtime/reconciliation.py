"""Checks that the counters of a run add up: every reading is accounted for, none is dropped without a count."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simulators.device_client.client import DeliveryCounts
from simulators.live.logger_source import LoggerCounts

Numbers = Mapping[str, float]
VALUES = "wardwatch_bridge_values_accepted_total"


@dataclass(frozen=True)
class Reconciliation:
    """The counters of a run, and how many values of each signal are in the store from it.

    `faults` lists what does not add up; empty when everything does.
    """

    monitors: DeliveryCounts
    loggers: LoggerCounts
    numbers: Numbers
    stored: Mapping[str, int]

    def total(self, name: str, **labels: str) -> int:
        """The sum of a metric over all series that have the labels given."""
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        return round(
            sum(
                value
                for key, value in self.numbers.items()
                if key.partition("{")[0] == name and all(word in key for word in wanted)
            )
        )

    @property
    def sent(self) -> int:
        """Distinct readings that devices have sent in this run, those left over from an earlier run included."""
        return self.monitors.measured + self.monitors.recovered - self.monitors.buffered + self.loggers.sent

    @property
    def accepted(self) -> int:
        """Readings in the log, without status messages of devices and the broker, and without canary readings."""
        status = self.total("wardwatch_bridge_readings_flagged_total", flag="status")
        return (
            self.total("wardwatch_bridge_readings_accepted_total")
            - status
            - self.total("wardwatch_canary_readings_received_total")
        )

    def faults(self) -> list[str]:
        """What does not add up, a sentence each."""
        return [text for passed, text in self._checks() if not passed]

    def _checks(self) -> Iterator[tuple[bool, str]]:
        received = self.total("wardwatch_bridge_readings_received_total")
        accepted = self.total("wardwatch_bridge_readings_accepted_total")
        duplicates = self.total("wardwatch_bridge_readings_duplicate_total")
        refused = self.total("wardwatch_messages_quarantined_total", stage="intake")
        stored = self.total("wardwatch_archive_records_stored_total", topic="ward.readings")
        found = self.total("wardwatch_findings_total")
        stored_findings = self.total("wardwatch_archive_records_stored_total", topic="ward.findings")
        waiting = self.total("wardwatch_outbox_notifications")
        yield self.monitors.balanced, "the counters of the monitors do not add up"
        yield (
            self.monitors.buffered == 0,
            f"{self.monitors.buffered} readings were never acknowledged to their monitors",
        )
        yield self.monitors.overwritten == 0, f"{self.monitors.overwritten} readings were overwritten in monitors"
        yield (
            received == accepted + duplicates + refused,
            f"{received} readings received, but {accepted} accepted, {duplicates} deduplicated, {refused} quarantined",
        )
        # A reading of an earlier run whose acknowledgement was lost is sent again and counts as a duplicate.
        missing = self.sent - self.accepted - refused
        yield 0 <= missing <= duplicates, f"{self.sent} readings sent, but {self.accepted} accepted"
        yield stored >= accepted, f"{accepted} readings accepted, but {stored} stored"
        yield from self._values()
        yield stored_findings >= found, f"{found} findings, but {stored_findings} stored"
        yield waiting == 0, f"{waiting} notifications still wait for their channels"

    def _values(self) -> Iterator[tuple[bool, str]]:
        """Whether each value that was accepted is there. What was set aside with a reason is missing rightly."""
        set_aside = self.total("wardwatch_messages_quarantined_total", stage="archive")
        for signal, there in self.stored.items():
            accepted = self.total(VALUES, signal=signal)
            yield there >= accepted or set_aside > 0, f"{accepted} values of {signal} accepted, but {there} are there"

    def lines(self) -> Iterator[str]:
        """The counters as lines of text, a line a stage."""
        monitors, total = self.monitors, self.total
        yield (
            f"readings       {self.sent} sent ({monitors.acknowledged} by monitors and all acknowledged to them, "
            f"{self.loggers.sent} by loggers)"
            if not monitors.buffered
            else f"readings       {self.sent} sent, {monitors.buffered} not acknowledged"
        )
        yield (
            f"bridge         {total('wardwatch_bridge_readings_received_total')} received = "
            f"{total('wardwatch_bridge_readings_accepted_total')} accepted "
            f"(of them {total('wardwatch_bridge_readings_flagged_total', flag='status')} status messages) + "
            f"{total('wardwatch_bridge_readings_duplicate_total')} deduplicated + "
            f"{total('wardwatch_messages_quarantined_total', stage='intake')} quarantined"
        )
        yield (
            f"store          {total('wardwatch_archive_records_stored_total', topic='ward.readings')} readings stored, "
            f"{sum(self.stored.values())} values there, "
            f"{total('wardwatch_messages_quarantined_total', stage='archive')} points set aside"
        )
        yield (
            f"findings       {total('wardwatch_findings_total')} "
            f"({total('wardwatch_findings_total', transition='raised')} raised, "
            f"{total('wardwatch_findings_total', transition='cleared')} cleared)"
        )
        yield (
            f"alerts         {total('wardwatch_alerts_total', event='started')} started, "
            f"{total('wardwatch_alerts_total', event='ended')} ended, {total('wardwatch_alerts_active')} active"
        )
        yield (
            f"notifications  {total('wardwatch_notification_attempts_total', result='delivered')} delivered, "
            f"{total('wardwatch_notification_attempts_total', result='failed')} attempts failed, "
            f"{total('wardwatch_outbox_notifications')} waiting"
        )
