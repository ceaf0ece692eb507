"""Receivers with a schedule, as the people on call at one instant."""

from msgspec import structs

from alerts.model.route_match import RouteMatch
from ward.clock import Micros
from ward.config.alerting import Alerting
from ward.config.schedules import Recipient, recipients


class OnCall:
    """Who is on call at one instant by one config. Schedules are read when an alert is routed by them."""

    def __init__(self, alerting: Alerting, at: Micros) -> None:
        self._alerting = alerting
        self._at = at
        self._known: dict[str, tuple[Recipient, ...]] = {}

    def people(self, match: RouteMatch) -> tuple[RouteMatch, ...]:
        """A route to a receiver as one to each person on call; any other as it is."""
        if not match.on_call:
            return (match,)
        labels = match.group.removeprefix(match.receiver)
        return tuple(
            structs.replace(match, receiver=person.name, channels=person.channels, group=f"{person.name}{labels}")
            for person in self._recipients(match.on_call)
        )

    def is_off(self, match: RouteMatch) -> bool:
        """Whether the route is to somebody who is not on call any more."""
        return bool(match.on_call) and match.receiver not in {who.name for who in self._recipients(match.on_call)}

    def quiet_off_call(self, match: RouteMatch) -> RouteMatch:
        """The route without ends, where it is to somebody who is not on call any more."""
        return structs.replace(match, send_resolved=False) if self.is_off(match) else match

    def _recipients(self, name: str) -> tuple[Recipient, ...]:
        if name not in self._known:
            found = (recipients(self._alerting, r, self._at) for r in self._alerting.receivers if r.name == name)
            self._known[name] = next(found, ())
        return self._known[name]
