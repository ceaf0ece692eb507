"""Ourselves: rate, lag, errors and delay of each stage, what was set aside, whether the counters balance."""

from grafana_foundation_sdk.builders import stat, table, timeseries
from grafana_foundation_sdk.models.common import VisibilityMode
from grafana_foundation_sdk.models.dashboard import Threshold

from grafana import palette
from grafana.alerting.pipeline import PROGRAMS as WATCHED
from grafana.dashboard import Cell, Dashboard
from grafana.influxql import RAW, Select, call, field, just, name
from grafana.panels import column, curves, number, rows, steps
from grafana.target import Target
from grafana.transform import without
from ward.config.config import Config

_NOW = just(30)  # a program tells of itself every five seconds
PROGRAMS = (*WATCHED, "rollups")  # simulators have a pulse too, and are none of ours
_COUNTERS = (
    ("bridge", "bridge_readings_received_total", "Received"), ("bridge", "bridge_readings_accepted_total", "Accepted"),
    ("bridge", "bridge_readings_duplicate_total", "Repeats"),
)  # fmt: skip
_WORK = (
    ("bridge", "bridge_readings_accepted_total", "Intake: readings in the log"),
    ("bridge", "archive_records_stored_total", "Archive: stored"),
    ("detectors", "detectors_readings_evaluated_total", "Detectors: judged"),
    ("alerts", "notification_decisions_total", "Alerts: decisions"),
    ("alerts", "notification_attempts_total", "Delivery: attempts"),
)  # fmt: skip
_ERRORS = (
    ("bridge", "store_retries_total", "Store: again"), ("bridge", "broker_reconnects_total", "Broker: again"),
    ("detectors", "detectors_values_too_large_total", "Detectors: unusable"),
    ("detectors", "detectors_records_unreadable_total", "Detectors: unreadable"),
    ("alerts", "alerts_heartbeats_unreadable_total", "Alerts: unreadable"),
    ("rollups", "rollups_points_refused_total", "Roll-ups"),
)  # fmt: skip


def dashboard(_: Config) -> Dashboard:
    """What whoever runs Wardwatch looks at. Rows follow a reading on its way."""
    cells = [
        [Cell(panel, 4, 4) for panel in (_canary(), _silent(), _store(), _aside(), _outbox(), _restarts())],
        [Cell(_programs(), 24, 8)],
        [Cell(_rates(), 12, 9), Cell(_delays(), 12, 9)],
        [Cell(_lag(), 12, 9), Cell(_canary_curve(), 12, 9)],
        [Cell(_balance(), 12, 6), Cell(_set_aside(), 12, 6)],
        [Cell(_examples(), 24, 9)],
        [Cell(_stored(), 12, 8), Cell(_errors(), 12, 8)],
        [Cell(_delivered(), 12, 8), Cell(_waiting(), 12, 8)],
    ]
    bands = {
        0: "Now",
        2: "The way of a reading",
        4: "Nothing is dropped in silence",
        6: "Store and errors",
        7: "People",
    }
    return Dashboard(
        "ward-pipeline", "How Wardwatch itself is.", cells, bands=bands, since="now-3h", spans=False,
        spans_of=["\"kind\" = 'technical'"], resolved=False,
    )  # fmt: skip


def _of(program: str, *shown: str) -> Select:
    """Numbers of one program: where several share a process, each tells those of all."""
    return Select.of(*shown, source="pipeline", policy=RAW).where(program=program)


def _latest(program: str, stored: str, shown: str, *by: str) -> Select:
    inner = _of(program, call("last", stored, "n")).during(_NOW).group("instance", *by)
    return Select.of(call("sum", "n", shown), source=inner).during("")


def _growth(program: str, stored: str, *by: str, a: str = "1s") -> Select:
    """How fast a counter grows, instance by instance, each set of its labels by itself."""
    labels = [
        label for label in ("topic", "reason", "channel", "result", "stage", "detector", "status") if label not in by
    ]
    asked = _of(program, f"non_negative_derivative(last({name(stored)}), {a}) AS {name('n')}")
    return asked.group("instance", *by, *labels, every="$__interval")


def _judged(title: str, wrong: str, asked: Select, *limits: Threshold) -> stat.Panel:
    return number(title, wrong, Target(asked, "table")).thresholds(steps(limits))


def _bad_from(value: float, colour: str = palette.MEDIUM) -> tuple[Threshold, Threshold]:
    return Threshold(color=palette.GOOD), Threshold(color=colour, value=value)


def _canary() -> stat.Panel:
    asked = Select.of(call("last", "latency_s", "Canary"), source="canary", policy=RAW).during(just(60))
    wrong = (
        "How long the newest test reading was on its way to the bridge. NO DATA: none came through to the store for a "
        "minute: broker, bridge, log or store stand still, see *Programs*."
    )
    return _judged("Canary", wrong, asked, *_bad_from(5)).unit("s").decimals(2)


