"""The texts of messages about alerts: the first line and subject, and the lines below."""

from ward.text_template import TextKind, TextTemplate


def _line(text: str, /, **example: str) -> TextTemplate:
    return TextTemplate(TextKind.MESSAGE, text, **example)


def _part(text: str, /, **example: str) -> TextTemplate:
    return TextTemplate(TextKind.NOTE, text, **example)


_PLACE, _TEXT = "ICU bed 7: ", "SpO2 84 % < 88"

# The first line, which is also the subject

PRIORITY = _part("{severity} priority", severity="HIGH")
UPDATE = _line("{status}, {alert}", status="HIGH priority", alert=_PLACE + _TEXT)
UPDATE_NOTES = _line(
    "{update} ({notes})", update=f"HIGH priority, {_PLACE}{_TEXT}",
    notes="measured at 14:02:15 CET; worst 79 %; alert for 8 min 5 s; not acknowledged for 3 min",
)  # fmt: skip
LOST_ACTIVE = _part("SIGNAL LOST, alert still active: {priority}", priority="HIGH priority")
ALIKE = _line(
    "{status}{ward}: {count} alerts {rule}: {places}", status="MEDIUM priority", ward=", Intensive care", count="40",
    rule="device-silent", places="ICU beds 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 30 more",
)  # fmt: skip

ONE_MORE_ENDED = _part("{first} and 1 more alert, ended too", first=f"ALERT ENDED, {_PLACE}SpO2 95 %, back above 90")
MORE_ENDED = _part(
    "{first} and {count} more alerts, ended too", first=f"ALERT ENDED, {_PLACE}SpO2 95 %, back above 90", count="2"
)  # fmt: skip
MORE = _part("{first} and {count} more alerts", first=f"HIGH priority, {_PLACE}{_TEXT}", count="2")
ONE_MORE = _part("{first} and 1 more alert", first=f"HIGH priority, {_PLACE}{_TEXT}")
SUBJECT = _line(
    "{more}: {others}", more=f"HIGH priority, {_PLACE}{_TEXT} and 2 more alerts",
    others="HIGH priority, Heart rate 141 /min > 130; MEDIUM priority, Respiratory rate 30 /min > 24",
)  # fmt: skip
SUBJECT_CUT = _line(
    "{more}: {others}; {count} not named here", more=f"HIGH priority, {_PLACE}{_TEXT} and 3 more alerts",
    others="HIGH priority, Heart rate 141 /min > 130", count="2",
)  # fmt: skip

ENDED_NOW = _line(
    "{status}{place}{now} ({was}; {notes})", status="ALERT ENDED", place=f", {_PLACE}",
    now="SpO2 95 %, back above 90", was=f"was HIGH priority: {_TEXT}", notes="worst 79 %; lasted 3 min 15 s",
)  # fmt: skip
ENDED_WAS = _line(
    "{status}{place}{was} ({notes})", status="ALERT CLOSED, NO LONGER CHECKED (paused)", place=f", {_PLACE}",
    was=f"was HIGH priority: {_TEXT}", notes="worst 79 %; lasted 3 min 15 s",
)  # fmt: skip
BOTH = _line(
    "{first}; {second}", first=f"HIGH priority STILL ACTIVE, {_PLACE}SpO2 55 % < 85 and 1 more alert",
    second=f"ALERT ENDED: SpO2 no longer falling, 58 % now (was MEDIUM priority: {_TEXT}; lasted 3 min 15 s)",
)  # fmt: skip
GOES_ON = _part(
    "{priority} STILL ACTIVE{place}{text}", priority="HIGH priority", place=f", {_PLACE}", text="SpO2 55 % < 85"
)  # fmt: skip
WAS = _part("was {priority}: {text}", priority="HIGH priority", text=_TEXT)

# Notes in brackets

MEASURED = _part("measured at {time}", time="14:02:15 CET")
SINCE = _part("alert since {time}", time="14:02:15 CET")
WORST = _part("worst {value}", value="79 %")
LASTING = _part("alert for {span}", span="8 min 5 s")
LASTED = _part("lasted {span}", span="3 min 15 s")
WAS_PRIORITY = _part("was {priority}", priority="MEDIUM priority")
UNACKNOWLEDGED = _part("not acknowledged for {span}", span="3 min")
WAITING = _part("ended at {time}; {unacknowledged}", time="14:20:03 CET", unacknowledged="not acknowledged for 5 min")
STAYS = _part("{end}, alert stays until acknowledged", end="signal lost, not known whether it has ended")
STILL_THERE = _part(
    "acknowledged by {by}{before} at {time}, still active after {span}", by="Ada", before="", time="14:02:15 CET",
    span="30 min",
)  # fmt: skip
TAKEN_OVER = _part(", who took it over from {by},", by="Ben")
NO_DATA_SINCE = _part("no data since {time}, not known whether it has ended", time="14:02:15 CET")
LATE = _part("detected late by {span}", span="14 min")
ENDED_AT = _line("{end}, at {time} after {span}", end="ended", time="14:20:03 CET", span="3 min 15 s")

# The lines below

DESCRIPTION = _line(
    "{summary}. Since {since}, detected after {span}.", summary=_PLACE + _TEXT, since="14:02:15 CET", span="15 s"
)  # fmt: skip
BY_RULE = _part("Rule {rule}, config {config}.", rule="spo2_low", config="82e06ae94ef7b571")
SPECIAL_LIMITS = _line("Special limits: {why}", why="COPD, ordered by Dr. Adams")

