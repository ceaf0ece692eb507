"""The pipeline page, as a schema of the API: its stages, from the metrics of the programs."""

from typing import NamedTuple

from ward.alert import Alert
from ward.ids import printable
from ward.reason import Reason
from ward.text_template import TextKind, TextTemplate
from web.board.live_alert import live_config_status
from web.board.texts import AND_MORE
from web.model.metric_samples import MetricSamples
from web.model.now import Now
from web.model.program_health import ProgramStatus
from web.model.quarantine import QuarantineExample
from web.model.read_model import ReadModel
from web.presentation.instants import rfc3339
from web.presentation.status import config_schema
from web.schemas import (
    ChannelSchema,
    DecisionSchema,
    ExampleSchema,
    PipelineSchema,
    ProgramSchema,
    QuarantineSchema,
    StageSchema,
)

_EACH_PROGRAM = TextTemplate(TextKind.NOTE, "heartbeat of each program")
_THIS_PROCESS = TextTemplate(TextKind.NOTE, "this process alone")


class _Stage(NamedTuple):
    """A stage: its name in the metrics, its label, and the metrics that it is measured by."""

    name: str
    label: str
    does: str
    done: str
    group: str = ""
    errors: tuple[tuple[str, dict[str, str]], ...] = ()
    delay: str = ""  # the label `stage` of the delay up to its end


_QUARANTINED = "wardwatch_messages_quarantined_total"
_STAGES = (
    _Stage(
        "intake", "Intake", "MQTT → log, then acknowledges", "wardwatch_bridge_readings_accepted_total", "",
        ((_QUARANTINED, {"stage": "intake"}), ("wardwatch_broker_reconnects_total", {})), "log",
    ),
    _Stage(
        "archive", "Archive", "log → store, then commits", "wardwatch_archive_records_stored_total", "archive",
        ((_QUARANTINED, {"stage": "archive"}), ("wardwatch_store_retries_total", {})), "store",
    ),
    _Stage(
        "detectors", "Detectors", "readings → findings", "wardwatch_detectors_readings_evaluated_total", "detectors",
        (("wardwatch_detectors_values_out_of_order_total", {}), (_QUARANTINED, {"stage": "detectors"})), "detect",
    ),
    _Stage(
        "alerts", "Alerts", "findings → alerts → outbox", "wardwatch_notification_decisions_total", "alerts",
        ((_QUARANTINED, {"stage": "alerts"}),), "alerts",
    ),
    _Stage(
        "deliver", "Delivery", "outbox → channels", "wardwatch_notification_attempts_total", "",
        (("wardwatch_notification_attempts_total", {"result": "failed"}),), "sent",
    ),
    _Stage(
        "web", "Screens", "log → screens", "wardwatch_delay_seconds_count", "web",
        (("wardwatch_web_records_unreadable_total", {}),), "web",
    ),
)  # fmt: skip


def pipeline_schema(model: ReadModel, now: Now) -> PipelineSchema:
    """The state of the system, from the heartbeats of its programs."""
    numbers, rates = model.health.samples(now), model.health.rates(now)
    return {
        "at": rfc3339(now.wall),
        "source": _EACH_PROGRAM() if model.health.has_heartbeats else _THIS_PROCESS(),
        "stages": [_stage(stage, numbers, rates) for stage in _STAGES],
        "quarantine": _quarantine(model, numbers),
        "channels": _channels(model, numbers),
        "decisions": _decisions(numbers),
        "programs": [_program(status) for status in model.health.programs(now)],
        "config": config_schema(live_config_status(model, now)),
        "devices": len(model.values),
        "evicted": model.values.evicted,
    }


