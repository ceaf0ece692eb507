"""`alerting/templates.yaml`."""

from typing import Annotated, Literal

from pydantic import Field

from grafana.schema import NonEmpty, Strict


class Template(Strict):
    orgId: Literal[1]
    name: NonEmpty
    template: Annotated[str, Field(pattern=r"\{\{\s*define")]


class TemplatesFile(Strict):
    """The whole file."""

    apiVersion: Literal[1]
    templates: list[Template]
