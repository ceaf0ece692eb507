"""`datasources/*.yaml`."""

from typing import Any, Literal

from grafana.schema import NonEmpty, Strict, Uid


class DataSource(Strict):
    """One data source. Secrets are in `secureJsonData`, as variables of the environment."""

    orgId: Literal[1] = 1
    name: NonEmpty
    type: Literal["influxdb", "alertmanager"]
    uid: Uid
    url: NonEmpty
    access: Literal["proxy"]
    database: str = ""
    isDefault: bool = False
    editable: Literal[False]
    jsonData: dict[str, Any] = {}
    secureJsonData: dict[str, NonEmpty] = {}


class DataSourcesFile(Strict):
    """The whole file."""

    apiVersion: Literal[1]
    datasources: list[DataSource]