def _stage(stage: _Stage, numbers: MetricSamples, rates: MetricSamples) -> StageSchema:
    of_stage = {"stage": stage.name} if stage.done.startswith("wardwatch_delay") else {}
    errors = [n for name, where in stage.errors if (n := numbers.sum(name, **where)) is not None]
    return {
        "name": stage.name,
        "label": stage.label,
        "does": stage.does,
        "rate": rates.sum(stage.done, **of_stage),
        "total": numbers.sum(stage.done, **of_stage),
        "lag": numbers.sum("wardwatch_consumer_lag_records", group=stage.group) if stage.group else None,
        "errors": sum(errors) if errors else None,
        "delay": _delay(stage.delay, numbers, rates),
    }


def _delay(stage: str, numbers: MetricSamples, rates: MetricSamples) -> float | None:
    """Mean seconds from the bridge to the end of a stage: over the last minute, else since the start of the program."""
    for source in (rates, numbers):
        count = source.sum("wardwatch_delay_seconds_count", stage=stage)
        total = source.sum("wardwatch_delay_seconds_sum", stage=stage)
        if count and total is not None:
            return total / count
    return None


def _quarantine(model: ReadModel, numbers: MetricSamples) -> list[QuarantineSchema]:
    counts = {printable(reason, 60): n for reason, n in numbers.by(_QUARANTINED, "reason").items() if n}
    for reason, count in model.quarantine.counts.items():
        counts[reason] = max(counts.get(reason, 0.0), float(count))
    return [
        {"reason": reason, "count": count, "examples": [_example(e) for e in model.quarantine.examples(reason)]}
        for reason, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def _channels(model: ReadModel, numbers: MetricSamples) -> list[ChannelSchema]:
    delivered: dict[str, float] = {}
    failed: dict[str, float] = {}
    for sample in numbers.all("wardwatch_notification_attempts_total"):
        if sample.labels.get("result") == "withdrawn":
            continue
        into = delivered if sample.labels.get("result") == "delivered" else failed
        channel = sample.labels.get("channel", "")
        into[channel] = into.get(channel, 0.0) + sample.value
    waiting, oldest = (
        numbers.by("wardwatch_outbox_notifications", "channel"),
        numbers.by("wardwatch_outbox_oldest_age_seconds", "channel"),
    )
    problems = model.alerts.delivery_problems()
    return [
        {
            "channel": printable(name, 60),
            "delivered": delivered.get(name, 0.0),
            "failed": failed.get(name, 0.0),
            "waiting": waiting.get(name, 0.0),
            "oldest": oldest.get(name, 0.0),
            "problem": _problem(problems.get(name)),
        }
        for name in sorted({*delivered, *failed, *waiting, *oldest, *problems})
    ]


def _problem(alert: Alert | None) -> str:
    """Who is not reached, and why."""
    return printable(alert.annotations.get("summary", ""), 300) if alert is not None else ""


_REASONS = {reason.label: str(reason) for reason in Reason}


def _decisions(numbers: MetricSamples) -> list[DecisionSchema]:
    counts = numbers.by("wardwatch_notification_decisions_total", "reason")
    return [
        {"reason": printable(_REASONS.get(reason, reason), 120), "count": count}
        for reason, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def _program(status: ProgramStatus) -> ProgramSchema:
    heartbeat = status.heartbeat
    return {
        "program": printable(heartbeat.program, 60),
        "instance": printable(heartbeat.instance, 80),
        "role": printable(heartbeat.role, 60),
        "age": status.age,
        "started": rfc3339(heartbeat.started),
        "config": printable(heartbeat.config, 64),
        "problems": [printable(text, 300) for text in heartbeat.problems],
        "reload_error": _first_of(heartbeat.reload_error.splitlines()),
        "stale": status.stale,
    }


def _first_of(faults: list[str]) -> str:
    """The first fault, and how many there are besides."""
    if not faults:
        return ""
    more = AND_MORE(count=len(faults) - 1) if len(faults) > 1 else ""
    return f"{printable(faults[0], 300)}{more}"


def _example(example: QuarantineExample) -> ExampleSchema:
    return {
        "at": rfc3339(example.at), "topic": example.topic, "stage": example.stage, "detail": example.detail,
        "payload": example.payload, "bytes": example.size,
    }  # fmt: skip
