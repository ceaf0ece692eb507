"""An override, as people write it: for whom, why, who answers for it, and until when."""

from pydantic import Field, field_validator

from ward.config.base_model import ConfigModel, Until
from ward.config.rule import Match


class OverrideEntry(ConfigModel):
    """What every override says; what it sets, each file says in its own way."""

    where: Match = Field(description="for whom: ward, device_kind, bed, device, patient; all that is given must hold")
    why: str = Field(min_length=1, description="the reason; it is shown with the alert")
    by: str = Field(min_length=1, description="who answers for it: a role or initials")
    until: Until | None = Field(None, description="when it ends: a day (its end, UTC) or an instant")

    @field_validator("where")
    @classmethod
    def _narrow(cls, where: Match) -> Match:
        """One that names nothing would be another rule, not an exception from it."""
        if where.weight == 0:
            raise ValueError("name at least one ward, device_kind, bed, device or patient")
        return where
