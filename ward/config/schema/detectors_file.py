"""`detectors.yaml`: rules of any detector."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from ward.config.base_model import ConfigModel, TextList
from ward.config.rule import CohortExtent, Match, Scope
from ward.config.schema.override_entry import OverrideEntry
from ward.finding import Kind


class RuleOverride(OverrideEntry):
    """Other settings for some of a rule's series."""

    set: dict[str, Any] = Field(description="keys of the rule, with their other values")


class RuleEntry(ConfigModel):
    """The keys of all rules. All other keys are those of the decision and of the detector."""

    model_config = ConfigDict(extra="allow")

    detector: str = Field(description="the detector: a file of detectors/")
    label: str = Field(description="the text that is shown: Temperature sensor drifts")
    kind: Kind = Field(description="physiological: a problem of the patient; technical: of the equipment")
    signals: TextList = Field(
        (), description="the signals it evaluates, each separately or, as its detector says, together"
    )
    scope: Scope | None = Field(
        None, description="whose values are evaluated together: those of a `device`, of the patient in a `bed`, "
        "whatever devices stand there, or of a `cohort`, all devices of a kind; left out, as the detector has it",
    )  # fmt: skip
    on_move: Literal["keep", "fresh"] = Field(
        "keep", description="whether what was learned of a patient moves with the patient to another bed, or starts "
        "afresh there; with scope `bed` only",
    )  # fmt: skip
    cohort: CohortExtent | None = Field(
        None, description="with scope `cohort` only: whether the devices of a kind are compared within each `ward`, "
        "which is so where it is left out, or all of them `everywhere`",
    )  # fmt: skip
    where: Match = Field(Match(), description="for which wards, device kinds, beds, devices or patients; left out, all")
    runbook: str = Field("", description="a link to what to do about it")
    source: str = Field("", description="where the numbers come from")
    overrides: tuple[RuleOverride, ...] = Field((), description="other settings for some")


class DetectorsFile(ConfigModel):
    """Rules by name: the name of their alerts."""

    rules: dict[str, RuleEntry] = Field({}, description="rules by name")


COMMON = frozenset(field.alias or name for name, field in RuleEntry.model_fields.items())
