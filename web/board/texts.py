"""The texts of banners, which every screen shows."""

from ward.text_template import TextKind, TextTemplate


def _banner(text: str, /, **example: str) -> TextTemplate:
    return TextTemplate(TextKind.BANNER, text, **example)


def _part(text: str, /, **example: str) -> TextTemplate:
    return TextTemplate(TextKind.NOTE, text, **example)


# What follows from a service or a program that does not work.
SERVICE_EFFECTS = {
    "log": "The log does not answer: values and alerts on this screen are old, watch patients at the bedside",
    "store": "The store does not answer: no curves and no history; live values and alerts go on",
}
OTHER_SERVICE = _part("The {service} does not answer", service="broker")
PROGRAM_EFFECTS = {
    "bridge": "no readings are received, watch patients at the bedside",
    "detectors": "readings are not checked, watch patients at the bedside",
    "alerts": "no new alert is shown or sent, watch patients at the bedside",
}
OTHER_PROGRAM = "its work is not done"

SERVICE = _banner("{effect} ({problem})", effect=SERVICE_EFFECTS["log"], problem="no broker answers")
NO_HEARTBEAT = _banner(
    "No heartbeat from program {program}: {effect}", program="detectors", effect=PROGRAM_EFFECTS["detectors"]
)
NO_READING = _banner("No reading has come from any device: watch patients at the bedside")
BEDS_NOT_EVALUATED = _part("{count} of {all} beds", count="12", all="20")
NOT_EVALUATED = _banner(
    "An alert may be missing, watch the patients at the bedside: readings of {which} are not evaluated",
    which="ICU bed 3, ICU bed 7",
)  # fmt: skip
REPORTED = _banner("{program}: {problem}", program="bridge", problem="the disk is full")

EDIT_WAITS = _banner(
    "An edit of the config is not in force and waits for a confirmation on the pipeline page{closes}: {first}{rest}",
    closes=". It would close, though not ended, 1 active alert: HIGH priority, ICU bed 5: SpO2 55 % < 85. Reason",
    first="rule desaturation (spo2) is removed", rest="",
)  # fmt: skip
EDIT_CLOSES = _part(
    ". It would close, though not ended, {count}: {shown}{more}. Reason", count="1 active alert",
    shown="HIGH priority, ICU bed 5: SpO2 55 % < 85", more="",
)  # fmt: skip
EDIT_REFUSED = _banner(
    "An edit of the config was refused; the old config stays in force in {programs}: {first}{rest}",
    programs="alerts, detectors", first="thresholds.yaml:12:7: unknown key 'hihg'", rest=" (and 2 more)",
)  # fmt: skip
ONE_ACTIVE, SEVERAL_ACTIVE = _part("1 active alert"), _part("{count} active alerts", count="3")
AND_MORE = _part(" (and {count} more)", count="2")
AND_FURTHER = _part(" and {count} more alerts", count="2")
ALERT_LINE = _part("{severity} priority, {text}", severity="HIGH", text="ICU bed 5: SpO2 55 % < 85")

CHANNEL_FAILS = _banner("Notifications may not arrive: {text}", text="Channel mail has delivered nothing")
CHANNEL_UNKNOWN = _part("channel {channel} does not deliver", channel="mail")
CHANNEL_WAITS = _banner(
    "{count} notifications wait for channel {channel}, the oldest for {span}: they have not been delivered", count="12",
    channel="mail", span="3 min",
)  # fmt: skip

HANDOVERS = _banner("Handovers are mailed to nobody: no channel of {receivers} has an address", receivers="reports")
ALARM_LOAD = _banner(
    "The weekly alarm load is mailed to nobody: no channel of {receivers} has an address", receivers="reports"
)  # fmt: skip

ONE_HIGH = _part("1 HIGH priority alert about a patient is")
SEVERAL_HIGH = _part("{count} HIGH priority alerts about patients are", count="3")
SILENCED_UNKNOWN = _banner(
    "{alerts} silenced, not known by whom", alerts="1 HIGH priority alert about a patient is"
)  # fmt: skip
SILENCED = _banner(
    "{alerts} silenced by {by} until {until}: {comment}", alerts="1 HIGH priority alert about a patient is",
    by="Nurse Ada", until="14:20:00 CET", comment="probe is off for washing",
)  # fmt: skip
MORE_SILENCES = _banner("{count} more silences mute HIGH priority alerts about patients", count="2")

# Why an alert would not reach anybody: the answer of /-/ready

NOT_WORKING = _banner(
    "{program}: {why}, so {effect}", program="detectors", why="no heartbeat for 3 min",
    effect="readings are not checked",
)  # fmt: skip
STILL_READING = _part("still reading the log and the store")
LOG_STALE = _part("the log was last followed {span} ago", span="25 s")
SILENT_FOR, SILENT_YET = _part("no heartbeat for {span}", span="3 min"), _part("no heartbeat yet")
ALL_STANDBY = _part("each process is a standby, none is active yet")
NO_SHARE = _banner(
    "{program}: no process has share {which} of the devices, so none of their readings are received", program="bridge",
    which="2",
)  # fmt: skip
