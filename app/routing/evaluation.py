"""The answer to *who would be told*: the labels, the ways, the silence around them, and a verdict."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from app.routing.hypothetical_alert import derived_labels, hypothetical_alert, unknown_values
from app.routing.route_explain import RouteResult, inhibitions, matched_routes
from ward.alert import Alert
from ward.clock import Micros
from ward.config.config import Config
from ward.ids import printable


@dataclass(frozen=True)
class RoutingEvaluation:
    """`hushed` is what keeps it quiet now; None when nobody was asked. `want` is who should be told."""

    alert: Alert
    ways: Sequence[RouteResult]
    notes: Sequence[tuple[str, str]]
    want: Sequence[str] = ()
    hushed: Sequence[str] | None = None

    @property
    def told(self) -> list[str]:
        """The receivers that are told."""
        return [] if self.hushed else list(dict.fromkeys(name for way in self.ways for name in way.reached))

    @property
    def later(self) -> list[str]:
        """Those an escalation reaches besides."""
        found = dict.fromkeys(name for way in self.ways for name in way.later)
        return [] if self.hushed else [name for name in found if name not in self.told]

    @property
    def passed(self) -> bool:
        return bool(self.told or self.later) and (not self.want or set(self.told) == set(self.want))

    def hushed_by(self, why: Sequence[str]) -> "RoutingEvaluation":
        """The answer with what keeps such an alert quiet now."""
        return replace(self, hushed=tuple(why))

    def lines(self) -> Iterator[str]:
        """All of it, aligned."""
        shown = ", ".join(f'{name}="{value}"' for name, value in sorted(self.alert.labels.items()))
        said = [("alert", f"{{{shown}}}"), *self.notes]
        for way in self.ways:
            said += way.lines()
        said += [("inhibited", text) for text in inhibitions(self.ways[0].alerting, self.alert.labels)]
        if self.hushed is not None:
            said += [("quiet now", text) for text in self.hushed] or [("quiet now", "no silence and no other alert")]
        said.append(("so", self._verdict()))
        yield from (f"{name:<11}{printable(text, 1000)}" for name, text in said)

    def _verdict(self) -> str:
        if self.hushed:
            return "nobody would be told now"
        if not self.told and not self.later:
            bare = any("(no address)" in text for way in self.ways for _, text in way.lines())
            return f"nobody would be told: {'the channels have no address' if bare else 'the screen alone shows it'}"
        later = f"; while nobody has it, later: {', '.join(self.later)}" if self.later else ""
        wanted = "" if self.passed else f"; wanted: {', '.join(self.want)}"
        return f"told: {', '.join(self.told) or 'nobody at once'}{later}{wanted}"


def evaluate_routing(
    config: Config, labels: Mapping[str, str], now: Micros, *, exact: bool = False, want: Sequence[str] = ()
) -> RoutingEvaluation:
    """Who would be told of an alert with these labels."""
    notes = [("warning", doubt) for doubt in unknown_values(labels, config)]
    whole = dict(labels)
    for name, value, why in [] if exact else derived_labels(labels, config, now):
        if value and name not in whole:
            whole[name] = value
            notes.append(("filled in", f"{name}={value}, from {why}"))
    alert = hypothetical_alert(whole, now)
    return RoutingEvaluation(alert, matched_routes(config.alerting, alert), notes, want)
