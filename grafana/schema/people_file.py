"""`alerting/contact-points.yaml`."""

from typing import Annotated, Literal

from pydantic import Field

from grafana.schema import Named, Strict, Uid


class Email(Strict):
    addresses: Named
    singleEmail: bool = False
    subject: Named
    message: Named


class Webhook(Strict):
    url: Named
    httpMethod: Literal["POST", "PUT"] = "POST"
    title: Named
    message: Named
    username: str = ""
    password: str = ""


class Alertmanager(Strict):
    url: Named
    basicAuthUser: str = ""
    basicAuthPassword: str = ""


class _Integration(Strict):
    uid: Uid
    disableResolveMessage: bool


class ByEmail(_Integration):
    type: Literal["email"]
    settings: Email


class ByWebhook(_Integration):
    type: Literal["webhook"]
    settings: Webhook


class ByAlertmanager(_Integration):
    type: Literal["prometheus-alertmanager"]
    settings: Alertmanager


Integration = Annotated[ByEmail | ByWebhook | ByAlertmanager, Field(discriminator="type")]


class ContactPoint(Strict):
    """One name, and everything that hears what is told under it."""

    orgId: Literal[1]
    name: Named
    receivers: Annotated[list[Integration], Field(min_length=1)]


class PeopleFile(Strict):
    """The whole file."""

    apiVersion: Literal[1]
    contactPoints: list[ContactPoint]