def _silent() -> stat.Panel:
    inner = Select.of(call("last", "up_since", "n"), source="pipeline", policy=RAW).during(_NOW)
    inner = inner.where(f'"program" =~ /^({"|".join(PROGRAMS)})$/').group("program")
    asked = Select.of(call("count", "n", "Programs"), source=inner).during("")
    limits = (Threshold(color=palette.HIGH), Threshold(color=palette.GOOD, value=len(PROGRAMS)))
    wrong = (
        f"Programs heard of within half a minute, of {len(PROGRAMS)}: {', '.join(PROGRAMS)}. Fewer: start the others."
    )
    return _judged("Programs at work", wrong, asked, *limits)


def _store() -> stat.Panel:
    asked = _of("bridge", call("last", "store_up", "Store")).during(_NOW)
    limits = (Threshold(color=palette.HIGH), Threshold(color=palette.GOOD, value=1))
    wrong = (
        "1 while the store takes what it is given. 0: it is away, full or refuses the token; nothing is lost meanwhile."
    )
    panel = _judged("Store takes", wrong, asked, *limits)
    return panel.mappings([palette.words({"1": ("yes", palette.GOOD), "0": ("NO", palette.HIGH)}), palette.no_data()])


def _aside() -> stat.Panel:
    grown = _of("bridge", f"non_negative_difference(last({name('messages_quarantined_total')})) AS {name('n')}")
    grown = grown.group("instance", "stage", "reason", every="$__interval")
    asked = Select.of(call("sum", "n", "Set aside"), source=grown).during("")
    wrong = "Messages that could not be used, in this time. Each is kept whole; see the examples for whose they are."
    return _judged("Set aside", wrong, asked, *_bad_from(1)).decimals(0)


def _outbox() -> stat.Panel:
    inner = _of("alerts", call("last", "outbox_oldest_age_seconds", "n")).during(_NOW).group("instance", "channel")
    asked = Select.of(call("max", "n", "Oldest notice"), source=inner).during("")
    wrong = "How long the oldest notice waits for its channel. A minute: people have not been told, see *Delivery*."
    return _judged("Oldest notice", wrong, asked, *_bad_from(60, palette.HIGH)).unit("s").decimals(0)


def _restarts() -> stat.Panel:
    inner = Select.of(call("last", "restarts_total", "n"), source="pipeline", policy=RAW).during(_NOW)
    asked = Select.of(call("max", "n", "Restarts"), source=inner.group("instance", "part")).during("")
    wrong = "Parts that died and were made anew. Their program's log says why. NO DATA: no program is heard of at all."
    return _judged("Parts made anew", wrong, asked, *_bad_from(1)).decimals(0)


def _programs() -> table.Panel:
    shown = [field("problems", "Problems"), '"up_since" * 1000 AS "Up since"', field("config", "Config")]
    asked = Select.of(*shown, source="pipeline", policy=RAW).where('"problems" =~ /.*/').during(_NOW)
    asked = asked.group("program", "instance").newest(1)
    wrong = (
        "Each program that was heard of within half a minute, with what it says is wrong. One that is missing is dead."
    )
    panel = rows("Programs", wrong, Target(asked, "table")).transformations([without("Time")])
    panel = column(
        panel,
        "Problem",
        palette.words({"": ("none", palette.GOOD)}),
        palette.no_data("none", palette.GOOD),
        noValue="none",
    )
    return column(panel, "Up since", unit="dateTimeAsIso")


def _rates() -> timeseries.Panel:
    targets = [
        Target(
            Select.of(call("sum", "n", shown), source=_growth(program, stored)).group(every="$__interval", fill="none"),
            ref=chr(65 + i), alias="$col",
        )
        for i, (program, stored, shown) in enumerate(_WORK)
    ]  # fmt: skip
    wrong = (
        "A second. Intake, archive and detectors go alike: one that falls behind the others is slow or stands still."
    )
    return curves("Rate of each stage", wrong, *targets).unit("suffix: /s").min(0).decimals(1)


def _delays() -> timeseries.Panel:
    grown = [
        f"non_negative_difference(last({name(f'delay_seconds_{end}')})) AS {name(end)}" for end in ("sum", "count")
    ]
    inner = Select.of(*grown, source="pipeline", policy=RAW).where("\"stage\" != ''")
    inner = inner.group("stage", "instance", "program", every="$__interval")
    asked = Select.of('sum("sum") / sum("count") AS "s"', source=inner).where('"count" > 0')
    asked = asked.group("stage", every="$__interval", fill="none")
    wrong = (
        "Mean time from the bridge's sight of a reading to the end of each stage: log, store, detect, web, alerts, "
        "handed. The first that rises is the slow one."
    )
    return curves("Delay of each stage", wrong, Target(asked, alias="$tag_stage")).unit("s").min(0)


def _lag() -> timeseries.Panel:
    asked = Select.of(call("max", "consumer_partition_lag_records"), source="pipeline", policy=RAW)
    asked = asked.group("group", "topic", "partition", every="$__interval", fill="none")
    wrong = (
        "Records not dealt with, by who reads them and partition. One partition: its reader is stuck; all of a group: "
        "it is slow or not there."
    )
    return curves("Lag by group and partition", wrong, Target(asked, alias="$tag_group $tag_topic/$tag_partition")).min(
        0
    )


