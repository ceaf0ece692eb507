"""`datasources/*.yaml` and `dashboards/*.yaml`."""

from typing import Annotated, Any, Literal

from pydantic import Field

from grafana.schema import Named, Strict, Uid


class DataSource(Strict):
    """Where Grafana asks. Secrets stand in `secureJsonData`, and come from the environment."""

    orgId: Literal[1] = 1  # noqa: N815 - Grafana's names
    name: Named
    type: Literal["influxdb", "alertmanager"]
    uid: Uid
    url: Named
    access: Literal["proxy"]
    database: str = ""
    isDefault: bool = False  # noqa: N815
    editable: Literal[False]
    jsonData: dict[str, Any] = {}  # noqa: N815
    secureJsonData: dict[str, Named] = {}  # noqa: N815


class SourcesFile(Strict):
    """The whole file."""

    apiVersion: Literal[1]  # noqa: N815
    datasources: list[DataSource]


class Provider(Strict):
    """Where Grafana finds dashboards."""

    name: Named
    orgId: Literal[1] = 1  # noqa: N815
    folder: str = ""
    folderUid: Uid | None = None  # noqa: N815
    type: Literal["file"]
    disableDeletion: bool = False  # noqa: N815
    allowUiUpdates: bool = False  # noqa: N815
    updateIntervalSeconds: Annotated[int, Field(gt=0)] = 10  # noqa: N815
    options: dict[Literal["path", "foldersFromFilesStructure"], Any]


class ProvidersFile(Strict):
    """The whole file."""

    apiVersion: Literal[1]  # noqa: N815
    providers: list[Provider]
