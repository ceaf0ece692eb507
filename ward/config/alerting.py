"""How alerts find people: receivers and the route tree, in Alertmanager's words."""

from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator

from ward.config.base_model import ConfigModel, Seconds, TextList
from ward.config.mute_time import MuteTime
from ward.ids import printable
from ward.matcher import Matcher, parse_matchers

__all__ = [
    "Alerting",
    "Channel",
    "Escalation",
    "Inhibition",
    "Matcher",
    "MuteTime",
    "Receiver",
    "Route",
    "parse_matchers",
]


class Channel(ConfigModel):
    """One way to people. Its services, as apprise URLs, all must take a notice for it to count as delivered."""

    name: str = Field(description="its name in metrics, logs and the outbox")
    urls: tuple[SecretStr, ...] = Field(
        (), description="apprise URLs, such as mailto://…; ${NAME} is from the environment"
    )
    url_file: str | None = Field(None, description="a file with one apprise URL a line, for secrets")
    about: Literal["alert", "group"] = Field("group", description="one notice a group, or one an alert")
    limit: int = Field(0, ge=0, description="the most characters a notice may have (160 for SMS); 0 is no limit")
    grafana: Literal["email", "webhook"] | None = Field(
        None,
        description="how Grafana reaches the same people when we cannot, with the address in the environment of "
        "Grafana: `WARDWATCH_GRAFANA_<NAME>`; left out, not at all",
    )

    @property
    def addressed(self) -> bool:
        """Whether it leads anywhere. Nothing is kept waiting for a channel without an address."""
        return self.url_file is not None or any(url.get_secret_value().strip() for url in self.urls)


class Receiver(ConfigModel):
    """Who is told: the names of channels."""

    name: str
    channels: tuple[str, ...]
    send_resolved: bool = Field(True, description="whether the end of an alert is told too")


class Escalation(ConfigModel):
    """Whom to tell as well when nobody has acknowledged for so long."""

    after: Seconds = Field(gt=0)
    receiver: str


class Inhibition(ConfigModel):
    """While an alert that matches `source` is active, those that match `target` are not told."""

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = Field((), description="labels that must be the same in both, and must be there")

    @field_validator("source", "target", mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        return parse_matchers(value)


class Route(ConfigModel):
    """A node of the tree. An alert goes to the deepest node whose matchers all hold.

    What a node leaves out it inherits.
    """

    receiver: str | None = None
    matchers: tuple[Matcher, ...] = ()
    group_by: tuple[str, ...] | None = Field(
        None, description="labels whose values make a group; [ward, bed] if nothing is said, and ['...'] groups nothing"
    )
    group_wait: Seconds | None = Field(
        None, ge=0, description="how long news that are not urgent wait for company; 10s if nothing is said"
    )
    group_interval: Seconds | None = Field(
        None, ge=0, description="how long until further company of a group is told; 1m if nothing is said"
    )
    repeat_interval: Seconds | None = Field(
        None, gt=0, description="how long until what nobody has acknowledged is told again; 10m if nothing is said"
    )
    escalate: tuple[Escalation, ...] | None = Field(None, description="whom to tell while nobody has it")
    mute: TextList | None = Field(
        None, description="names of `mute_times` in which nobody is told; only where `kind=technical` is asked for"
    )
    continue_: bool = Field(False, alias="continue", description="whether later siblings are tried too")
    routes: tuple["Route", ...] = ()

    @field_validator("matchers", mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        return parse_matchers(value)


class Alerting(ConfigModel):
    """`alerts.yaml`."""

    external_url: str = Field("http://127.0.0.1:8080", description="where people reach the screen; links in notices")
    channels: tuple[Channel, ...] = ()
    receivers: tuple[Receiver, ...] = ()
    mute_times: tuple[MuteTime, ...] = Field((), description="times by name in which equipment may be quiet")
    route: Route = Route()
    inhibit: tuple[Inhibition, ...] = ()
    late_hold: Seconds = Field(
        10.0, ge=0, description="how long an alert first known long after the fact waits for its end"
    )
    late_after: Seconds = Field(60.0, ge=0, description="how long after the fact counts as late")
    latch: tuple[Matcher, ...] = Field(
        (),
        description="alerts that satisfy all of these stay until somebody acknowledges them, even when they are over",
    )
    problem_after: Seconds = Field(
        60.0, gt=0, description="how long a channel may fail to deliver before the others are told so"
    )
    external_timeout: Seconds = Field(
        300.0, gt=0, description="how long an alert posted without an end holds unless it is posted again"
    )
    timezone: str = Field("UTC", description="the zone of the times in notices, such as Europe/Berlin")

    @field_validator("latch", mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        return parse_matchers(value)

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"not a time zone such as Europe/Berlin: {printable(value)}") from error
        return value

    @model_validator(mode="after")
    def _root(self) -> "Alerting":
        if self.route.matchers or self.route.continue_:
            raise ValueError("the root route takes every alert: it has no matchers and no continue")
        return self
