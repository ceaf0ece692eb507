"""The port for sending messages on one channel."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from alerts.model.channel_message import ChannelMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """What became of a message: `delivered` when *every* service of the channel took it, else `detail` says why."""

    delivered: bool
    detail: str = ""


class Notifier(Protocol):
    """Sends messages to one channel. A call may take long or hang: run it in a process that can be killed."""

    def send(self, message: ChannelMessage) -> DeliveryResult: ...


# Name of the channel and its URLs → its notifier. Must be picklable: it is called in another process.
MakeNotifier = Callable[[str, Sequence[str]], Notifier]
