"""`datasources/*.yaml` and `dashboards/*.yaml`."""

from typing import Annotated, Any, Literal

from pydantic import Field

from grafana.schema import Named, Strict, Uid


class DataSource(Strict):
    """Where Grafana asks. Secrets stand in `secureJsonData`, and come from the environment."""

    orgId: Literal[1] = 1
    name: Named
    type: Literal["influxdb", "alertmanager"]
    uid: Uid
    url: Named
    access: Literal["proxy"]
    database: str = ""
    isDefault: bool = False
    editable: Literal[False]
    jsonData: dict[str, Any] = {}
    secureJsonData: dict[str, Named] = {}


class SourcesFile(Strict):
    """The whole file."""

    apiVersion: Literal[1]
    datasources: list[DataSource]


class Provider(Strict):
    """Where Grafana finds dashboards."""

    name: Named
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
