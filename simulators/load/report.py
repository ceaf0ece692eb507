"""The report of a load test."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoadReport:
    """Counts of readings. `seconds` is how long sending took, `waited` the wait for the last acknowledgement.

    `confirmed` have a PUBACK: the broker has accepted them. `acknowledged` have the bridge's
    acknowledgement: they are durable in the log.
    """

    requested: int
    sent: int
    confirmed: int
    acknowledged: int
    seconds: float
    waited: float

    @property
    def rate(self) -> float:
        """Readings sent per second."""
        return self.sent / self.seconds if self.seconds > 0 else 0.0

    @property
    def shortfall(self) -> int:
        """How many could not be sent within the time."""
        return self.requested - self.sent

    @property
    def kept_up(self) -> bool:
        """Whether all readings were sent and are durable."""
        return self.shortfall == 0 and self.acknowledged == self.sent

    def lines(self) -> list[str]:
        """The report as lines of text."""
        share = 100 * self.sent / self.requested if self.requested else 100.0
        return [
            f"requested     {self.requested:>10,}",
            f"sent          {self.sent:>10,}  {share:.1f} %, {self.rate:,.0f} a second for {self.seconds:.1f} s",
            f"shortfall     {self.shortfall:>10,}",
            f"PUBACK        {self.confirmed:>10,}  accepted by the broker",
            f"acknowledged  {self.acknowledged:>10,}  durable, {self.waited:.1f} s after the last was sent",
            f"unacknowledged{self.sent - self.acknowledged:>10,}",
        ]
