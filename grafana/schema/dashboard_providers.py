"""`dashboards/*.yaml`."""

from typing import Annotated, Any, Literal

from pydantic import Field

from grafana.schema import NonEmpty, Strict, Uid


class Provider(Strict):
    """A folder from which Grafana reads dashboards."""

    name: NonEmpty
    orgId: Literal[1] = 1
    folder: str = ""
    folderUid: Uid | None = None
    type: Literal["file"]
    disableDeletion: bool = False
    allowUiUpdates: bool = False
    updateIntervalSeconds: Annotated[int, Field(gt=0)] = 10
    options: dict[Literal["path", "foldersFromFilesStructure"], Any]


class ProvidersFile(Strict):
    """The whole file."""

    apiVersion: Literal[1]
    providers: list[Provider]
