"""Limits for the time that a device gives its readings."""

from pydantic import Field

from ward.config.base_model import ConfigModel, Seconds


class ClockLimits(ConfigModel):
    """Limits of a device's clock against the bridge's. Beyond `oldest` and in the future the bridge's time is used."""

    oldest: Seconds = Field(
        7 * 86400.0, gt=0, description="a reading older than this has a wrong clock and is not backlog"
    )
    ahead: Seconds = Field(
        2.0,
        ge=0,
        description="a reading further ahead of the bridge's clock is flagged; none is stored later than received",
    )
    step: Seconds = Field(1.0, ge=0, description="a clock that goes back further than this was set back")
    skew: Seconds = Field(5.0, gt=0, description="a steady difference larger than this is flagged")
    backlog: Seconds = Field(60.0, gt=0, description="a reading older than this on arrival is flagged as backlog")