VALUE = _line("Value {value}{time}{limit}", value="84 %", time=" at 14:02:15 CET", limit=", limit 88 %")
VALUE_DURING = _line(
    "Value during the alert {value}{time}{limit}", value="84 %", time=" at 14:02:15 CET", limit=", limit 88 %"
)  # fmt: skip
WORST_VALUE = _line("Worst value {value} at {time}{limit}", value="79 %", time="14:02:15 CET", limit="")
AT_TIME = _part(" at {time}", time="14:02:15 CET")
AND_LIMIT = _part(", limit {limit}", limit="88 %")
PEAK = _line("At its worst: {priority}", priority="HIGH priority")
ALERT_SINCE = _line("Alert since {time}, for {span}", time="14:02:15 CET", span="3 min 15 s")
ACKNOWLEDGED = _line("Acknowledged by {by} at {time}{note}", by="Ada", time="14:02:15 CET", note=": on my way")
PATIENT, DEVICE, WARD = (
    _line("Patient {id}", id="p-17"), _line("Device {id}", id="mon-icu-07"), _line("Ward {id}", id="icu")
)  # fmt: skip
RULE = _line("Rule {rule}, config {config}", rule="spo2_low", config="82e06ae94ef7b571")
RULE_OF_OTHERS = _line("Rule {rule}, of another system", rule="DiskFull")
WHAT_TO_DO = _line("What to do: {link}", link="https://hospital.test/spo2")
ACKNOWLEDGE = _line("Acknowledge: {link}", link="https://ward.test/bed/icu-07?alert=4f1c")
SEE = _line("See: {link}", link="https://ward.test/bed/icu-07?alert=4f1c")
WHY = _line("Reason for this message: {reason}", reason="sent immediately: HIGH priority")
AND_MORE = _line("… and {count} more alerts", count="12")
SINCE_TIME = _part("  since {time}", time="14:02:15 CET")
OTHERS_ACTIVE = _line("Other active alerts:")
STILL_ACKNOWLEDGED = _part(
    "{alert} (acknowledged by {by})", alert=f"HIGH priority, {_PLACE}{_TEXT}", by="Ada"
)  # fmt: skip
ACKNOWLEDGE_BELOW = _part("  acknowledge: {link}", link="https://ward.test/bed/icu-07?alert=4f1c")
ALL_ALERTS = _line("All alerts: {link}", link="https://ward.test/")
SHORT_SINCE = _part("since {time}", time="14:02:15 CET")

# A message that could not be sent at once

DELAYED_OF = _line(
    "{subject} (delayed message of {time})", subject=f"HIGH priority, {_PLACE}{_TEXT}", time="14:02:15 CET"
)  # fmt: skip
DELAYED = _line("{subject} (delayed message)", subject=f"HIGH priority, {_PLACE}{_TEXT} and 2 more alerts")
BECAME = _line(
    "{became} at {time} (delayed message): {subject}", became="ALERT ENDED", time="14:20:03 CET",
    subject=f"HIGH priority, {_PLACE}{_TEXT}",
)  # fmt: skip
OR_ACKNOWLEDGED = _part("{ended} OR ACKNOWLEDGED", ended="ALERT ENDED")
ACKNOWLEDGED_BY = _part("ACKNOWLEDGED by {by}", by="Ada")
NOT_IN_TIME = _line("This message could not be sent in time.")
PART_ENDED, PART_OVER = (
    _line("Some of what it reports has ended:"), _line("Some of what it reports has ended or is acknowledged:")
)  # fmt: skip
ALL_ENDED, ALL_OVER = (
    _line("What it reports has ended:"), _line("What it reports has ended or is acknowledged:")
)  # fmt: skip
TAKEN = _part("acknowledged by {by} at {time}", by="Ada", time="14:02:15 CET")

# Places

AND_PLACES = _part("{places} and {count} more", places="ICU beds 1, 2, 3", count="12")

# A message to another system

WEBHOOK = _line("{count} alerts of {group}", count="2", group='nurses, bed="icu-07"')
WEBHOOK_ONE = _line("1 alert of {group}", group='nurses, bed="icu-07"')
WEBHOOK_ACKNOWLEDGED = _part("by {by} at {time}", by="Ada", time="2026-11-21T13:02:15.000Z")
UNCHANGED = _part("still active")

# What the web program sends when the program alerts is dead

NO_ALERTS_RAISED = _line("HIGH priority, Wardwatch raises no alerts: watch patients at the bedside")
NO_ALERTS_BODY = _line(
    "{time}: {why}.\nNo new alerts are raised. Watch patients at the bedside, and start the program alerts again.\n"
    "This message comes once, and another one when alerts works again.", time="14:02:15 CET",
    why="alerts: no heartbeat for 45 s, so no new alert is shown or sent",
)  # fmt: skip
ALERTS_BACK = _line("Wardwatch raises alerts again")
ALERTS_BACK_BODY = _line(
    "{time}: the program alerts works again. It did no work at {since}.\nLook at the ward screen for what has begun "
    "since.", time="14:20:03 CET", since="14:02:15 CET",
)  # fmt: skip
