"""A rule: which detector evaluates which series, with which parameters, and when its score becomes a finding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from ward.clock import Micros
from ward.config.base_model import ConfigModel, Seconds, TextList
from ward.config.model_file import MODEL
from ward.finding import Kind, Severity
from ward.inventory import Place

# What the values of a rule are of: one device; a patient in a bed, whatever devices stand there; or a cohort, which is
# all devices of a kind, in a ward or everywhere.
Scope = Literal["device", "bed", "cohort"]
CohortExtent = Literal["ward", "everywhere"]


class Match(ConfigModel):
    """Which series a rule or an override applies to: each given field must match; without any, all series match."""

    ward: TextList = Field((), description="ids of wards")
    device_kind: TextList = Field((), description="device kinds")
    bed: TextList = Field((), description="ids of beds")
    device: TextList = Field((), description="ids of devices")
    patient: TextList = Field((), description="pseudonyms of patients")

    def matches(self, device: str, place: Place) -> bool:
        """Whether a device at a place matches."""
        asked = (
            (self.ward, place.ward), (self.device_kind, place.device_kind), (self.bed, place.bed),
            (self.device, device), (self.patient, place.patient),
        )  # fmt: skip
        return all(value in wanted for wanted, value in asked if wanted)

    @property
    def specificity(self) -> int:
        """How specific it is: a patient outweighs a device, a bed, a kind, a ward, in this order."""
        return sum(
            1 << i for i, f in enumerate((self.ward, self.device_kind, self.bed, self.device, self.patient)) if f
        )


class Decision(ConfigModel):
    """When a score becomes a finding, and when the finding ends. The same for all detectors.

    A score of 1 is the limit of a detector's rule. The score is compared with the threshold of each severity and must
    stay there for `for` seconds. The finding ends, or gets a lower severity, when the score has stayed below
    `clear_below` times that threshold for `keep_firing_for` seconds.
    """

    severity: dict[Severity, float] = Field(
        {Severity.MEDIUM: 1.0}, description="the score from which each severity applies, such as {medium: 1, high: 2}"
    )
    for_: Seconds = Field(0.0, alias="for", ge=0, description="how long the score must stay there to begin a finding")
    keep_firing_for: Seconds = Field(0.0, ge=0, description="how long it must stay away to end the finding")
    clear_below: float = Field(1.0, le=1, description="the fraction of the threshold below which it counts as away")
    every: Seconds | None = Field(
        None, gt=0, description="evaluate means over windows of this length, not single values"
    )

    @field_validator("severity", mode="before")
    @classmethod
    def _one(cls, value: object) -> object:
        """`severity: low` is short for `{low: 1}`."""
        return {value: 1.0} if isinstance(value, str) else value

    @field_validator("severity")
    @classmethod
    def _ordered(cls, value: dict[Severity, float]) -> dict[Severity, float]:
        if not value or min(value.values()) <= 0:
            raise ValueError("at least one severity is needed, each from a score above 0")
        thresholds = [value[severity] for severity in sorted(value, key=lambda s: s.rank)]
        if sorted(set(thresholds)) != thresholds:
            raise ValueError("the score must rise with the severity: low below medium below high")
        return value


class DetectorParams(ConfigModel):
    """Parameters of a detector. Docs, sample and checks are made from the descriptions of the fields.

    `defaults` are keys of `Decision` with other defaults for this detector. `parts` is None for a detector that
    evaluates each signal by itself; else the signals that it evaluates together, empty for those of the rule. `output`
    is the signal that findings about such vectors are about, empty where the catalogue has none. `scopes` are what it
    can be about, the first unless the rule has another.
    """

    defaults: ClassVar[Mapping[str, Any]] = {}
    parts: ClassVar[tuple[str, ...] | None] = None
    output: ClassVar[str] = ""
    scopes: ClassVar[tuple[Scope, ...]] = ("device",)


class Override(ConfigModel):
    """Other parameters for some of the series, with the person responsible and the reason."""

    where: Match
    set: dict[str, Any] = Field(description="keys of the rule to replace, with their values")
    why: str = Field("", description="the reason, shown with the alert")
    by: str = Field("", description="who is responsible: a role or initials, no patient's name")
    until: Micros | None = Field(None, description="when it ends; rules are built without overrides that have ended")


@dataclass(frozen=True)
class ResolvedRule:
    """A rule with the overrides that apply to one series."""

    decision: Decision
    params: DetectorParams
    why: str = ""
    by: str = ""

    @cached_property
    def text(self) -> str:
        """Equal for two resolved rules exactly when they come to the same findings."""
        return f"{self.decision.model_dump_json()}{self.params.model_dump_json()}"


@dataclass(frozen=True)
class Rule:
    """One rule of `detectors.yaml`, or one side of one signal of `thresholds.yaml`.

    `settings` are the keys of the file, of `Decision` and of the detector's parameters together; `build` makes both.
    `name` is the alert's name, `label` the text that is shown, `source` the reference for its numbers. A rule without
    signals is about its devices as a whole. `scope` is what its values are of; `fresh_on_move` whether what was learned
    of a patient is forgotten when the patient moves to another bed; `cohort` which devices of a kind are one cohort.
    `models` are the contents of the model files that the settings name, by name.
    """

    name: str
    detector: str
    signals: tuple[str, ...]
    kind: Kind
    params: type[DetectorParams]
    settings: Mapping[str, Any]
    label: str = ""
    runbook: str = ""
    where: Match = field(default_factory=Match)
    overrides: tuple[Override, ...] = ()
    source: str = ""
    scope: Scope = "device"
    fresh_on_move: bool = False
    models: Mapping[str, Any] = field(default_factory=dict, repr=False)
    cohort: CohortExtent = "ward"

    @property
    def parts(self) -> tuple[str, ...]:
        """The signals that are evaluated together; empty where each is evaluated by itself."""
        return () if self.params.parts is None else self.params.parts or self.signals

    @property
    def reads(self) -> tuple[str, ...]:
        """The signals that are evaluated, together or each by itself; empty for a rule about devices as a whole."""
        return self.parts or self.signals

    @property
    def alert_signals(self) -> tuple[str, ...]:
        """What its alerts have as their signal, which is empty where they are about no single one."""
        return (self.params.output,) if self.parts else self.signals or ("",)

    def merged(self, overrides: Sequence[Override]) -> dict[str, Any]:
        """All settings with these overrides applied, the least specific first; of two equal ones the later one wins."""
        merged = {**self.params.defaults, **self.settings}
        for override in sorted(overrides, key=lambda o: o.where.specificity):
            merged.update(override.set)
        return merged

    def build(self, changes: Mapping[str, Any]) -> tuple[Decision, DetectorParams]:
        """Decision and parameters with some settings changed. Raises pydantic's `ValidationError`."""
        decision, params = self.split({**self.params.defaults, **self.settings, **changes})
        return Decision.model_validate(decision), self.params.model_validate(params)

    def split(self, settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """As `split_settings`; the name of a model is replaced with its content."""
        decision, params = split_settings(settings)
        if isinstance(name := params.get(MODEL), str) and name in self.models:
            params[MODEL] = self.models[name]
        return decision, params

    def resolve(self, device: str, place: Place) -> ResolvedRule | None:
        """The rule with the overrides for a device at a place; None where it does not apply to the device."""
        if not self.where.matches(device, place):
            return None
        holding = tuple(i for i, override in enumerate(self._ranked) if override.where.matches(device, place))
        found = self._resolved.get(holding)
        if found is None:
            found = self._resolved[holding] = self._combine([self._ranked[i] for i in holding])
        return found

    @cached_property
    def _ranked(self) -> list[Override]:
        return sorted(self.overrides, key=lambda o: o.where.specificity)

    @cached_property
    def _resolved(self) -> dict[tuple[int, ...], ResolvedRule]:
        """Resolved rules by combination of overrides: thousands of devices have few combinations."""
        return {}

    def _combine(self, overrides: Sequence[Override]) -> ResolvedRule:
        explained = next((o for o in reversed(overrides) if o.why), None)
        return ResolvedRule(*self.build(self.merged(overrides)), *((explained.why, explained.by) if explained else ()))


def split_settings(settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings of a rule → the keys of `Decision`, and those of the detector's own parameters."""
    ours = {f.alias or name for name, f in Decision.model_fields.items()}
    return (
        {key: value for key, value in settings.items() if key in ours},
        {key: value for key, value in settings.items() if key not in ours},
    )
