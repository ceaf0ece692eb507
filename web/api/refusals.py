"""The sentences of answers that refuse a request: what is wrong, and what to do. A dialog of the screen shows them."""

from ward.text_template import TextKind, TextTemplate


def _no(text: str, /, **example: str) -> TextTemplate:
    return TextTemplate(TextKind.REFUSAL, text, **example)


def _part(text: str, /, **example: str) -> TextTemplate:
    return TextTemplate(TextKind.NOTE, text, **example)


# Acknowledging: at the bedside

NO_ALERT = _no("There is no alert {id}: GET /api/v1/alerts lists the active ones.", id="'4f1c'")
NO_ALERT_HERE = _no("There is no alert {id} here: GET /api/v1/alerts?state=all lists them.", id="'4f1c'")
NOT_ACTIVE = _no("This alert is not active since {time}: {end}.", time="14:20:03 CET", end="ended")
ACKNOWLEDGED = _no(
    "This alert is acknowledged already, by {by} at {time}.", by="Nurse Ben", time="14:02:15 CET"
)  # fmt: skip
NOTHING_TO_TAKE_OVER = _no("Nobody has acknowledged this alert: acknowledge it instead of taking it over.")
TAKEN_OVER_ALREADY = _no("{by} has this alert already, since {time}.", by="Nurse Ada", time="14:02:15 CET")
NOT_ACKNOWLEDGED = _no("This alert is not acknowledged: nothing was changed.")
LINK_INVALID = _no("This link is not valid. Acknowledge the alert on the ward screen.")
LINK_EXPIRED = _no(
    "This link expired at {time}. Acknowledge the alert on the ward screen.", time="14:02:15 CET"
)  # fmt: skip
TOO_MANY_LINKS = _no("Links were opened too often: acknowledge the alert on the ward screen, or try again in a minute.")
NO_NAME = _no("'by' must be the name of the person who does this.")
NOT_READ = _no(
    "Send JSON such as {example}: {why}.", example='{"by": "Nurse Ada"}', why="Object missing required field `by`"
)  # fmt: skip

# Silences

NO_REASON = _no("'note' must give the reason: the screen shows it to others.")
NO_SILENCE = _no("There is no silence {id}: GET /api/v2/silences lists them.", id="'s-17'")
TOO_MANY_SILENCES = _no("There are {count} silences already: end some of them first.", count="1000")
NOT_BY_ID = _no("The id of this alert cannot be used in a silence: POST /api/v2/silences with its labels.")
SILENCED_ALREADY = _no(
    "This alert is silenced already, by {by} until {time}: end that silence first.", by="Nurse Ben",
    time="14:20:00 CET",
)  # fmt: skip
NOT_SILENCED = _no("This alert cannot be silenced: {why}.", why="a matcher is longer than 500 characters")
WIDE_SILENCE = _no(
    "That would mute every HIGH priority alert about patients of {wards}: silence less, or for at most {short}. To "
    "confirm it, for at most {longest}, write '{confirmation}' into the comment.", wards="icu", short="15 min",
    longest="12 h", confirmation="mutes icu",
)  # fmt: skip

# Observations of a patient

NO_SUCH_TIME = _no("'at' must be an RFC 3339 time with a zone, such as 2026-11-21T15:00:00Z.")

# Whatever does not answer

NOT_SAVED = _no(
    "It is not known whether this was saved: the log does not answer ({why}). Look at what the screen shows, and try "
    "again.", why="no answer in 4 s",
)  # fmt: skip
NO_HISTORY = _no(
    "There are no curves and no history now: the store does not answer ({why}). Live values and alerts go on. Try "
    "again.", why="no answer in 3 s",
)  # fmt: skip
NO_ANSWER = _part("no answer in {seconds} s", seconds="3")
CHANGE_TOO_LONG = _no(
    "It is not known whether this was saved: it took too long. Look at what the screen shows, and try again."
)
TOO_LONG = _no("That took too long: ask for less, or try again.")
INTERNAL = _no(
    "An internal error of Wardwatch: a change may not have been saved. The log of the program web has the details."
)

# What was asked for

