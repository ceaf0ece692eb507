"""The keys that Grafana 9.4 and later read in provisioning files. Grafana ignores any other key silently."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class Strict(BaseModel):
    """Refuses unknown keys, and values of another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Uid = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,40}$")]
NonEmpty = Annotated[str, StringConstraints(min_length=1)]
# As Prometheus writes them: 1h30m, and not 1.5h.
Duration = Annotated[str, StringConstraints(pattern=r"^(?:\d+h(?:\d+m)?(?:\d+s)?|\d+m(?:\d+s)?|\d+s)$")]
