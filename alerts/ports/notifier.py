"""The port for sending messages to the recipients of one URL of a channel."""

from collections.abc import Callable, Collection, Iterator
from typing import Protocol

from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import DeliveryResult


class Notifier(Protocol):
    """Sends messages to the recipients of one URL, and keeps connections open between messages.

    Several threads may call it at one time. A call may take long or hang: run it in a process that can be killed.
    """

    @property
    def recipients(self) -> tuple[str, ...]:
        """The names of all recipients, without secrets."""
        ...

    def send(self, message: ChannelMessage, recipients: Collection[str]) -> Iterator[tuple[str, DeliveryResult]]:
        """Send a message to some of the recipients. Yields each result as soon as it is known."""
        ...

    def close(self) -> None:
        """Close the connections that no message uses."""
        ...


# Name of the channel, the number of the URL in it and the URL → its notifier. Must be picklable: it is called in
# another process.
MakeNotifier = Callable[[str, int, str], Notifier]