NO_BED = _no("There is no bed {id}: GET /api/v1/beds lists them.", id="'icu-99'")
NO_WARD = _no("There is no ward {id}: GET /api/v1/wards lists them.", id="'icuu'")
NO_WARD_AT_ALL = _no("There is no ward: ward.yaml has none.")
NO_DEVICE = _no("There is no device {id}: GET /api/v1/devices lists them.", id="'mon-icu-99'")
WHICH_SIGNAL = _no("Say which signal you want, such as signal=heart_rate: GET /api/v1/signals lists them.")
NO_SIGNAL = _no("{id} cannot name a signal: GET /api/v1/signals lists those of the catalogue.", id="'heart rate'")
FROM_AFTER_TO = _no("'from' must lie before 'to'.")
OVER_A_YEAR = _no("That is more than a year: ask for a shorter time.")
OVER_A_MONTH = _no("That is more than 31 days: ask for a shorter time.")
OVER_A_WEEK = _no("That is more than a week: a handover is about a shift. Ask for a shorter time.")
SHIFT_AND_TIMES = _no("Give 'shift', or 'from' and 'to', not both.")
FUTURE = _no("'from' lies in the future: nothing is known of that time.")
NO_HANDOVER_MAILS = _no("Nobody gets handovers by mail: name `receivers` under `handover` in alerts.yaml.")
NO_HANDOVER_ADDRESS = _no(
    "The handover cannot be mailed: no channel of {receivers} has an address. Print it, and have the address of a "
    "channel set in alerts.yaml.", receivers="reports",
)  # fmt: skip
NO_WIDTH = _no("every={text} is no bucket width: give it with its unit, such as 10s, 5m or 1h.", text="'10'")
NO_COUNT = _no("{name}={text} must be a whole number from 1 to {most}.", name="limit", text="'0'", most="1000")
NO_CHOICE = _no("{name}={text} must be one of {choices}.", name="state", text="'old'", choices="active, ended, all")
NO_TIME = _no(
    "{name}={text} must be an RFC 3339 time with a zone, such as 2026-11-21T15:00:00Z.", name="from", text="'noon'"
)  # fmt: skip
QUERY = _no("{why}.", why="more than 100,000 points: ask for wider buckets")
PARAMETER = _no("{name}: {why}: GET /docs shows what is expected.", name="limit", why="Input should be a valid integer")
A_PARAMETER = _part("a parameter")
NO_ADDRESS = _no("There is no such address: GET /docs lists them.")
NO_METHOD = _no("This address does not support that method: GET /docs lists them.")
OTHER = _no("{why}", why="Unprocessable Entity")
OTHER_HOST = _no("The host {host} is not served here: add it to WARDWATCH_HTTP_HOSTS if it should be.", host="'evil'")
OTHER_SITE = _no("A page of another site asked for this change: do it on this screen.")
NOT_JSON = _no("Send it as JSON, with the header Content-Type: application/json.")
TOO_LARGE = _no("That is more than {limit} KiB: send less.", limit="64")

# Alerts and silences of other systems

FILTER = _no("filter or receiver: {why}.", why="a matcher has no operator")
BODY = _no("The body is refused: {why}.", why="labels: more than 64")
SENDER_LIMITED = _no(
    "{count} of {all} alerts accepted: {why}{also}.", count="3", all="5", why="10.0.0.7 has 500 active", also=""
)  # fmt: skip
PARTLY_REFUSED = _no("{count} alerts accepted, {refused}.", count="3", refused="1 refused: alert 2: no alertname")
REFUSED_ALERTS = _part("{count} refused: {faults}{more}", count="1", faults="alert 2: no alertname", more="")
AND_MORE = _part("; and {count} more", count="2")

# The system

NO_MAILBOX = _no("There is no mailbox here: only the demo has one.")
CANNOT_RELOAD = _no("This program cannot reload: edit config/ and send SIGHUP to the one that can.")
EDIT_WAITS = _no("{why}.", why="The edit is not in force: rule desaturation (spo2) is removed")
FAULT = _no("The new config has 1 fault; the old one stays in force: {first}", first="thresholds.yaml:12:7: no number")
FAULTS = _no(
    "The new config has {count} faults; the old one stays in force: {first}", count="2",
    first="thresholds.yaml:12:7: no number",
)  # fmt: skip
NO_SUCH_EDIT = _no("Edit {edit} does not wait for a confirmation; no edit does.", edit="'82e06ae94ef7'")
OTHER_EDIT = _no(
    "Edit {edit} does not wait for a confirmation; edit {waiting} does: look at it first.", edit="'82e06ae94ef7'",
    waiting="1c9f6d03ab11",
)  # fmt: skip
NO_CHANNEL = _no("There is no channel {name}; there is {known}.", name="'fax'", known="mail, sms")
NO_RECEIVER = _no("There is no receiver {name}; there is {known}.", name="'doctor'", known="nurses, doctors")
NAME_SOME = _no("Name 'channels' or 'receivers', such as {example}.", example='{"channels": ["mail"]}')
ADDRESS_MISSING = _part(
    "no address: set `urls` or `url_file` of this channel in alerts.yaml, or the variable that `urls` names"
)
WITHOUT_ADDRESS = _no("{channels}: {why}. Nothing is sent.", channels="sms", why=ADDRESS_MISSING.example)
NO_TEST = _no("There is no test {id} of a channel.", id="'t-4'")

# What another system posts

SENDER_TOO_MANY = _part(
    "this sender has {limit} alerts active, as many as external_limit of alerts.yaml allows; post the others when some "
    "have ended", limit="1000",
)  # fmt: skip
SENDER_TOO_FAST = _part(
    "this sender posts more than the {rate} alerts a minute that external_rate of alerts.yaml allows; post the others "
    "after Retry-After", rate="600",
)  # fmt: skip
