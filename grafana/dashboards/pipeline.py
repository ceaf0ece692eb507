"""Wardwatch itself: rate, lag, errors and delay of each stage, quarantine, and whether the counters add up."""

from grafana_foundation_sdk.builders import stat, table, timeseries
from grafana_foundation_sdk.models.common import VisibilityMode
from grafana_foundation_sdk.models.dashboard import Threshold

from grafana.alerting.rules.pipeline import PROGRAMS as PROGRAMS_WITH_RULES
from grafana.layout.dashboard import Cell, Dashboard
from grafana.panels.builders import column, stat_panel, steps, table_panel, time_series_panel
from grafana.panels.colours import GOOD, HIGH, MEDIUM, NONE_TEXT, no_data, value_map
from grafana.panels.transformations import without
from grafana.queries.influxql import RAW, Select, call, field, last_seconds, name, or_zero
from grafana.queries.target import Target
from ward.config.config import Config

_NOW = last_seconds(30)  # programs write every five seconds
PROGRAMS = (*PROGRAMS_WITH_RULES, "rollups")  # without the simulators, which send heartbeats too
_COUNTERS = (
    ("bridge", "bridge_readings_received_total", "Received"), ("bridge", "bridge_readings_accepted_total", "Accepted"),
    ("bridge", "bridge_readings_duplicate_total", "Duplicates"),
)  # fmt: skip
_RATES = (
    ("bridge", "bridge_readings_accepted_total", "Intake: readings in the log"),
    ("bridge", "archive_records_stored_total", "Archive: records stored"),
    ("detectors", "detectors_readings_evaluated_total", "Detectors: readings evaluated"),
    ("alerts", "notification_decisions_total", "Alerts: decisions"),
    ("alerts", "notification_attempts_total", "Delivery: attempts"),
)  # fmt: skip
_ERRORS = (
    ("bridge", "store_retries_total", "Store: retries"), ("bridge", "broker_reconnects_total", "Broker: reconnects"),
    ("detectors", "detectors_values_too_large_total", "Detectors: values too large"),
    ("detectors", "detectors_records_unreadable_total", "Detectors: unreadable"),
    ("alerts", "alerts_heartbeats_unreadable_total", "Alerts: unreadable"),
    ("rollups", "rollups_points_refused_total", "Roll-ups: refused"),
)  # fmt: skip
_LABELS = ("topic", "reason", "channel", "result", "stage", "detector", "status")


def dashboard(_: Config) -> Dashboard:
    """For whoever operates Wardwatch. The rows follow the way of a reading."""
    stats = (_canary(), _programs_running(), _store(), _quarantined(), _oldest_notification(), _restarts())
    rows = [
        [Cell(panel, 4, 4) for panel in stats],
        [Cell(_programs(), 24, 8)],
        [Cell(_rates(), 12, 9), Cell(_delays(), 12, 9)],
        [Cell(_lag(), 12, 9), Cell(_canary_over_time(), 12, 9)],
        [Cell(_balance(), 12, 6), Cell(_quarantine_reasons(), 12, 6)],
        [Cell(_examples(), 24, 9)],
        [Cell(_stored(), 12, 8), Cell(_errors(), 12, 8)],
        [Cell(_delivered(), 12, 8), Cell(_outbox(), 12, 8)],
    ]
    headings = {0: "Now", 2: "From reading to alert", 4: "Quarantine", 6: "Store and errors", 7: "Notifications"}
    return Dashboard(
        "ward-pipeline", "The state of Wardwatch itself.", rows, headings=headings, time_from="now-3h",
        annotations_enabled=False, annotations_where=["\"kind\" = 'technical'"], with_resolution=False,
    )  # fmt: skip


def _metric(program: str, *columns: str) -> Select:
    """Metrics of one program. Programs in one process all report the metrics of the whole process."""
    return Select.of(*columns, source="pipeline", policy=RAW).where(program=program)


def _latest(program: str, stored: str, shown: str, *by: str) -> Select:
    inner = _metric(program, call("last", stored, "n")).during(_NOW).group("instance", *by)
    return Select.of(call("sum", "n", shown), source=inner).during("")


def _rate(program: str, stored: str, *by: str, per: str = "1s") -> Select:
    """The rate of a counter, for each instance and each set of labels."""
    labels = [label for label in _LABELS if label not in by]
    query = _metric(program, f"non_negative_derivative(last({name(stored)}), {per}) AS {name('n')}")
    return query.group("instance", *by, *labels, every="$__interval")


def _increase(program: str, stored: str, *by: str) -> Select:
    """The increase of a counter in each time bucket, for each instance."""
    query = _metric(program, f"non_negative_difference(last({name(stored)})) AS {name('n')}")
    return query.group("instance", *by, every="$__interval")


def _stat(title: str, description: str, query: Select, *limits: Threshold) -> stat.Panel:
    return stat_panel(title, description, Target(query, "table")).thresholds(steps(limits))


def _bad_from(value: float, colour: str = MEDIUM) -> tuple[Threshold, Threshold]:
    return Threshold(color=GOOD), Threshold(color=colour, value=value)


