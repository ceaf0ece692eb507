"""An override as it is written: for whom, why, who is responsible, and until when."""

from pydantic import Field, field_validator

from ward.config.base_model import ConfigModel, Until
from ward.config.rule import Match


class OverrideEntry(ConfigModel):
    """The keys of all overrides; the changed settings depend on the file."""

    where: Match = Field(description="for whom: ward, device_kind, bed, device, patient; all that are given must match")
    why: str = Field(min_length=1, description="the reason; it is shown with the alert")
    by: str = Field(min_length=1, description="who is responsible: a role or initials")
    until: Until | None = Field(None, description="when it ends: a day (its end, UTC) or an instant")

    @field_validator("where")
    @classmethod
    def _narrow(cls, where: Match) -> Match:
        """An override for everything would be another rule, not an exception."""
        if where.specificity == 0:
            raise ValueError("name at least one ward, device_kind, bed, device or patient")
        return where
