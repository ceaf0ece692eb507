"""The pipeline page: a reading's way stage by stage, made from what the programs say about themselves."""

from typing import NamedTuple

from ward.clock import format_instant
from ward.ids import printable
from ward.reason import Reason
from web.model.instant import Instant
from web.model.metric_samples import MetricSamples
from web.model.read_model import ReadModel
from web.schemas import ChannelSchema, DecisionSchema, PipelineSchema, QuarantineSchema, StageSchema


class _Stage(NamedTuple):
    """Which metrics tell of a stage."""

    name: str
    label: str
    does: str
    done: str
    group: str = ""
    errors: tuple[tuple[str, dict[str, str]], ...] = ()
    delay: str = ""  # what the delay up to here is called


_SET_ASIDE = "wardwatch_messages_quarantined_total"
_STAGES = (
    _Stage(
        "intake", "Intake", "MQTT → log, then acknowledges", "wardwatch_bridge_readings_accepted_total", "",
        ((_SET_ASIDE, {"stage": "intake"}), ("wardwatch_broker_reconnects_total", {})), "log",
    ),
    _Stage(
        "archive", "Archive", "log → store, then commits", "wardwatch_archive_records_stored_total", "archive",
        ((_SET_ASIDE, {"stage": "archive"}), ("wardwatch_store_retries_total", {})), "store",
    ),
    _Stage(
        "detectors", "Detectors", "readings → findings", "wardwatch_detectors_readings_evaluated_total", "detectors",
        (("wardwatch_detectors_values_late_total", {}), (_SET_ASIDE, {"stage": "detectors"})), "detect",
    ),
    _Stage(
        "alerts", "Alerts", "findings → alerts → notices", "wardwatch_notification_decisions_total", "alerts",
        ((_SET_ASIDE, {"stage": "alerts"}),), "alerts",
    ),
    _Stage(
        "deliver", "Delivery", "notices → people", "wardwatch_notification_attempts_total", "",
        (("wardwatch_notification_attempts_total", {"result": "failed"}),), "handed",
    ),
    _Stage(
        "web", "Screens", "log → screens", "wardwatch_delay_seconds_count", "web",
        (("wardwatch_web_records_unreadable_total", {}),), "web",
    ),
)  # fmt: skip


def pipeline(model: ReadModel, now: Instant) -> PipelineSchema:
    """How the system itself is, as far as its programs have told."""
    numbers, rates = model.health.numbers(now), model.health.rates(now)
    return {
        "at": format_instant(now.at),
        "source": "health of each program" if model.health.heard else "this process alone",
        "stages": [_stage(stage, numbers, rates) for stage in _STAGES],
        "quarantine": _quarantine(model, numbers),
        "channels": _channels(numbers),
        "decisions": _decisions(numbers),
        "programs": model.health.programs(now),
        "config": model.config(),
        "devices": len(model.values),
        "forgotten": model.values.forgotten,
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
    """Mean seconds from the bridge's sight of a reading to the end of a stage: of late, or else since its start."""
    for source in (rates, numbers):
        count = source.sum("wardwatch_delay_seconds_count", stage=stage)
        total = source.sum("wardwatch_delay_seconds_sum", stage=stage)
        if count and total is not None:
            return total / count
    return None


def _quarantine(model: ReadModel, numbers: MetricSamples) -> list[QuarantineSchema]:
    counts = {printable(reason, 60): n for reason, n in numbers.by(_SET_ASIDE, "reason").items() if n}
    for reason, seen in model.quarantine.seen.items():
        counts[reason] = max(counts.get(reason, 0.0), float(seen))
    return [
        {"reason": reason, "count": count, "examples": model.quarantine.examples(reason)}
        for reason, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def _channels(numbers: MetricSamples) -> list[ChannelSchema]:
    delivered: dict[str, float] = {}
    failed: dict[str, float] = {}
    for sample in numbers.all("wardwatch_notification_attempts_total"):
        into = delivered if sample.labels.get("result") == "delivered" else failed
        channel = sample.labels.get("channel", "")
        into[channel] = into.get(channel, 0.0) + sample.value
    waiting, oldest = (
        numbers.by("wardwatch_outbox_notifications", "channel"),
        numbers.by("wardwatch_outbox_oldest_age_seconds", "channel"),
    )
    return [
        {
            "channel": printable(name, 60),
            "delivered": delivered.get(name, 0.0),
            "failed": failed.get(name, 0.0),
            "waiting": waiting.get(name, 0.0),
            "oldest": oldest.get(name, 0.0),
        }
        for name in sorted({*delivered, *failed, *waiting, *oldest})
    ]


_REASONS = {reason.label: str(reason) for reason in Reason}


def _decisions(numbers: MetricSamples) -> list[DecisionSchema]:
    counts = numbers.by("wardwatch_notification_decisions_total", "reason")
    return [
        {"reason": printable(_REASONS.get(reason, reason), 120), "count": count}
        for reason, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
