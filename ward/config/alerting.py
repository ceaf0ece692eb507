"""Channels, receivers, the route tree and inhibitions: the settings of `alerts.yaml`, as Alertmanager names them."""

from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator

from ward.ack_link import SHORTEST_KEY
from ward.config.base_model import ConfigModel, Seconds, TextList
from ward.config.mute_time import MuteTime
from ward.config.on_call import Person, Schedule
from ward.config.reports import AlarmLoad, Handover
from ward.ids import printable
from ward.matcher import Matcher, parse_matchers

__all__ = [
    "Alerting",
    "Channel",
    "Escalation",
    "Inhibition",
    "LinkKey",
    "Matcher",
    "MuteTime",
    "Power",
    "Receiver",
    "Route",
    "TrustedSender",
    "parse_matchers",
]


class Channel(ConfigModel):
    """A channel: one or more apprise URLs, each with one or more recipients.

    Each recipient has a notification once, whatever becomes of it at the others.
    """

    name: str = Field(description="its name in metrics, logs and the outbox")
    urls: tuple[SecretStr, ...] = Field(
        (), description="apprise URLs, such as mailto://…, or a webhook://…; ${NAME} is from the environment"
    )
    url_file: str | None = Field(None, description="a file with one apprise URL a line, for secrets")
    message_per: Literal["alert", "group"] = Field(
        "group", description="one notification for each group, or for each alert"
    )
    max_characters: int = Field(
        0, ge=0, description="the largest number of characters of a notification (160 for SMS); 0 is no limit"
    )
    concurrency: int = Field(
        8, ge=1, le=50,
        description="how many notifications are sent at one time to each URL; fewer where its service allows fewer",
    )  # fmt: skip
    receipt_after: Seconds = Field(
        300.0, ge=10, le=3600,
        description="how long a phone may take to confirm an SMS of a gateway with receipts, until it counts as not "
        "delivered",
    )  # fmt: skip
    grafana: Literal["email", "webhook"] | None = Field(
        None,
        description="how Grafana notifies the same recipients when Wardwatch cannot, with the address in the "
        "environment of Grafana: `WARDWATCH_GRAFANA_<NAME>`; left out, not at all",
    )

    @property
    def has_url(self) -> bool:
        """Whether the channel has an address. Without one no notification is queued for it."""
        return self.url_file is not None or any(url.get_secret_value().strip() for url in self.urls)

    @property
    def is_webhook(self) -> bool:
        """Whether another system reads its messages, as JSON."""
        return any(url.get_secret_value().strip().startswith(("webhook://", "webhooks://")) for url in self.urls)


class Receiver(ConfigModel):
    """Recipients, as the names of the channels that reach them, or as the people on call by a schedule."""

    name: str
    channels: tuple[str, ...] = Field(
        description="channels that reach them; with a `schedule`, those that are used while nobody is on call"
    )
    schedule: str | None = Field(None, description="whoever is on call by this schedule is notified")
    send_resolved: bool = Field(True, description="whether the end of an alert is notified too")


class Escalation(ConfigModel):
    """A further receiver, notified when an alert has not been acknowledged for `after` seconds."""

    after: Seconds = Field(gt=0)
    receiver: str