def _canary() -> stat.Panel:
    query = Select.of(call("last", "latency_s", "Canary"), source="canary", policy=RAW).during(last_seconds(60))
    description = (
        "The time that the newest canary (a test reading) took to the bridge. NO DATA: none was stored for a minute; "
        "broker, bridge, log or store do not work, see *Programs*."
    )
    return _stat("Canary", description, query, *_bad_from(5)).unit("s").decimals(2)


def _programs_running() -> stat.Panel:
    inner = Select.of(call("last", "up_since", "n"), source="pipeline", policy=RAW).during(_NOW)
    inner = inner.where(f'"program" =~ /^({"|".join(PROGRAMS)})$/').group("program")
    query = Select.of(call("count", "n", "Programs"), source=inner).during("")
    limits = (Threshold(color=HIGH), Threshold(color=GOOD, value=len(PROGRAMS)))
    description = (
        f"Programs with a heartbeat in the last 30 s, of {len(PROGRAMS)}: {', '.join(PROGRAMS)}. Fewer: start the "
        "missing ones."
    )
    return _stat("Programs running", description, query, *limits)


def _store() -> stat.Panel:
    query = _metric("bridge", call("last", "store_up", "Store")).during(_NOW)
    limits = (Threshold(color=HIGH), Threshold(color=GOOD, value=1))
    description = (
        "Whether the store accepts data. NO: it is unreachable, full or refuses the token; the log keeps the data "
        "meanwhile."
    )
    panel = _stat("Store accepts data", description, query, *limits)
    return panel.mappings([value_map({"1": ("yes", GOOD), "0": ("NO", HIGH)}), no_data()])


def _quarantined() -> stat.Panel:
    # Not the counter by reason: it begins with the first message.
    query = Select.of(call("sum", "n", "Quarantined"), source=_increase("bridge", "quarantined")).during("")
    description = "Messages in this time that could not be used. They are stored whole; see *Last examples*."
    return _stat("Quarantined", description, query, *_bad_from(1)).decimals(0)


def _oldest_notification() -> stat.Panel:
    inner = _metric("alerts", call("last", "outbox_oldest_age_seconds", "n")).during(_NOW).group("instance", "channel")
    query = Select.of(call("max", "n", "Oldest notification"), source=inner).during("")
    description = "How long the oldest undelivered notification waits. Above a minute: see *Delivery by channel*."
    return _stat("Oldest notification", description, query, *_bad_from(60, HIGH)).unit("s").decimals(0)


def _restarts() -> stat.Panel:
    inner = Select.of(call("last", "restarts_total", "n"), source="pipeline", policy=RAW).during(_NOW)
    query = Select.of(call("max", "n", "Restarts"), source=inner.group("instance", "part")).during("")
    description = (
        "Parts of programs that failed and were restarted; the log of the program has the cause. NO DATA: no program "
        "sends heartbeats."
    )
    return _stat("Restarted parts", description, query, *_bad_from(1)).decimals(0)


def _programs() -> table.Panel:
    columns = [field("problems", "Problems"), '"up_since" * 1000 AS "Up since"', field("config", "Config")]
    query = Select.of(*columns, source="pipeline", policy=RAW).where('"problems" =~ /.*/').during(_NOW)
    query = query.group("program", "instance").newest(1)
    description = "Each program with a heartbeat in the last 30 s, and its problems. A missing program does not run."
    panel = table_panel("Programs", description, Target(query, "table")).transformations([without("Time")])
    panel = column(panel, "Problems", value_map({"": ("none", GOOD)}), no_data("none", GOOD), noValue="none")
    return column(panel, "Up since", unit="dateTimeAsIso")


def _sums_of(counters: tuple[tuple[str, str, str], ...], per: str) -> list[Target]:
    """One curve for each counter."""
    targets = []
    for i, (program, stored, shown) in enumerate(counters):
        query = Select.of(call("sum", "n", shown), source=_rate(program, stored, per=per))
        targets.append(Target(query.group(every="$__interval", fill="none"), ref_id=chr(65 + i), alias="$col"))
    return targets


def _rates() -> timeseries.Panel:
    description = (
        "Per second. Intake, archive and detectors have the same rate: one that is lower than the others is slow or "
        "does not run."
    )
    panel = time_series_panel("Rate of each stage", description, *_sums_of(_RATES, "1s"))
    return panel.unit("suffix: /s").min(0).decimals(1)


def _delays() -> timeseries.Panel:
    increases = [
        f"non_negative_difference(last({name(f'delay_seconds_{end}')})) AS {name(end)}" for end in ("sum", "count")
    ]
    inner = Select.of(*increases, source="pipeline", policy=RAW).where("\"stage\" != ''")
    inner = inner.group("stage", "instance", "program", every="$__interval")
    query = Select.of('sum("sum") / sum("count") AS "s"', source=inner).where('"count" > 0')
    query = query.group("stage", every="$__interval", fill="none")
    description = (
        "Mean time from the arrival of a reading at the bridge to the end of each stage, in this order: log, store, "
        "detect, web, alerts, sent. The first one that rises is the slow one."
    )
    return time_series_panel("Delay of each stage", description, Target(query, alias="$tag_stage")).unit("s").min(0)


