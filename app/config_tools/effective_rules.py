"""The effective rules of one device: those for all devices, with the overrides that apply to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from detectors.base.derived_signals import DERIVED_SIGNALS, ONLINE
from ward.clock import Micros, format_instant, format_span
from ward.config.config import Config
from ward.config.rule import Override, ResolvedRule, Rule, split_settings
from ward.inventory import Place
from ward.signals import Catalogue, Signal

# Signals that the bridge adds for every device, whatever its kind is expected to send.
_ALWAYS = DERIVED_SIGNALS | {ONLINE}
_SIDES = {"high": ">", "low": "<"}


@dataclass(frozen=True)
class EffectiveRule:
    """One rule of one device: its signals, the resolved rule, and the overrides that apply, the most specific last."""

    rule: Rule
    signals: tuple[str, ...]
    resolved: ResolvedRule
    overrides: tuple[Override, ...]

    @property
    def signals_text(self) -> str:
        """The signals, in few words."""
        if len(self.signals) > 2:
            return f"{self.signals[0]} and {len(self.signals) - 1} more"
        return " and ".join(self.signals) or "the device"

    def condition(self, catalogue: Catalogue) -> str:
        """When it is raised: `> 130 MEDIUM, > 150 HIGH /min`, or the detector's own parameters."""
        settings = self.rule.merged(self.overrides)
        if self.rule.detector == "limits":
            return _limits(settings, catalogue.known(self.signals[0] if self.signals else ""))
        decision, params = split_settings(settings)
        bands = decision.get("severity", "medium")
        if isinstance(bands, str):
            bands = bands.upper()
        if isinstance(bands, Mapping):
            bands = ", ".join(f"{name.upper()} from {score:g}" for name, score in bands.items())
        shown = ", ".join(f"{key} {_plain(value)}" for key, value in params.items() if value is not None)
        return f"{self.rule.detector}{f' ({shown})' if shown else ''}: {bands}"

    @property
    def delay(self) -> str:
        """How long until it is raised."""
        return format_span(self.resolved.decision.for_)

    def end_condition(self, catalogue: Catalogue) -> str:
        """How long, and by how much, a value must be within its limit until the alert ends."""
        span, inside = (
            format_span(self.resolved.decision.keep_firing_for),
            self.rule.merged(self.overrides).get("hysteresis"),
        )
        if not inside:
            return span
        return f"{span}, {inside:g} {catalogue.known(''.join(self.signals[:1])).display}".rstrip() + " inside"

    @property
    def deciding_override(self) -> Override | None:
        """The override that decides, if any."""
        return self.overrides[-1] if self.overrides else None

    def changes(self, override: Override) -> str:
        """What an override changes: `medium 88 → 86`."""
        before = self.rule.merged(self.overrides[: self.overrides.index(override)])
        return ", ".join(f"{key} {_plain(before.get(key))} → {_plain(to)}" for key, to in override.set.items())


def effective_rules(config: Config, device: str, now: Micros, *, every: bool = False) -> Iterator[EffectiveRule]:
    """The rules that apply to a device, in the order of the config; with `every` also those of signals that it is not
    expected to send."""
    place = config.inventory.place(device, now)
    signals_sent = _ALWAYS | set(config.inventory.expected(device))
    for rule in config.rules:
        resolved = rule.resolve(device, place)
        signals = tuple(s for s in rule.reads if every or s in signals_sent)
        if resolved is not None and (signals or not rule.reads):
            yield EffectiveRule(rule, signals, resolved, overrides_for(rule, device, place))


def overrides_for(rule: Rule, device: str, place: Place) -> tuple[Override, ...]:
    """The overrides of a rule that apply to a device, the most specific last."""
    return tuple(
        sorted((o for o in rule.overrides if o.where.matches(device, place)), key=lambda o: o.where.specificity)
    )


def override_scope(override: Override) -> str:
    """To whom an override applies: `patient P-RCG9X`."""
    return " and ".join(f"{name} {', '.join(value)}" for name, value in override.where if value)


def override_reason(override: Override) -> str:
    """Why, by whom, and until when."""
    until = f", until {format_instant(override.until)}" if override.until is not None else ""
    by = f" ({override.by})" if override.by else ""
    return f"{override.why or 'no reason given'}{by}{until}"


def _limits(settings: Mapping[str, Any], signal: Signal) -> str:
    sign = _SIDES.get(str(settings.get("side")), "beyond")
    bands = [
        f"{sign} {settings[name]:g} {name.upper()}"
        for name in ("low", "medium", "high")
        if settings.get(name) is not None
    ]
    unit = f" {signal.display}" if signal.display else ""
    means = f", means of {_plain(settings['every'])}" if settings.get("every") else ""
    return f"{', '.join(bands)}{unit}{means}"


def _plain(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
