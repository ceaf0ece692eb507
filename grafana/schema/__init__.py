"""Each key that Grafana 9.4 and later take in a provisioning file; any other it would pass over in silence."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class Strict(BaseModel):
    """Nothing but these keys, and nothing made from something else."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Uid = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,40}$")]
Named = Annotated[str, StringConstraints(min_length=1)]
# As Prometheus writes them: 1h30m, and not 1.5h.
Duration = Annotated[str, StringConstraints(pattern=r"^(?:\d+h(?:\d+m)?(?:\d+s)?|\d+m(?:\d+s)?|\d+s)$")]
