"""What came of a load."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What was asked for and what became of it, in readings; `seconds` is how long sending took.

    `confirmed` have a PUBACK, which says that the broker took them; `acknowledged` have the device's
    own acknowledgement, which says that they are durable in the log. The rest is named, not hidden.
    """

    asked: int
    sent: int
    confirmed: int
    acknowledged: int
    seconds: float
    waited: float

    @property
    def rate(self) -> float:
        """Readings sent in a second."""
        return self.sent / self.seconds if self.seconds > 0 else 0.0

    @property
    def shortfall(self) -> int:
        """How many could not be sent in their time."""
        return self.asked - self.sent

    @property
    def kept_up(self) -> bool:
        """Whether all was sent, and all that was sent is durable."""
        return self.shortfall == 0 and self.acknowledged == self.sent

    def lines(self) -> list[str]:
        """For people."""
        share = 100 * self.sent / self.asked if self.asked else 100.0
        return [
            f"asked         {self.asked:>10,}",
            f"sent          {self.sent:>10,}  {share:.1f} %, {self.rate:,.0f} a second for {self.seconds:.1f} s",
            f"shortfall     {self.shortfall:>10,}",
            f"PUBACK        {self.confirmed:>10,}  taken by the broker",
            f"acknowledged  {self.acknowledged:>10,}  durable, {self.waited:.1f} s after the last was sent",
            f"open          {self.sent - self.acknowledged:>10,}",
        ]
