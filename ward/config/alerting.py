"""How alerts find people: receivers and the route tree, in Alertmanager's words."""

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from ward.config.model import Model, Seconds

_MATCHER = re.compile(
    r"\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\"\s{},][^\"{},]*?))\s*"
)


class Matcher(Model):
    """One condition on a label: `severity="high"`, `ward=~"icu|hdu"`."""

    label: str
    op: Literal["=", "!=", "=~", "!~"]
    value: str

    @classmethod
    def parse(cls, text: str) -> "Matcher":
        """Raises `ValueError` for what is not a matcher, or holds no regular expression where one is due."""
        found = _MATCHER.fullmatch(text)
        if found is None:
            raise ValueError(f'not a matcher such as severity="high": {text}')
        label, op, quoted, bare = found.groups()
        value = bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        if op in ("=~", "!~"):
            try:
                re.compile(value)
            except re.error as error:
                raise ValueError(f"not a regular expression in {text}: {error}") from error
        return cls(label=label, op=op, value=value)

    def holds(self, labels: Mapping[str, str]) -> bool:
        """A label that is not there is an empty one."""
        have = labels.get(self.label, "")
        if self.op in ("=", "!="):
            return (have == self.value) is (self.op == "=")
        return (re.fullmatch(self.value, have) is not None) is (self.op == "=~")

    def __str__(self) -> str:
        return f'{self.label}{self.op}"{self.value}"'


def parse_matchers(value: object) -> object:
    """A list of matchers, each as text or already one."""
    if not isinstance(value, list | tuple):
        raise ValueError('a list of matchers, such as [severity="high"]')
    return tuple(Matcher.parse(item) if isinstance(item, str) else item for item in value)


class Channel(Model):
    """One way to people. Its services, as apprise URLs, all must take a notice for it to count as delivered."""

    name: str = Field(description="its name in metrics, logs and the outbox")
    urls: tuple[SecretStr, ...] = Field(
        (), description="apprise URLs, such as mailto://…; ${NAME} is from the environment"
    )
    url_file: str | None = Field(None, description="a file with one apprise URL a line, for secrets")
    about: Literal["alert", "group"] = Field("group", description="one notice a group, or one an alert")
    limit: int = Field(0, ge=0, description="the most characters a notice may have (160 for SMS); 0 is no limit")


class Receiver(Model):
    """Who is told: the names of channels."""

    name: str
    channels: tuple[str, ...]
    send_resolved: bool = Field(True, description="whether the end of an alert is told too")


class Escalation(Model):
    """Whom to tell as well when nobody has acknowledged for so long."""

    after: Seconds = Field(gt=0)
    receiver: str


class Inhibition(Model):
    """While an alert that matches `source` is active, those that match `target` are not told."""

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = Field((), description="labels that must be the same in both, and must be there")

    @field_validator("source", "target", mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        return parse_matchers(value)


class Route(Model):
    """A node of the tree. An alert goes to the deepest node whose matchers all hold.

    What a node leaves out it inherits.
    """

    receiver: str | None = None
    matchers: tuple[Matcher, ...] = ()
    group_by: tuple[str, ...] | None = None
    group_wait: Seconds | None = Field(None, description="how long the first notice of a group waits for company")
    group_interval: Seconds | None = Field(None, description="how long until news of a group are told")
    repeat_interval: Seconds | None = Field(None, description="how long until an unacknowledged group is told again")
    escalate: tuple[Escalation, ...] | None = Field(None, description="whom to tell while nobody has it")
    continue_: bool = Field(False, alias="continue", description="whether later siblings are tried too")
    routes: tuple["Route", ...] = ()

    @field_validator("matchers", mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        return parse_matchers(value)


class Alerting(Model):
    """`alerts.yaml`."""

    external_url: str = Field("http://127.0.0.1:8080", description="where people reach the screen; links in notices")
    channels: tuple[Channel, ...] = ()
    receivers: tuple[Receiver, ...] = ()
    route: Route = Route()
    inhibit: tuple[Inhibition, ...] = ()
    late_hold: Seconds = Field(
        10.0, ge=0, description="how long an alert first known long after the fact waits for its end"
    )
    late_after: Seconds = Field(60.0, ge=0, description="how long after the fact counts as late")

    @model_validator(mode="after")
    def _root(self) -> "Alerting":
        if self.route.matchers or self.route.continue_:
            raise ValueError("the root route takes every alert: it has no matchers and no continue")
        return self
