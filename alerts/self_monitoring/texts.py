"""The texts of alerts about Wardwatch itself."""

from ward.text_template import TextKind, TextTemplate


def _text(text: str, /, **example: str) -> TextTemplate:
    return TextTemplate(TextKind.SYSTEM, text, **example)


def _ending(text: str, /, **example: str) -> TextTemplate:
    return TextTemplate(TextKind.ENDING, text, **example)


# Programs

WATCH = "watch patients at the bedside"  # what to do while nothing else does it
# What follows from a program that does not work.
CONSEQUENCES = {
    "bridge": f"no readings are received, {WATCH}",
    "detectors": f"readings are not checked, {WATCH}",
    "web": "the ward screen is down",
    "simulators": "simulated devices send no readings",
    "alerts": f"no new alerts are raised, {WATCH}",
}
SILENT = _text(
    "Program {program}: no heartbeat since {since}{consequence}", program="detectors", since="14:02:15 CET",
    consequence=f"; readings are not checked, {WATCH}",
)  # fmt: skip
NOT_EXPECTED = _ending("Program {program}: no heartbeat for a day, no longer expected", program="simulators")
HEARTBEAT_BACK = _ending("Program {program}: heartbeat is back", program="detectors")
PROBLEM = _text(
    "Program {program} reports a problem: {problems}", program="bridge", problems="archive: the store does not answer"
)  # fmt: skip
PROBLEM_STOPS = _text(
    "Program {program} reports a problem; {consequence} ({problems})", program="bridge",
    consequence=f"no readings are received, {WATCH}", problems="intake has stopped: the broker does not answer",
)  # fmt: skip
NO_LOG = TextTemplate(TextKind.NOTE, "the log cannot be read: {problem}", problem="no broker answers")
NO_PROBLEM = _ending("Program {program} reports no problem any more", program="bridge")
REJECTED = _text(
    "New config rejected by {programs}; the previous config stays in force: {fault}", programs="alerts, detectors",
    fault="thresholds.yaml:12:7: unknown key 'hihg'; did you mean 'high'?",
)  # fmt: skip
ACCEPTED = _ending("Config accepted by all programs")

# Channels

PARTLY_REACHED = _text(
    "Channel {channel} has not reached {names}{more} since {since} (delivered to {reached} of {count}): {reply}",
    channel="mail", names="ward@hospital.test", more="", since="14:02:15 CET", reached="2", count="3",
    reply="550 no such user",
)  # fmt: skip
NOBODY_REACHED = _text(
    "Channel {channel} has delivered nothing since {since}, watch the ward screen{error}", channel="mail",
    since="14:02:15 CET", error=": the mail server does not answer",
)  # fmt: skip
AND_MORE = TextTemplate(TextKind.NOTE, " and {count} more", count="2")
WITHDRAWN = "withdrawn: the channel is no longer configured, or has no address"
DELIVERS = _ending("Channel {channel} delivers again", channel="mail")

# On call

NOBODY_ON_CALL = _text(
    "Nobody is on call by schedule {schedule}{until}: messages to {receivers} go to {channels}",
    schedule="physicians", until=" until 2026-11-30 19:00:00 CET", receivers="on_call", channels="sms and mail",
)  # fmt: skip
NOBODY_REACHED_ON_CALL = _text(
    "No channel of {people}, on call by schedule {schedule}, has an address: messages to {receivers} go to {channels}",
    people="ada", schedule="physicians", receivers="on_call", channels="sms and mail",
)  # fmt: skip
UNTIL = TextTemplate(TextKind.NOTE, " until {time}", time="2026-11-30 19:00:00 CET")
ON_CALL_AGAIN = _ending("Somebody is on call by schedule {schedule} again", schedule="physicians")
LAST_COPY = _text("its last good copy is used")
LAST_COPY_UNTIL = _text(
    "its last good copy is used, which names nobody after {end}", end="2026-12-07 07:00:00 CET"
)  # fmt: skip
NO_COPY = _text("there is no earlier copy of it, so nobody is on call by it")
CALENDAR_UNREADABLE = _text(
    "Calendar of schedule {schedule} cannot be read, {used}: {problem}", schedule="physicians", used=LAST_COPY.example,
    problem="on-call.ics:812: the file is cut off: VEVENT of line 805 does not end",
)  # fmt: skip
SINCE = _text("any more since {end}", end="2026-12-07 07:00:00 CET")
CALENDAR_OVER = _text(
    "Calendar {file} of schedule {schedule} names nobody{since}: put later shifts into it", file="on-call.ics",
    schedule="physicians", since=f" {SINCE.example}",
)  # fmt: skip
CALENDAR_ENDS = _text(
    "Calendar {file} of schedule {schedule} names nobody after {end}: put later shifts into it", file="on-call.ics",
    schedule="physicians", end="2026-12-07 07:00:00 CET",
)  # fmt: skip
MORE_ENTRIES = _text(", and {count} more", count="2")
CALENDAR_ENTRIES = _text(
    "An entry in the calendar of schedule {schedule} counts for nobody: {note}{more}", schedule="physicians",
    note="on-call.ics:12: 'Dr Grey' is nobody of `people`", more=MORE_ENTRIES.example,
)  # fmt: skip
CALENDAR_WELL = _ending("The calendar of schedule {schedule} is read, and names people", schedule="physicians")

# Clocks

CLOCK_SET = _text(
    "Server clock was set {direction} by {span} ({programs}): times and curves from before are wrong by as much; check "
    "NTP", direction="back", span="10 min", programs="alerts, bridge",
)  # fmt: skip
CLOCK_STEADY = _ending("Server clock was not set again for 10 min")

# Devices and other systems

TOO_MANY = _text(
    "{count} devices send that are not in ward.yaml: the oldest are forgotten, or new ones refused; registered devices "
    "are not affected", count="1000",
)  # fmt: skip
NOT_TOO_MANY = _ending("Devices that are not in ward.yaml: no longer too many")
FLOODS = _text(
    "Device {device} sends {rate} readings a second, more than it can measure: restart it, or disconnect it from the "
    "network and report it to its maker", device="mon-icu-05", rate="1,200",
)  # fmt: skip
NO_FLOOD = _ending("Device {device} sends at a normal rate again", device="mon-icu-05")
UNKNOWN_ALARM = _text(
    "Device {device} reports an alarm of its own, code '{code}', that bridge.yaml does not have: look at the device, "
    "and add the code", device="pump-icu-05", code="E 17",
)  # fmt: skip
NO_UNKNOWN_ALARM = _ending("Device {device} no longer reports an unknown alarm", device="pump-icu-05")
SENDER_LIMIT = _text(
    "Alerts of {sender} are not accepted: it has {limit} active already. Watch the screens of that system",
    sender="10.0.0.7", limit="500",
)  # fmt: skip
UNNAMED_SENDER = "a system without a name"
SENDER_TAKEN = _ending("Alerts of {sender} are accepted again", sender="10.0.0.7")

# State and log

STATE_REBUILT = _text(
    "The state of the alerts (alerts.db) was {what}: rebuilt from the log, active alerts are sent again",
    what="missing",
)  # fmt: skip
DAMAGED = TextTemplate(TextKind.NOTE, "damaged (moved to {file})", file="alerts.db.broken-20261130T090635Z")
LOG_REPLACED = _text(
    "The log was lost or replaced: active alerts go on, acknowledgements and findings that were not read are missing. "
    "Look at each patient with an active alert ({position})", position="ward.findings 0: 120 read, the log has 7",
)  # fmt: skip
