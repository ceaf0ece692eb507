"""The test of a channel that is under way, or was a short time ago."""

import msgspec

from ward.channel_test import ChannelTestResult
from ward.clock import Micros


class QueuedTest(msgspec.Struct, frozen=True, kw_only=True):
    """A test on one channel: the key of its message, the id of its action, when it came (steady time), and the result
    that was published last."""

    key: str
    action: str
    at: Micros
    result: ChannelTestResult

    @property
    def id(self) -> str:
        """The id of its record: one action may test several channels."""
        return f"{self.action} {self.result.channel}"