def _canary_curve() -> timeseries.Panel:
    asked = Select.of(call("max", "latency_s"), source="canary", policy=RAW).group(
        "device", every="$__interval", fill="null"
    )
    wrong = "Each test reading that came through. A gap: nothing came through then, of devices neither."
    panel = curves("Canary", wrong, Target(asked, alias="$tag_device")).unit("s").min(0)
    return panel.show_points(VisibilityMode.ALWAYS).interval("30s")


def _balance() -> stat.Panel:
    targets = [
        Target(_latest(program, stored, shown), "table", chr(65 + i))
        for i, (program, stored, shown) in enumerate(_COUNTERS)
    ]
    aside = _of("bridge", call("last", "messages_quarantined_total", "n")).where(stage="intake").during(_NOW)
    targets.append(
        Target(
            Select.of(call("sum", "n", "Set aside"), source=aside.group("instance", "reason")).during(""), "table", "D"
        )
    )
    stored = _of("bridge", call("last", "archive_records_stored_total", "n")).where(topic="ward.readings").during(_NOW)
    targets.append(
        Target(Select.of(call("sum", "n", "Stored"), source=stored.group("instance")).during(""), "table", "E")
    )
    wrong = (
        "Since the bridge started: received = accepted + repeats + set aside, and accepted = stored when the archive "
        "has caught up. *Set aside* is not there while nothing was. If it does not add up, something was dropped in "
        "silence: tell those who make Wardwatch."
    )
    return number("Balance", wrong, *targets).unit("locale").decimals(0)


def _set_aside() -> timeseries.Panel:
    inner = _of("bridge", f"non_negative_difference(last({name('messages_quarantined_total')})) AS {name('n')}")
    inner = inner.group("instance", "stage", "reason", every="$__interval")
    asked = Select.of(call("sum", "n"), source=inner).group("stage", "reason", every="$__interval", fill="none")
    wrong = (
        "Messages set aside by stage and reason. A new reason, or one that rises: see the examples for who sends them."
    )
    return curves("Set aside by reason", wrong, Target(asked, alias="$tag_stage: $tag_reason")).min(0).decimals(0)


def _examples() -> table.Panel:
    shown = [
        field("stage", "Stage"), field("reason", "Reason"), field("topic", "From"), field("detail", "Why"),
        field("payload", "Begins with"), field("bytes", "Bytes"),
    ]  # fmt: skip
    asked = (
        Select.of(*shown, source="quarantine", policy=RAW)
        .during("time > now() - 30d AND time <= now() + 5s")
        .newest(50)
    )
    wrong = (
        "The last examples of what was set aside, at most one a second and reason. NO DATA: nothing was, in 30 days."
    )
    panel = rows("Last examples", wrong, Target(asked, "table"))
    for shown_as, width in (("Time", 170), ("Stage", 90), ("Reason", 110), ("Bytes", 80), ("From", 260)):
        panel = column(panel, shown_as, width=width)
    return panel


def _stored() -> timeseries.Panel:
    asked = Select.of(call("sum", "n"), source=_growth("bridge", "archive_records_stored_total", "topic"))
    asked = asked.group("topic", every="$__interval", fill="none")
    wrong = "Records stored a second, by topic. 0 while readings come: the store takes nothing, or the archive is dead."
    return curves("Store writes", wrong, Target(asked, alias="$tag_topic")).unit("suffix: /s").min(0).decimals(1)


def _errors() -> timeseries.Panel:
    targets = []
    for i, (program, stored, shown) in enumerate(_ERRORS):
        inner = _growth(program, stored, a="1h")
        asked = Select.of(call("sum", "n", shown), source=inner).group(every="$__interval", fill="none")
        targets.append(Target(asked, ref=chr(65 + i), alias="$col"))
    wrong = "What went wrong and was tried again or given up, an hour. docs/metrics.md tells what to do about each."
    return curves("Errors an hour", wrong, *targets).min(0).decimals(0)


def _delivered() -> timeseries.Panel:
    inner = _of("alerts", f"non_negative_difference(last({name('notification_attempts_total')})) AS {name('n')}")
    inner = inner.group("instance", "channel", "result", every="$__interval")
    asked = Select.of(call("sum", "n"), source=inner).group("channel", "result", every="$__interval", fill="none")
    wrong = "Attempts to tell people, by channel. *failed* is tried again without end: see what the channel answers."
    return curves("Delivery by channel", wrong, Target(asked, alias="$tag_channel: $tag_result")).min(0).decimals(0)


def _waiting() -> timeseries.Panel:
    asked = _of("alerts", call("max", "outbox_notifications")).group("channel", every="$__interval", fill="none")
    wrong = "Notices that wait, by channel. More and more: that channel does not deliver, and people are not told."
    return curves("Outbox", wrong, Target(asked, alias="$tag_channel")).min(0).decimals(0)
