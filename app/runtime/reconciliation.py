"""What became of everything in a run: nothing is dropped in silence, so the counters must add up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simulators.device_client.client import DeliveryCounts
from simulators.live.logger_source import LoggerCounts

Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Reconciliation:
    """The counters of a run. `faults` says what does not add up; empty when all does."""

    monitors: DeliveryCounts
    loggers: LoggerCounts
    numbers: Numbers

    def total(self, name: str, **labels: str) -> int:
        """The sum of a metric over all its labels but those given."""
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
        """Different readings that devices have sent, in this run or with what was left of an earlier one."""
        return self.monitors.measured + self.monitors.found - self.monitors.kept + self.loggers.sent

    @property
    def accepted(self) -> int:
        """Readings in the log, less what the broker and devices say of themselves, and less our own canaries."""
        status = self.total("wardwatch_bridge_readings_flagged_total", flag="status")
        return (
            self.total("wardwatch_bridge_readings_accepted_total")
            - status
            - self.total("wardwatch_canary_readings_received_total")
        )

    def faults(self) -> list[str]:
        """What does not add up, a sentence each."""
        return [words for holds, words in self._laws() if not holds]

    def _laws(self) -> Iterator[tuple[bool, str]]:
        received = self.total("wardwatch_bridge_readings_received_total")
        accepted = self.total("wardwatch_bridge_readings_accepted_total")
        doubles = self.total("wardwatch_bridge_readings_duplicate_total")
        refused = self.total("wardwatch_messages_quarantined_total", stage="intake")
        stored = self.total("wardwatch_archive_records_stored_total", topic="ward.readings")
        found = self.total("wardwatch_findings_total")
        kept = self.total("wardwatch_archive_records_stored_total", topic="ward.findings")
        waiting = self.total("wardwatch_outbox_notifications")
        yield self.monitors.balanced, "monitors have lost count of their readings"
        yield self.monitors.kept == 0, f"{self.monitors.kept} readings were never acknowledged to their monitors"
        yield self.monitors.overwritten == 0, f"{self.monitors.overwritten} readings were overwritten in monitors"
        yield (
            received == accepted + doubles + refused,
            (f"{received} readings received, but {accepted} accepted, {doubles} deduplicated, {refused} quarantined"),
        )
        # A reading of an earlier run whose acknowledgement was lost comes again, and is a repeat.
        missing = self.sent - self.accepted - refused
        yield 0 <= missing <= doubles, f"{self.sent} readings sent, but {self.accepted} accepted"
        yield stored >= accepted, f"{accepted} readings accepted, but {stored} stored"
        yield kept >= found, f"{found} findings, but {kept} stored"
        yield waiting == 0, f"{waiting} notices still wait for their channels"

    def lines(self) -> Iterator[str]:
        """The whole account, for people."""
        monitors, total = self.monitors, self.total
        yield (
            f"readings       {self.sent} sent ({monitors.acknowledged} by monitors and all acknowledged to them, "
            f"{self.loggers.sent} by loggers)"
            if not monitors.kept
            else f"readings       {self.sent} sent, {monitors.kept} not acknowledged"
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
            f"{total('wardwatch_messages_quarantined_total', stage='archive')} points set aside"
        )
        yield (
            f"findings       {total('wardwatch_findings_total')} "
            f"({total('wardwatch_findings_total', edge='raised')} raised, "
            f"{total('wardwatch_findings_total', edge='cleared')} cleared)"
        )
        yield (
            f"alerts         {total('wardwatch_alerts_total', event='begun')} begun, "
            f"{total('wardwatch_alerts_total', event='ended')} ended, {total('wardwatch_alerts_active')} active"
        )
        yield (
            f"notifications  {total('wardwatch_notification_attempts_total', result='delivered')} delivered, "
            f"{total('wardwatch_notification_attempts_total', result='failed')} attempts failed, "
            f"{total('wardwatch_outbox_notifications')} waiting"
        )
