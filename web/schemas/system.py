"""Answers about the imaging suite and about the system itself."""

from typing_extensions import TypedDict

from web.schemas.common import ConfigSchema


class ImagingRowSchema(TypedDict):
    """One imaging device: its mean humidity in %, messages, and sensors by name."""

    imaging_device: str
    humidity: float | None
    messages: int
    sensors: int
    names: list[str]


class ImagingSchema(TypedDict):
    """Each imaging device with humidity and sensors, the most humid first; numbers of messages and sensors."""

    at: str
    updated: str | None
    age: float | None
    messages: int
    sensors: int
    devices: list[ImagingRowSchema]


class StageSchema(TypedDict):
    """One stage of the pipeline. Numbers that it does not have are None."""

    name: str
    label: str
    does: str
    rate: float | None
    total: float | None
    lag: float | None
    errors: float | None
    delay: float | None


class ExampleSchema(TypedDict):
    """A message in quarantine, with printable texts; `bytes` is its full size."""

    at: str
    topic: str
    stage: str
    detail: str
    payload: str
    bytes: int


class QuarantineSchema(TypedDict):
    """The messages in quarantine for one reason."""

    reason: str
    count: float
    examples: list[ExampleSchema]


class ChannelSchema(TypedDict):
    """A channel: notifications delivered (for each recipient), attempts failed, notifications waiting, the age of the
    oldest, and whom it does not reach and why ("" where it reaches all)."""

    channel: str
    delivered: float
    failed: float
    waiting: float
    oldest: float
    problem: str


class DecisionSchema(TypedDict):
    """How often a decision about a notification had this reason."""

    reason: str
    count: float


class ProgramSchema(TypedDict):
    """One program: the age of its last heartbeat (`stale` if it is too old), and the problems that it reports."""

    program: str
    instance: str
    role: str
    age: float
    started: str
    config: str
    problems: list[str]
    reload_error: str
    stale: bool


class PipelineSchema(TypedDict):
    """The state of the system. `evicted` counts unregistered devices removed to limit memory."""

    at: str
    source: str
    stages: list[StageSchema]
    quarantine: list[QuarantineSchema]
    channels: list[ChannelSchema]
    decisions: list[DecisionSchema]
    programs: list[ProgramSchema]
    config: ConfigSchema
    devices: int
    evicted: int


class ConfigConfirmationSchema(TypedDict):
    """The edit of the config that was confirmed (its hash), and the effect in words."""

    config: str
    effect: str


class AddressedChannelSchema(TypedDict):
    """A channel of the config, and whether it has an address: without one it sends nothing."""

    name: str
    address: bool


class AddressedChannelsSchema(TypedDict):
    """The config in force (its hash) and its channels."""

    config: str
    channels: list[AddressedChannelSchema]


class MailSchema(TypedDict):
    """A mail that the demo caught."""

    id: str
    at: str
    subject: str
    text: str


class MailsSchema(TypedDict):
    """The demo's mailbox, newest first."""

    at: str
    mails: list[MailSchema]
