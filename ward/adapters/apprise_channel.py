"""A channel to people by apprise: plain text, one result a service, no redirects followed."""

from collections.abc import Sequence

from ward.errors import SettingsError
from ward.ports import Delivery, Notice


class AppriseChannel:
    """All services of a channel. A notice counts as delivered only when every one of them took it."""

    def __init__(self, name: str, urls: Sequence[str]) -> None:
        import apprise

        self._apprise = apprise.Apprise()
        for number, url in enumerate(urls, 1):
            if not self._apprise.add(url):
                raise SettingsError(f"channel {name}: URL number {number} is none apprise knows")

    def send(self, notice: Notice) -> Delivery:
        result = self._apprise.notify(
            title=notice.subject, body=f"{notice.body}\n\nkey: {notice.key}", body_format="text"
        )
        return Delivery(delivered=bool(result), detail="" if result else str(result))