def _lag() -> timeseries.Panel:
    query = Select.of(call("max", "consumer_partition_lag_records"), source="pipeline", policy=RAW)
    query = query.group("group", "topic", "partition", every="$__interval", fill="none")
    description = (
        "Records that a consumer group has not processed yet. One partition: its consumer hangs; all partitions of a "
        "group: it is slow or does not run."
    )
    target = Target(query, alias="$tag_group $tag_topic/$tag_partition")
    return time_series_panel("Lag by group and partition", description, target).min(0)


def _canary_over_time() -> timeseries.Panel:
    query = Select.of(call("max", "latency_s"), source="canary", policy=RAW)
    query = query.group("device", every="$__interval", fill="null")
    description = "The time that each canary (a test reading) took. A gap: no reading was stored then, of no device."
    panel = time_series_panel("Canary over time", description, Target(query, alias="$tag_device")).unit("s").min(0)
    return panel.show_points(VisibilityMode.ALWAYS).interval("30s")


def _balance() -> stat.Panel:
    targets = [
        Target(_latest(program, stored, shown), "table", chr(65 + i))
        for i, (program, stored, shown) in enumerate(_COUNTERS)
    ]
    inner = _metric("bridge", call("last", "messages_quarantined_total", "n")).where(stage="intake").during(_NOW)
    by_reason = Select.of(call("sum", "n", "n"), source=inner.group("instance", "reason")).during("")
    none_yet = _metric("bridge", 'last("up_since")').during(_NOW)
    targets.append(Target(or_zero("Quarantined", by_reason, none_yet), "table", "D"))
    inner = _metric("bridge", call("last", "archive_records_stored_total", "n"))
    inner = inner.where(topic="ward.readings").during(_NOW)
    query = Select.of(call("sum", "n", "Stored"), source=inner.group("instance")).during("")
    targets.append(Target(query, "table", "E"))
    description = (
        "Since the start of the bridge: received = accepted + duplicates + quarantined; and accepted = stored once "
        "the archive has no lag. If the numbers do not add up, readings were "
        "lost: report it as a bug of Wardwatch."
    )
    return stat_panel("Balance of readings", description, *targets).unit("locale").decimals(0)


def _quarantine_reasons() -> timeseries.Panel:
    inner = _increase("bridge", "messages_quarantined_total", "stage", "reason")
    query = Select.of(call("sum", "n"), source=inner).group("stage", "reason", every="$__interval", fill="none")
    description = "Quarantined messages by stage and reason. A new or rising reason: *Last examples* shows the sender."
    panel = time_series_panel("Quarantined by reason", description, Target(query, alias="$tag_stage: $tag_reason"))
    return panel.min(0).decimals(0)


def _examples() -> table.Panel:
    columns = [
        field("stage", "Stage"), field("reason", "Reason"), field("topic", "Topic"), field("detail", "Detail"),
        field("payload", "Payload begins"), field("bytes", "Bytes"),
    ]  # fmt: skip
    query = Select.of(*columns, source="quarantine", policy=RAW)
    query = query.during("time > now() - 30d AND time <= now() + 5s").newest(50)
    description = (
        "The last quarantined messages; of each reason at most one per second is kept here. *none*: there were none "
        "in 30 days."
    )
    panel = table_panel("Last examples", description, Target(query, "table")).no_value(NONE_TEXT)
    for shown, width in (("Time", 170), ("Stage", 90), ("Reason", 110), ("Bytes", 80), ("Topic", 260)):
        panel = column(panel, shown, width=width)
    return panel


def _stored() -> timeseries.Panel:
    query = Select.of(call("sum", "n"), source=_rate("bridge", "archive_records_stored_total", "topic"))
    query = query.group("topic", every="$__interval", fill="none")
    description = "Records stored per second, by topic. 0 while readings arrive: store or archive do not work."
    panel = time_series_panel("Store writes", description, Target(query, alias="$tag_topic"))
    return panel.unit("suffix: /s").min(0).decimals(1)


def _errors() -> timeseries.Panel:
    description = "Errors after which something was retried or given up. docs/metrics.md explains what to do."
    return time_series_panel("Errors per hour", description, *_sums_of(_ERRORS, "1h")).min(0).decimals(0)


def _delivered() -> timeseries.Panel:
    inner = _increase("alerts", "notification_attempts_total", "channel", "result")
    query = Select.of(call("sum", "n"), source=inner).group("channel", "result", every="$__interval", fill="none")
    description = "Attempts to deliver notifications. *failed* is retried without end: see the log of `alerts`."
    panel = time_series_panel("Delivery by channel", description, Target(query, alias="$tag_channel: $tag_result"))
    return panel.min(0).decimals(0)


def _outbox() -> timeseries.Panel:
    query = _metric("alerts", call("max", "outbox_notifications")).group("channel", every="$__interval", fill="none")
    description = "Notifications that wait, by channel. Rising: the channel does not deliver, and people get nothing."
    panel = time_series_panel("Outbox", description, Target(query, alias="$tag_channel"))
    return panel.min(0).decimals(0)
