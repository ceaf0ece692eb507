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
    """The imaging suite's four analyses, the dampest device first."""

    at: str
    updated: str | None
    age: float | None
    messages: int
    sensors: int
    devices: list[ImagingRowSchema]


class StageSchema(TypedDict):
    """One stage of a reading's way. What a stage does not have is None."""

    name: str
    label: str
    does: str
    rate: float | None
    total: float | None
    lag: float | None
    errors: float | None
    delay: float | None


class ExampleSchema(TypedDict):
    """A message set aside, made fit for reading."""

    at: str
    topic: str
    stage: str
    detail: str
    payload: str
    bytes: int


class QuarantineSchema(TypedDict):
    """Messages set aside for one reason."""

    reason: str
    count: float
    examples: list[ExampleSchema]


class ChannelSchema(TypedDict):
    """One way to people: notices delivered, attempts that failed, notices that wait, and the age of the oldest."""

    channel: str
    delivered: float
    failed: float
    waiting: float
    oldest: float


class DecisionSchema(TypedDict):
    """How often something was decided about telling people, and why."""

    reason: str
    count: float


class ProgramSchema(TypedDict):
    """One program, when it was last heard of, and what it says is wrong."""

    program: str
    instance: str
    age: float
    started: str
    config: str
    problems: list[str]
    reload_error: str
    silent: bool


class PipelineSchema(TypedDict):
    """How the system itself is."""

    at: str
    source: str
    stages: list[StageSchema]
    quarantine: list[QuarantineSchema]
    channels: list[ChannelSchema]
    decisions: list[DecisionSchema]
    programs: list[ProgramSchema]
    config: ConfigSchema
    devices: int
    forgotten: int


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