class LinkKey(ConfigModel):
    """A key that signs links in notifications."""

    name: str
    key: SecretStr = Field(description="a secret of at least 32 characters; empty: it signs nothing")

    @field_validator("key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < SHORTEST_KEY:
            raise ValueError(f"shorter than {SHORTEST_KEY} characters: it could be guessed")
        return value


Power = Literal["notify", "continue"]


class TrustedSender(ConfigModel):
    """Another system whose alerts may do what those of others may not; it posts with HTTP basic authentication."""

    name: str = Field(description="its user name")
    password: SecretStr = Field(description="its password; empty: it is not trusted")
    may: tuple[Power, ...] = Field(
        description="`notify`: it notifies people itself, its label `notifier` counts. `continue`: it may raise the "
        "severity of an alert of ours, and ours goes on with who was notified and, below HIGH, who acknowledged"
    )


class Inhibition(ConfigModel):
    """While an alert that matches `source` is active, alerts that match `target` are not notified."""

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = Field((), description="labels that both must have, with the same value")
    while_silenced: bool = Field(
        True, description="whether the source mutes the target also while a person has silenced the source; false "
        "where the target says more than the source",
    )  # fmt: skip

    @field_validator("source", "target", mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        return parse_matchers(value)


class Route(ConfigModel):
    """A node of the route tree. An alert goes to the deepest node whose matchers all match.

    Settings that a node leaves out are those of its parent.
    """

    receiver: str | None = None
    matchers: tuple[Matcher, ...] = ()
    group_by: tuple[str, ...] | None = Field(
        None, description="labels whose values make a group; the default is [ward, bed]; ['...'] groups nothing"
    )
    group_wait: Seconds | None = Field(
        None,
        ge=0,
        description="how long the first notification of a group waits for more, unless urgent; the default is 10s",
    )
    group_interval: Seconds | None = Field(
        None, ge=0, description="how long until new alerts of a group that was notified are notified; the default is 1m"
    )
    repeat_interval: Seconds | None = Field(
        None, gt=0, description="how long until an unacknowledged alert is notified again; the default is 10m"
    )
    remind_interval: Seconds | None = Field(
        None, ge=0,
        description="how long until an alert that is acknowledged and still active is notified again, and how often; "
        "0, the default, is never",
    )  # fmt: skip
    escalate: tuple[Escalation, ...] | None = Field(
        None, description="receivers that are notified later, while the alert is unacknowledged"
    )
    mute: TextList | None = Field(
        None, description="names of `mute_times` without notifications; only below a matcher `kind=technical`"
    )
    continue_: bool = Field(False, alias="continue", description="whether later siblings are tried too")
    routes: tuple["Route", ...] = ()

    @field_validator("matchers", mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        return parse_matchers(value)


class Alerting(ConfigModel):
    """`alerts.yaml`."""

    external_url: str = Field(
        "http://127.0.0.1:8080", description="the address of the web screens, for links in notifications"
    )
    channels: tuple[Channel, ...] = ()
    receivers: tuple[Receiver, ...] = ()
    people: tuple[Person, ...] = Field((), description="people who are on call at times, by name")
    schedules: tuple[Schedule, ...] = Field((), description="who is on call when, by name")
    mute_times: tuple[MuteTime, ...] = Field(
        (), description="times by name in which alerts about equipment are not notified"
    )
    route: Route = Route()
    inhibit: tuple[Inhibition, ...] = ()
    late_hold: Seconds = Field(
        10.0, ge=0, le=300,
        description="how long an alert that was found late waits for its end before it is notified, at most 5 min",
    )  # fmt: skip
    late_after: Seconds = Field(60.0, ge=0, description="how long after its beginning an alert counts as found late")
    latch: tuple[Matcher, ...] = Field(
        (),
        description="alerts that match all of these stay active until they are acknowledged, also after their end; "
        "`severity` is the highest that the alert had. One about a patient who has left the bed is closed",
    )
    problem_after: Seconds = Field(
        60.0, gt=0, description="how long a channel may fail to deliver before the other channels are notified of it"
    )
    external_timeout: Seconds = Field(
        300.0,
        gt=0,
        description="how long an alert that another system posted without an end stays active unless posted again",
    )
    trusted_senders: tuple[TrustedSender, ...] = Field(
        (), description="other systems by user name whose alerts may do more than those of others"
    )
    link_keys: tuple[LinkKey, ...] = Field(
        (),
        description="keys by name of the links in notifications that acknowledge an alert: the first one that is not "
        "empty signs, all are accepted; without any, links only open the ward screen",
    )
    link_valid: Seconds = Field(43200.0, gt=0, description="how long a link that acknowledges an alert is valid")
    external_limit: int = Field(
        500, ge=1,
        description="how many alerts another system may have active at one time: further ones are not taken, and an "
        "alert says so",
    )  # fmt: skip
    external_rate: int = Field(
        3000, ge=1,
        description="how many alerts another system may post in a minute, repeats and ends included: for further ones "
        "it is asked to wait",
    )  # fmt: skip
    handover: Handover = Field(Handover(), description="the shifts, and who gets the handover by mail")
    alarm_load: AlarmLoad = Field(AlarmLoad(), description="the weekly report of alarm load, and its budget")
    timezone: str = Field(
        "UTC", description="the time zone of the site: of times in notifications and on screens, such as Europe/Berlin"
    )

    @property
    def signing_keys(self) -> tuple[str, ...]:
        """The keys of links in notifications, the one that signs first."""
        return tuple(key.key.get_secret_value() for key in self.link_keys if key.key.get_secret_value())

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
