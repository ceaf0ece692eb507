"""`alerting/contact-points.yaml`."""

from typing import Annotated, Literal

from pydantic import Field

from grafana.schema import NonEmpty, Strict, Uid


class Email(Strict):
    addresses: NonEmpty
    singleEmail: bool = False
    subject: NonEmpty
    message: NonEmpty


class Webhook(Strict):
    url: NonEmpty
    httpMethod: Literal["POST", "PUT"] = "POST"
    title: NonEmpty
    message: NonEmpty
    username: str = ""
    password: str = ""


class Alertmanager(Strict):
    url: NonEmpty
    basicAuthUser: str = ""
    basicAuthPassword: str = ""


class _Integration(Strict):
    uid: Uid
    disableResolveMessage: bool


class EmailIntegration(_Integration):
    type: Literal["email"]
    settings: Email


class WebhookIntegration(_Integration):
    type: Literal["webhook"]
    settings: Webhook


class AlertmanagerIntegration(_Integration):
    type: Literal["prometheus-alertmanager"]
    settings: Alertmanager


Integration = Annotated[EmailIntegration | WebhookIntegration | AlertmanagerIntegration, Field(discriminator="type")]


class ContactPoint(Strict):
    """A name, and the integrations by which it is notified."""

    orgId: Literal[1]
    name: NonEmpty
    receivers: Annotated[list[Integration], Field(min_length=1)]


class ContactPointsFile(Strict):
    """The whole file."""

    apiVersion: Literal[1]
    contactPoints: list[ContactPoint]
