"""Which instants a device may claim."""

from pydantic import Field

from ward.config.base_model import ConfigModel, Seconds


class ClockLimits(ConfigModel):
    """How a device's clock is judged against the bridge's. Beyond `oldest` and `ahead` it is not believed."""

    oldest: Seconds = Field(
        7 * 86400.0, gt=0, description="older than this, a reading has a wrong clock and is no backlog"
    )
    ahead: Seconds = Field(5.0, ge=0, description="a reading this far ahead is still believed")
    step: Seconds = Field(1.0, ge=0, description="a clock that goes back further than this was set back")
    skew: Seconds = Field(5.0, gt=0, description="a steady difference larger than this is flagged")
    backlog: Seconds = Field(60.0, gt=0, description="a reading older than this on arrival is flagged as backlog")
