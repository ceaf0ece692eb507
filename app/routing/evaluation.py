"""Evaluates who would be notified of an alert: its labels, the matching routes, and what suppresses it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.api_client.channel_queries import RunningChannels
from app.routing.hypothetical_alert import derived_labels, hypothetical_alert, unknown_values
from app.routing.route_explain import RouteResult, inhibitions, matched_routes
from ward.alert import Alert
from ward.clock import Micros
from ward.config.config import Config
from ward.ids import printable


@dataclass(frozen=True)
class RoutingEvaluation:
    """`suppressed_by` is None when no running Wardwatch was asked; `want` are the expected receivers."""

    alert: Alert
    routes: Sequence[RouteResult]
    notes: Sequence[tuple[str, str]]
    want: Sequence[str] = ()
    suppressed_by: Sequence[str] | None = None

    @property
    def notified(self) -> list[str]:
        """The receivers that are notified at once."""
        return (
            [] if self.suppressed_by else list(dict.fromkeys(name for route in self.routes for name in route.reached))
        )

    @property
    def escalated_to(self) -> list[str]:
        """Further receivers that an escalation notifies."""
        found = dict.fromkeys(name for route in self.routes for name in route.escalated_to)
        return [] if self.suppressed_by else [name for name in found if name not in self.notified]

    @property
    def passed(self) -> bool:
        return bool(self.notified or self.escalated_to) and (not self.want or set(self.notified) == set(self.want))

    def with_suppression(self, why: Sequence[str]) -> "RoutingEvaluation":
        """The evaluation with what suppresses such an alert now."""
        return replace(self, suppressed_by=tuple(why))

    def lines(self) -> Iterator[str]:
        """The evaluation as aligned lines."""
        shown = ", ".join(f'{name}="{value}"' for name, value in sorted(self.alert.labels.items()))
        lines = [("alert", f"{{{shown}}}"), *self.notes]
        for route in self.routes:
            lines += route.lines()
        lines += [("inhibited", text) for text in inhibitions(self.routes[0].alerting, self.alert.labels)]
        if self.suppressed_by is not None:
            lines += [("suppressed", text) for text in self.suppressed_by] or [
                ("suppressed", "no: no silence and no other alert matches")
            ]
        lines.append(("result", self._result()))
        yield from (f"{name:<11}{printable(text, 1000)}" for name, text in lines)

    def data(self) -> dict[str, Any]:
        """The evaluation as JSON data."""
        return {
            "alert": dict(self.alert.labels),
            "notes": [{"kind": kind, "text": text} for kind, text in self.notes],
            "routes": [route.data() for route in self.routes],
            "inhibited": list(inhibitions(self.routes[0].alerting, self.alert.labels)),
            "suppressed": None if self.suppressed_by is None else list(self.suppressed_by),
            "notified": self.notified, "escalated_to": self.escalated_to, "passed": self.passed,
            "result": self._result(),
        }  # fmt: skip

    def _result(self) -> str:
        if self.suppressed_by:
            return "nobody would be notified now"
        if not self.notified and not self.escalated_to:
            return f"nobody would be notified: {self._why_nobody()}"
        later = f"; later, if not acknowledged: {', '.join(self.escalated_to)}" if self.escalated_to else ""
        wanted = "" if self.passed else f"; wanted: {', '.join(self.want)}"
        return f"notified: {', '.join(self.notified) or 'nobody at once'}{later}{wanted}"

    def _why_nobody(self) -> str:
        channels = ", ".join(dict.fromkeys(channel for route in self.routes for channel in route.unaddressed))
        if not channels:
            return "only the ward screen shows it"
        if self.suppressed_by is not None:
            return f"{channels} have no address in the running Wardwatch"
        return (
            f"{channels} have no address in the environment of this command; with --live a running Wardwatch is asked"
        )


def evaluate_routing(
    config: Config, labels: Mapping[str, str], now: Micros, *, exact: bool = False, want: Sequence[str] = (),
    running: RunningChannels | None = None,
) -> RoutingEvaluation:  # fmt: skip
    """Who would be notified of an alert with these labels. With `exact` no label is derived from the config.

    Which channels have an address is known by the `running` Wardwatch, else by the environment of this process.
    """
    notes = [("warning", text) for text in unknown_values(labels, config)]
    complete = dict(labels)
    for name, value, why in [] if exact else derived_labels(labels, config, now):
        if value and name not in complete:
            complete[name] = value
            notes.append(("derived", f"{name}={value}, from {why}"))
    alert = hypothetical_alert(complete, now)
    if running is not None and running.config != config.hash:
        notes.append(("warning", f"the running Wardwatch has config {running.config}, this is config {config.hash}"))
    known = {channel.name: channel.has_url for channel in config.alerting.channels}
    if running is not None:
        known |= running.addresses
    addressed = [name for name, has_address in known.items() if has_address]
    return RoutingEvaluation(alert, matched_routes(config.alerting, alert, addressed), notes, want)
